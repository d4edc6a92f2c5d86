"""Every benchmark, one after the other, each in a process of its own: `make bench`."""

import subprocess
import sys
from pathlib import Path

PARTS = ("report", "populations", "hostile", "observing", "__main__", "__init__")


def main() -> None:
    folder = Path(__file__).parent
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem not in PARTS)
    failed = [name for name in names if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode]
    if failed:
        sys.exit(f"not measured, or beyond a limit: {', '.join(failed)}")


if __name__ == "__main__":
    main()
