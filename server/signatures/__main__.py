"""The verifying process: `python -m server.signatures`, started by `server.signatures.verifier`."""

from graphdb.answering import answer_all
from server.signatures.frames import answer

if __name__ == "__main__":
    answer_all(answer)
