"""A process for tests of `graphdb.beside`: answers what it is asked backwards, and does what some questions say."""

import os
import sys
import time

from graphdb.answering import answer_all


def answer(question: bytes) -> bytes:
    if question == b"print":
        print("a word")
    if question == b"end":
        sys.exit()
    if question == b"wait":
        time.sleep(60)
    if question == b"settings":
        return ",".join(sorted(name for name in os.environ if name.startswith("CHORUS_"))).encode()
    return question[::-1]


if __name__ == "__main__":
    answer_all(answer)
