"""Structured logs: one line for each event, with the request's id and without any secret."""

import logging

import structlog
from structlog.typing import EventDict, WrappedLogger

SECRET = frozenset({"passphrase", "token", "authorization", "credential", "password", "seed", "keystore", "jwt"})


def configure(level: str, form: str) -> None:
    """Called once by the command line; tests and libraries keep Python's defaults."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )
    logging.basicConfig(level=logging.WARNING)


def _without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    for name in event:
        if any(word in name.lower() for word in SECRET):
            event[name] = "(not logged)"
    return event
