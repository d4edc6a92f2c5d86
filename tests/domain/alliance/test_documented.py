"""The worked examples of docs/alliance.md run as they stand, each after the ones before it."""

import re
from pathlib import Path

from domain.alliance.engagement import ENGAGES
from domain.alliance.policy import STANDARD

PAGE = Path(__file__).parents[3] / "docs" / "alliance.md"


def test_the_worked_examples_hold() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf8"), re.DOTALL)
    names: dict[str, object] = {}

    assert examples
    for example in examples:
        exec(compile(example, str(PAGE), "exec"), names)


def test_every_reason_is_in_the_table() -> None:
    rows = [line for line in PAGE.read_text("utf8").splitlines() if line.startswith("|")]

    assert [reason for reason in ENGAGES if f"`{reason}`" not in "\n".join(rows)] == []


def test_the_weights_of_the_table_are_those_of_the_code() -> None:
    shown = dict(re.findall(r"`(\w+)` \| ([+-]?\d) \|", PAGE.read_text("utf8")))

    counted = {kind: weight for kind, weight in STANDARD.weights.items() if not kind.endswith("_given")}
    assert {kind: int(weight) for kind, weight in shown.items()} == counted
