"""Work that nobody waits for: what fails is told to whoever runs the server, as loudly as it deserves."""

import asyncio

from graphdb.errors import StoreUnavailable
from server.background import Background
from tests.server.log import Pipe, lines
from tests.servers import Json


async def _told(work: Exception, written: Pipe) -> Json:
    """The one line that the log gets when work fails like that, and is asked for again."""
    background, again = Background(), asyncio.Event()
    failures = iter([work])

    async def fail() -> None:
        for failure in failures:
            raise failure
        again.set()

    background.every(0, fail)
    await again.wait()
    await background.close()
    (line,) = lines(written)
    return line


async def test_a_store_that_is_away_is_a_warning_and_the_timer_tries_again(written: Pipe) -> None:
    line = await _told(StoreUnavailable("away"), written)

    assert (line["event"], line["level"], line["code"]) == ("background_task_postponed", "warning", "STORE_UNAVAILABLE")
    assert "exception" not in line


async def test_anything_else_is_an_error_with_its_traceback(written: Pipe) -> None:
    line = await _told(ValueError("a defect"), written)

    assert (line["event"], line["level"]) == ("background_task_failed", "error")
    assert "ValueError: a defect" in line["exception"]
