"""How a benchmark tells what it measured: a table with ratios for people, one JSON line for programs."""

import json
import platform
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure beside its limit or peer from the same run; `ratio` is figure / limit."""

    name: str
    figure: float
    unit: str
    limit: float | None = None
    limit_name: str = ""
    target: str = ""

    @property
    def ratio(self) -> float | None:
        return None if not self.limit else self.figure / self.limit


def show(benchmark: str, rows: list[Measured]) -> None:
    print(f"\n{benchmark}")
    for row in rows:
        beside = (
            "" if row.limit is None else f"  {row.limit:>10,.2f} {row.unit} {row.limit_name} (ratio {row.ratio:.2f})"
        )
        target = f"  target: {row.target}" if row.target else ""
        print(f"  {row.name:<44} {row.figure:>10,.2f} {row.unit}{beside}{target}")
    figures = [{**asdict(row), "ratio": row.ratio} for row in rows]
    print(json.dumps({"benchmark": benchmark, "python": platform.python_version(), "figures": figures}))
