"""What the graph database may answer besides data."""

from domain.errors import CodedError, DomainError


class StoreUnavailable(CodedError):
    """The database cannot be reached or cannot write; nothing was acknowledged, and a retry is safe.

    It is no refusal: whoever passes over what the rules refuse stops at this.
    """

    code = "STORE_UNAVAILABLE"

    def __init__(self, why: str) -> None:
        super().__init__("The store is not available at the moment; nothing was lost, try again")
        self.why = why


class DamagedRecord(DomainError):
    """What is stored cannot be read. It is never taken for nothing: a damaged history must not wash anybody white."""

    code = "DAMAGED_RECORD"

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"The stored record of {what} cannot be read; nothing was changed")
        self.what = what
        self.why = why
