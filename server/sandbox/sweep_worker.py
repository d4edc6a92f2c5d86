"""One sweep in a process of its own: `python -m server.sandbox.sweep_worker DONE BYTES SECONDS`, its plan on standard
input.

The rows of the runs that advance together are a line on the standard output, in the order of conditions and seeds; the
first DONE of all the rows are there already. A run is the same whichever others it advances with.
"""

import sys

from domain.sandbox.study.plan import Plan, plan_of
from server.sandbox import engines
from server.sandbox.process import limited, tell


def main(done: int, memory: int, seconds: int) -> int:
    text = sys.stdin.buffer.readline()
    return limited(lambda: _sweep(plan_of(text), done), memory, seconds)


def _sweep(plan: Plan, done: int) -> None:
    for unit in plan.sweep().units_after(done):
        rows = engines.work(unit)
        tell(done, rows)
        done += len(rows)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
