"""What the graph database may answer besides data."""

from domain.errors import DomainError


class StoreUnavailable(DomainError):
    """The database cannot be reached or cannot write; nothing was acknowledged, and a retry is safe."""

    code = "STORE_UNAVAILABLE"

    def __init__(self, why: str) -> None:
        super().__init__("The store is not available at the moment; nothing was lost, try again")
        self.why = why
