"""What a token may do: ad4m's capabilities, which name a domain, pointers into it, and operations.

A capability matches a request if its domain is the request's and it has every pointer and every operation asked for;
`*` stands for all of them (rust-executor/src/agent/capabilities of AD4M 0.11.1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.canonical import Json, canonical, parse
from domain.errors import DomainError, InvalidShape, shown

ALL = "*"

MAX_CAPABILITIES = 64
MAX_POINTERS = 64
MAX_OPERATIONS = 32
MAX_NAME = 200
MAX_TEXT = 2_000
MAX_AUTH_INFO = 8_000
"""Characters of an AuthInfo as JSON: it travels in every token, and tokens travel in headers."""


class Domain(StrEnum):
    """The domains that ad4m guards, and ours. A capability may name others; they open nothing here."""

    ALL = "*"
    AGENT = "agent"
    EXPRESSION = "expression"
    LANGUAGE = "language"
    PERSPECTIVE = "perspective"
    NEIGHBOURHOOD = "neighbourhood"
    AI = "artificial intelligence"
    RUNTIME = "runtime"
    RUNTIME_TRUSTED_AGENTS = "runtime.trusted_agents"
    RUNTIME_KNOWN_LINK_LANGUAGES = "runtime.known_link_languages"
    RUNTIME_FRIENDS = "runtime.friends"
    RUNTIME_FRIEND_STATUS = "runtime.friend_status"
    RUNTIME_MY_STATUS = "runtime.my_status"
    RUNTIME_MESSAGES = "runtime.messages"
    RUNTIME_HC_AGENT_INFO = "runtime.hc_agent_info"
    RUNTIME_EXCEPTION = "runtime.exception"
    SOCIAL_ORGANISM = "social-organism"
    PEOPLE = "people"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Capability:
    """Operations (`can`) that are open on the pointers of one domain."""

    domain: str
    pointers: tuple[str, ...]
    can: tuple[str, ...]

    def as_json(self) -> dict[str, Json]:
        return {"with": {"domain": str(self.domain), "pointers": list(self.pointers)}, "can": list(self.can)}


@dataclass(frozen=True, slots=True)
class AuthInfo:
    """What an app says of itself and asks to be allowed. The optional texts are shown to people, never used."""

    app_name: str
    app_desc: str
    app_domain: str | None = None
    app_url: str | None = None
    app_icon_path: str | None = None
    capabilities: tuple[Capability, ...] = ()

    def as_json(self) -> dict[str, Json]:
        return {
            "appName": self.app_name,
            "appDesc": self.app_desc,
            "appDomain": self.app_domain,
            "appUrl": self.app_url,
            "appIconPath": self.app_icon_path,
            "capabilities": [capability.as_json() for capability in self.capabilities],
        }

    @property
    def text(self) -> str:
        """As canonical JSON."""
        return canonical(self.as_json())


class InvalidAuthInfo(InvalidShape):
    code = "INVALID_AUTH_INFO"
    noun = "AuthInfo"


class CapabilityNotMatched(DomainError):
    """The token does not carry the capability. Clients of ad4m look for the first words of the message."""

    code = "CAPABILITY_NOT_MATCHED"

    def __init__(self, domain: str, operation: str, pointers: Sequence[str]) -> None:
        where = ", ".join(shown(pointer) for pointer in pointers[:3])
        super().__init__(
            f"Capability is not matched: the token may not {shown(operation)} in {shown(domain)} on {where}",
            domain=shown(domain),
            can=shown(operation),
            pointers=[shown(pointer) for pointer in pointers[:3]],
        )


def matches(held: Capability, domain: str, operation: str, pointers: Sequence[str]) -> bool:
    """Whether the capability opens the operation on every one of the pointers."""
    return (
        held.domain in (domain, ALL)
        and (ALL in held.can or operation in held.can)
        and (ALL in held.pointers or all(pointer in held.pointers for pointer in pointers))
    )


def require(held: Iterable[Capability], domain: str, operation: str, pointers: Sequence[str] = (ALL,)) -> None:
    """Raises CapabilityNotMatched unless one of the capabilities matches."""
    if not any(matches(capability, domain, operation, pointers) for capability in held):
        raise CapabilityNotMatched(domain, operation, pointers)


def require_at_most(granted: Iterable[Capability], held: Sequence[Capability]) -> None:
    """Raises CapabilityNotMatched if the granted capabilities open anything that those held do not.

    Pointer by pointer and operation by operation, so that several capabilities held may add up to one granted.
    """
    for capability in granted:
        for pointer in capability.pointers:
            for operation in capability.can:
                require(held, capability.domain, operation, (pointer,))


# What each kind of token carries

ADMIN = (Capability(Domain.ALL, (ALL,), (ALL,)),)
"""The admin credential's."""

