"""Structured logs: one line for each event, with the request's id and without any secret."""

import logging
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET = frozenset({"passphrase", "token", "authorization", "credential", "password", "seed", "keystore", "jwt"})


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Called once by the command line; tests and libraries keep Python's defaults.

    Writes to standard output where no stream is given.
    """
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    rendered: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            *(rendered if form == "json" else [plain]),  # neither writes local variables: they hold secrets
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )
    logging.basicConfig(level=logging.WARNING)
    # While Neo4j is away its driver says so at every attempt; whoever asked is told, and `refused` logs why.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)


def _without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    for name in event:
        if any(word in name.lower() for word in SECRET):
            event[name] = "(not logged)"
    return event
