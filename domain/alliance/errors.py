"""What the alliance refuses, each with a stable code and the facts.

DomainError
├── InvalidShape
│   └── InvalidAllianceData     a row of an import or of replay data that cannot be read
└── UnknownPolicy
"""

from domain.errors import DomainError, InvalidShape, shown


class InvalidAllianceData(InvalidShape):
    code = "INVALID_ALLIANCE_DATA"
    noun = "alliance data"


class UnknownPolicy(DomainError):
    code = "UNKNOWN_POLICY"

    def __init__(self, profile: object, version: object) -> None:
        super().__init__(
            f"No alliance policy {shown(profile)} version {shown(version)}",
            profile=shown(profile),
            version=shown(version),
        )
