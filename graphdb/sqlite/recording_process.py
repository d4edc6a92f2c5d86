"""The recording process: `python -m graphdb.sqlite.recording_process FILE`, started by `graphdb.sqlite.recorder`."""

import sys
import traceback

import apsw

from domain.errors import CodedError
from graphdb.answering import answer_all
from graphdb.ledger import keep
from graphdb.running import RunningSignals
from graphdb.sqlite.connection import connect, transaction, translated
from graphdb.sqlite.recorder import packing
from graphdb.sqlite.recording import record_all


def main(path: str) -> None:
    connection, running = connect(path), RunningSignals()
    answer_all(lambda question: _answer(question, connection, running))


def _answer(question: bytes, connection: apsw.Connection, running: RunningSignals) -> bytes:
    try:
        with translated(), transaction(connection, "IMMEDIATE"):
            answers, moved = record_all(connection, packing.unpack(question), running)
    except Exception as exc:  # noqa: BLE001 -- whoever asked gets it
        if not isinstance(exc, CodedError):
            exc.add_note(traceback.format_exc())
        return packing.pack(exc)
    keep(running, moved)
    return packing.pack(answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
