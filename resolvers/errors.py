"""What a request can lack before any rule of the domain is asked.

DomainError
├── NoAgent, AgentLocked, SignatureRequired, NotThisAgent, Unauthorized
└── InvalidArgument
    └── InvalidCursor
"""

from domain.errors import DomainError, shown


class NoAgent(DomainError):
    code = "NO_AGENT"

    def __init__(self) -> None:
        super().__init__("No agent stands behind this request: sign in, or generate the main agent first")


class AgentLocked(DomainError):
    code = "AGENT_LOCKED"

    def __init__(self, did: str) -> None:
        super().__init__(f"The key of {did} is locked: call agentUnlock with its passphrase first", did=did)


class SignatureRequired(DomainError):
    code = "SIGNATURE_REQUIRED"

    def __init__(self, did: str) -> None:
        super().__init__(f"{did} keeps its own key: give the signed statement in the argument `signed`", did=did)


class NotThisAgent(DomainError):
    code = "NOT_THIS_AGENT"

    def __init__(self, author: str, agent: str) -> None:
        super().__init__(f"The statement is {author}'s; the token is {agent}'s", author=author, agent=agent)


class Unauthorized(DomainError):
    code = "UNAUTHORIZED"

    def __init__(self) -> None:
        super().__init__("Unauthorized access: the token was revoked or has expired")


class InvalidArgument(DomainError):
    code = "INVALID_ARGUMENT"

    def __init__(self, argument: str, expected: str, value: object) -> None:
        super().__init__(
            f"{argument}: expected {expected}, got {shown(value)}",
            argument=argument,
            expected=expected,
            value=shown(value),
        )


class InvalidCursor(InvalidArgument):
    code = "INVALID_CURSOR"
