"""What a request can lack before any rule of the domain is asked.

DomainError
├── NoAgent, AgentLocked, SignatureRequired, NotThisAgent, TooManyRequests
├── UnknownScenario, UnknownRun, UnknownSweep, TooManyRuns              about the sandbox
├── UnknownSeat, NotYourSeat, NotYourTurn, AlreadyActed                 about a run's seats
├── Unauthorized, InvalidToken                                          about the token
├── UnknownRequest, NoPermittedRequest, UnknownApp, UnknownChallenge    about getting one
├── NotHosted, AgentExists, AlreadyHosted                               about hosted agents
├── WrongPassphrase, TooManyAttempts, KeyringBusy, InvalidKeystore      about their keys
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


class TooManyRequests(DomainError):
    code = "TOO_MANY_REQUESTS"

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(
            f"At most {limit} requests of this kind a minute; try again in {seconds} s",
            limit=limit,
            seconds=seconds,
        )


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


class Unauthorized(DomainError):
    """The token is dead. Clients of ad4m look for the first two words."""

    code = "UNAUTHORIZED"

    def __init__(self) -> None:
        super().__init__("Unauthorized access: the token was revoked or has expired")


class InvalidToken(DomainError):
    """Clients of ad4m look for the first word."""

    code = "INVALID_TOKEN"

    def __init__(self) -> None:
        super().__init__("InvalidToken: the token is not one that this server issued, or it has expired")


class UnknownRequest(DomainError):
    code = "UNKNOWN_REQUEST"

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"No open capability request has the id {shown(request_id)}: it may have expired, or be another agent's",
            requestId=shown(request_id),
        )


class NoPermittedRequest(DomainError):
    """Clients of ad4m look for these words. It does not tell a wrong number from a wrong request."""

    code = "NO_PERMITTED_REQUEST"

    def __init__(self) -> None:
        super().__init__("Can't find permitted request: ask for the capability again")


class UnknownApp(DomainError):
    code = "UNKNOWN_APP"

    def __init__(self, request_id: str) -> None:
        super().__init__(f"This agent granted no token under {shown(request_id)}", requestId=shown(request_id))


class UnknownChallenge(DomainError):
    code = "UNKNOWN_CHALLENGE"

    def __init__(self) -> None:
        super().__init__("No such challenge for this DID: it was used, has expired, or was never given")


class NotHosted(DomainError):
    code = "NOT_HOSTED"

    def __init__(self, did: str) -> None:
        super().__init__(f"This server keeps no key of {shown(did)}", did=shown(did))


class AgentExists(DomainError):
    code = "AGENT_EXISTS"

    def __init__(self, did: str) -> None:
        super().__init__(f"The main agent is {did} already; agentCreateHosted makes further ones", did=did)


class AlreadyHosted(DomainError):
    code = "ALREADY_HOSTED"

    def __init__(self, did: str) -> None:
        super().__init__(f"This server keeps the key of {did} already", did=did)


class WrongPassphrase(DomainError):
    code = "WRONG_PASSPHRASE"

    def __init__(self) -> None:
        super().__init__("The passphrase does not open this key")


class TooManyAttempts(DomainError):
    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, did: str, milliseconds: int) -> None:
        seconds = -(-milliseconds // 1000)
        super().__init__(f"Too many wrong passphrases of {did}; try again in {seconds} s", did=did, seconds=seconds)


class KeyringBusy(DomainError):
    code = "KEYRING_BUSY"

    def __init__(self) -> None:
        super().__init__("Too many passphrases are being checked at the moment; try again in a few seconds")


class InvalidKeystore(DomainError):
    code = "INVALID_KEYSTORE"

    def __init__(self) -> None:
        super().__init__("The keystore is not a sealed key of this DID that `agentExport` gave")


class UnknownScenario(DomainError):
    code = "UNKNOWN_SCENARIO"

    def __init__(self, name: str) -> None:
        super().__init__(f"No scenario of that name comes with Chorus: {shown(name)}", name=shown(name))


class UnknownRun(DomainError):
    """Or another agent's: whose it is is not told."""

    code = "UNKNOWN_RUN"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"You have no run {shown(run_id)}", run=shown(run_id))


class UnknownSweep(DomainError):
    """Or another agent's: whose it is is not told."""

    code = "UNKNOWN_SWEEP"

    def __init__(self, sweep_id: str) -> None:
        super().__init__(f"You have no sweep {shown(sweep_id)}", sweep=shown(sweep_id))


class TooManyRuns(DomainError):
    code = "TOO_MANY_RUNS"

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} unfinished runs and sweeps of one agent; cancel one, or wait", limit=limit)


class UnknownSeat(DomainError):
    code = "UNKNOWN_SEAT"

    def __init__(self, agent: str) -> None:
        super().__init__(f"Nobody plays {shown(agent)} in this run", agent=shown(agent))


class NotYourSeat(DomainError):
    code = "NOT_YOUR_SEAT"

    def __init__(self, agent: str) -> None:
        super().__init__(f"The seat of {shown(agent)} is another's", agent=shown(agent))


class NotYourTurn(DomainError):
    """It is over, or has not begun."""

    code = "NOT_YOUR_TURN"

    def __init__(self, agent: str, turn: int) -> None:
        super().__init__(
            f"Turn {turn} of {shown(agent)} is over or has not begun; sandboxObserve tells which one is waited for",
            agent=shown(agent),
            turn=turn,
        )


class AlreadyActed(DomainError):
    code = "ALREADY_ACTED"

    def __init__(self, agent: str, turn: int) -> None:
        super().__init__(f"{shown(agent)} did something else in turn {turn} already", agent=shown(agent), turn=turn)
