"""The log as a server would write it, for tests to read."""

import io
import json

from tests.servers import Json


class Pipe(io.StringIO):
    """What is logged, for as long as somebody reads it."""

    broken = False

    def write(self, text: str) -> int:
        if self.broken:
            raise BrokenPipeError
        return super().write(text)


def lines(written: Pipe) -> list[Json]:
    return [json.loads(line) for line in written.getvalue().splitlines()]