AUTHENTICATE_ONLY = (Capability(Domain.AGENT, (ALL,), ("AUTHENTICATE",)),)
"""Those of a stranger: enough to ask for a capability, to fetch a token that was permitted, and to sign in."""


def _whole(*domains: Domain) -> tuple[Capability, ...]:
    return tuple(Capability(domain, (ALL,), (ALL,)) for domain in domains)


_OWN_WORK = (
    *_whole(
        Domain.SOCIAL_ORGANISM,
        Domain.PEOPLE,
        Domain.SANDBOX,
        Domain.EXPRESSION,
        Domain.PERSPECTIVE,
        Domain.NEIGHBOURHOOD,
        Domain.RUNTIME_FRIENDS,
        Domain.RUNTIME_FRIEND_STATUS,
        Domain.RUNTIME_MY_STATUS,
        Domain.RUNTIME_MESSAGES,
        Domain.RUNTIME_EXCEPTION,
    ),
    Capability(Domain.LANGUAGE, (ALL,), ("READ",)),
)
_OWN_AGENT = ("AUTHENTICATE", "READ", "UPDATE", "PERMIT", "SUBSCRIBE")

SELF_CUSTODY = (Capability(Domain.AGENT, (ALL,), _OWN_AGENT), *_OWN_WORK)
"""A signed-in agent's: all that concerns itself. PERMIT lets it give its apps tokens, which act as this agent and never
carry more than its own does; SIGN, LOCK and UNLOCK are left out, as the server holds no key of its."""

HOSTED = (Capability(Domain.AGENT, (ALL,), (*_OWN_AGENT, "SIGN", "LOCK", "UNLOCK")), *_OWN_WORK)
"""A hosted agent's own: as above, with the use of its key. Neither carries agent CREATE, nor anything that concerns
the whole server (trusted agents, link language templates, AI models, QUIT)."""


# AuthInfo as JSON


def parse_auth_info(text: str) -> AuthInfo:
    """From JSON text. Raises InvalidJson or InvalidAuthInfo."""
    return auth_info_from_json(parse(text, max_length=MAX_AUTH_INFO, max_depth=8))


def auth_info_from_json(value: Json) -> AuthInfo:
    """Ignores fields that it does not know: other versions of ad4m send some. Raises InvalidAuthInfo."""
    fields = _object(value, "$")
    info = AuthInfo(
        app_name=_text(fields.get("appName"), "$.appName", MAX_NAME),
        app_desc=_text(fields.get("appDesc"), "$.appDesc"),
        capabilities=_capabilities(fields.get("capabilities")),
        app_domain=_optional(fields.get("appDomain"), "$.appDomain"),
        app_url=_optional(fields.get("appUrl"), "$.appUrl"),
        app_icon_path=_optional(fields.get("appIconPath"), "$.appIconPath"),
    )
    if len(info.text) > MAX_AUTH_INFO:
        raise InvalidAuthInfo("$", f"at most {MAX_AUTH_INFO} characters of JSON", len(info.text))
    return info


def _capabilities(value: Json) -> tuple[Capability, ...]:
    items = _list([] if value is None else value, "$.capabilities", MAX_CAPABILITIES)
    return tuple(_capability(item, f"$.capabilities[{index}]") for index, item in enumerate(items))


def _capability(value: Json, path: str) -> Capability:
    fields = _object(value, path)
    resource = _object(fields.get("with"), f"{path}.with")
    return Capability(
        domain=_text(resource.get("domain"), f"{path}.with.domain", MAX_NAME),
        pointers=_texts(resource.get("pointers"), f"{path}.with.pointers", MAX_POINTERS),
        can=_texts(fields.get("can"), f"{path}.can", MAX_OPERATIONS),
    )


def _texts(value: Json, path: str, limit: int) -> tuple[str, ...]:
    return tuple(_text(item, f"{path}[{index}]") for index, item in enumerate(_list(value, path, limit)))


def _list(value: Json, path: str, limit: int) -> list[Json]:
    if not isinstance(value, list):
        raise InvalidAuthInfo(path, "a list", value)
    if len(value) > limit:
        raise InvalidAuthInfo(path, f"at most {limit} items", len(value))
    return value


def _object(value: Json, path: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise InvalidAuthInfo(path, "an object", value)
    return value


def _optional(value: Json, path: str) -> str | None:
    return None if value is None else _text(value, path)


def _text(value: Json, path: str, limit: int = MAX_TEXT) -> str:
    if not isinstance(value, str):
        raise InvalidAuthInfo(path, "a string", value)
    if len(value) > limit:
        raise InvalidAuthInfo(path, f"at most {limit} characters", len(value))
    return value
