"""Structured logs: one line for each event, with the request's id and without any secret."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET = frozenset({"passphrase", "token", "authorization", "credential", "password", "seed", "keystore", "jwt"})


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Called once by the command line; tests and libraries keep Python's defaults.

    Writes to standard error where no stream is given, also what the libraries say: standard output is for what a
    command answers. A line that cannot be written, because whoever read them has gone, is lost and fails nothing.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    rendered: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    target = sys.stderr if stream is None else stream
    plain = structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback)
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                *(rendered if form == "json" else [plain]),  # neither writes local variables: they hold secrets
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    ours = logging.getLogger("chorus")
    ours.setLevel(threshold)
    structlog.configure(
        processors=[*shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=lambda *_: ours,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
    )
    # While Neo4j is away its driver says so at every attempt; whoever asked is told, and `refused` logs why.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)


def _without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    for name in event:
        if any(word in name.lower() for word in SECRET):
            event[name] = "(not logged)"
    return event
