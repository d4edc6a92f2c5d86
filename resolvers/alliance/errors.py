"""What a request about the alliance can lack before any rule of the domain is asked.

DomainError
└── NotYourHistory
"""

from domain.errors import DomainError, shown


class NotYourHistory(DomainError):
    """An import brings what another observer recorded: nobody writes that but the observer."""

    code = "NOT_YOUR_HISTORY"

    def __init__(self, path: str, observer: str) -> None:
        super().__init__(f"{path} is the history of {shown(observer)}", path=path, observer=shown(observer))
