"""What every worker process has in common: its limits, and how it tells what came of its work.

It is killed by whoever started it when it takes too long, and by its own limits when it takes too much.
"""

import resource
import sys
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from domain.errors import DomainError


def limited(work: Callable[[], None], memory: int, seconds: int) -> int:
    """0 once the work is done; 1 where it failed, the last line on the standard output saying why."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        work()
    except (DomainError, OSError, ArithmeticError, ValueError) as exc:
        _say({"problem": str(exc)})
        return 1
    except MemoryError:
        _say({"problem": f"More than {memory:,} bytes of memory are needed"})
        return 1
    return 0


def tell(first: int, results: Sequence[object]) -> None:
    """Results, of which the first has this number."""
    _say({"first": first, "results": results})


def ask_seats(seen: Sequence[object], seconds: float) -> None:
    """What seats see; they are waited for so long."""
    _say({"seats": seen, "seconds": seconds})


def _say(fields: dict[str, Any]) -> None:  # Any: JSON
    sys.stdout.buffer.write(orjson.dumps(fields, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
