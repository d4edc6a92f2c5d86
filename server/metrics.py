"""What Prometheus sees at `/metrics`: each application has its own registry."""

from collections.abc import Sequence

from graphql import GraphQLError
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """Counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.operations = Counter("chorus_operations", "Operations answered over HTTP", registry=self.registry)
        self.errors = Counter("chorus_errors", "Errors answered, by code", ["code"], registry=self.registry)
        self.sockets = Gauge("chorus_sockets", "Open WebSockets", registry=self.registry)
        self.entries = Gauge("chorus_log_position", "Position of the newest log entry", registry=self.registry)

    def answered(self, errors: Sequence[GraphQLError] | None) -> None:
        self.operations.inc()
        for error in errors or ():
            self.errors.labels(str((error.extensions or {}).get("code", "UNKNOWN"))).inc()

    def page(self) -> bytes:
        return generate_latest(self.registry)
