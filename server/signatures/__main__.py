"""The verifying process: `python -m server.signatures`, started by `server.signatures.verifier`."""

import signal
import sys

from server.signatures.frames import READY, answer, questions


def main() -> None:
    """Until the server ends, however it does: its end of the pipe is closed then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the server
    given, told = sys.stdin.buffer, sys.stdout.buffer
    told.write(READY)
    told.flush()
    for claims in questions(given):
        told.write(answer(claims))
        told.flush()


if __name__ == "__main__":
    main()
