"""The last line of a log, if its run came to an end."""

from domain.errors import CodedError
from domain.sandbox.eventlog.header import encoded


def ended(run_id: str, epochs: int, digest: str) -> bytes:
    """`digest` is the SHA-256 of every byte before."""
    return encoded({"event": "run_ended", "run": run_id, "epochs": epochs, "sha256": digest})


def failed(run_id: str, epoch: int, problem: Exception) -> bytes:
    """`epoch` is the one that could not be finished."""
    code = problem.code if isinstance(problem, CodedError) else type(problem).__name__
    return encoded({"event": "run_failed", "run": run_id, "epoch": epoch, "code": code, "message": str(problem)})
