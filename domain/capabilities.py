"""What a token may do: ad4m's capabilities, `{with: {domain, pointers}, can}`.

A capability is matched when its domain is the asked one or `*`, and every asked pointer and operation is in its
list or the list has `*`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.canonical import Json, canonical, parse
from domain.errors import DomainError

ANY = "*"
MOST_CAPABILITIES = 100
MOST_ITEMS = 1_000
LONGEST = 1_000


class Domain(StrEnum):
    """The domains of ad4m, and those of Chorus."""

    AGENT = "agent"
    EXPRESSION = "expression"
    LANGUAGE = "language"
    PERSPECTIVE = "perspective"
    NEIGHBOURHOOD = "neighbourhood"
    RUNTIME_TRUSTED_AGENTS = "runtime.trusted_agents"
    RUNTIME_EXCEPTION = "runtime.exception"
    SOCIAL_ORGANISM = "social-organism"
    PEOPLE = "people"
    SANDBOX = "sandbox"


class CapabilityNotMatched(DomainError):
    code = "CAPABILITY_NOT_MATCHED"

    def __init__(self, domain: str, operation: str, pointers: Sequence[str]) -> None:
        super().__init__(
            f"Capability is not matched: the token has no {domain} {operation} on {', '.join(pointers)[:200]}",
            domain=domain,
            operation=operation,
            pointers=list(pointers[:10]),
        )


class InvalidAuthInfo(DomainError):
    code = "INVALID_AUTH_INFO"

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"Invalid authorisation request at {path}: expected {expected}", path=path, expected=expected)


@dataclass(frozen=True, slots=True)
class Capability:
    """Operations that are allowed on the pointers of one domain."""

    domain: str
    pointers: tuple[str, ...]
    can: tuple[str, ...]

    def allows(self, domain: str, operation: str, pointers: Sequence[str]) -> bool:
        return (
            self.domain in (domain, ANY)
            and (ANY in self.pointers or all(pointer in self.pointers for pointer in pointers))
            and (ANY in self.can or operation in self.can)
        )

    def within(self, held: Iterable["Capability"]) -> bool:
        """Whether somebody who holds `held` may pass this one on: each part of it is covered by one of them."""
        held = tuple(held)
        return all(any(each.allows(self.domain, operation, self.pointers) for each in held) for operation in self.can)

    def as_json(self) -> dict[str, Json]:
        return {"with": {"domain": self.domain, "pointers": list(self.pointers)}, "can": list(self.can)}


ADMIN = (Capability(ANY, (ANY,), (ANY,)),)
AUTHENTICATE_ONLY = (Capability(Domain.AGENT, (ANY,), ("AUTHENTICATE",)),)
OWN_AGENT = (
    Capability(Domain.SOCIAL_ORGANISM, (ANY,), (ANY,)),
    Capability(Domain.EXPRESSION, (ANY,), (ANY,)),
    Capability(
        Domain.AGENT, (ANY,), ("AUTHENTICATE", "READ", "UPDATE", "SUBSCRIBE", "SIGN", "LOCK", "UNLOCK", "PERMIT")
    ),
    Capability(Domain.RUNTIME_EXCEPTION, (ANY,), ("SUBSCRIBE",)),
)
"""Everything that concerns one's own agent; making further agents is not among it."""


def require(held: Iterable[Capability], domain: str, operation: str, pointers: Sequence[str] = (ANY,)) -> None:
    """Raises `CapabilityNotMatched` unless one of the capabilities allows it."""
    if not any(each.allows(domain, operation, pointers) for each in held):
        raise CapabilityNotMatched(str(domain), operation, pointers)


@dataclass(frozen=True, slots=True)
class AuthInfo:
    """Who asks for a token, and for which capabilities: ad4m's AuthInfo."""

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

    def text(self) -> str:
        return canonical(self.as_json())


def auth_info_from_text(text: str) -> AuthInfo:
    return auth_info_from_json(parse(text, max_length=200_000), "$")


def auth_info_from_json(value: Json, path: str) -> AuthInfo:
    """The AuthInfo that a client sent; raises `InvalidAuthInfo` with the path of what is wrong."""
    if not isinstance(value, dict):
        raise InvalidAuthInfo(path, "an object")
    given = value.get("capabilities") or []
    if not isinstance(given, list) or len(given) > MOST_CAPABILITIES:
        raise InvalidAuthInfo(f"{path}.capabilities", f"a list of at most {MOST_CAPABILITIES}")
    return AuthInfo(
        app_name=_text(value.get("appName"), f"{path}.appName"),
        app_desc=_text(value.get("appDesc", ""), f"{path}.appDesc"),
        app_domain=_optional(value.get("appDomain"), f"{path}.appDomain"),
        app_url=_optional(value.get("appUrl"), f"{path}.appUrl"),
        app_icon_path=_optional(value.get("appIconPath"), f"{path}.appIconPath"),
        capabilities=tuple(_capability(each, f"{path}.capabilities[{index}]") for index, each in enumerate(given)),
    )


def _capability(value: Json, path: str) -> Capability:
    resource = value.get("with") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(resource, dict):
        raise InvalidAuthInfo(path, "an object with `with` and `can`")
    return Capability(
        _text(resource.get("domain"), f"{path}.with.domain"),
        _texts(resource.get("pointers"), f"{path}.with.pointers"),
        _texts(value.get("can"), f"{path}.can"),
    )


def _texts(value: Json, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_ITEMS:
        raise InvalidAuthInfo(path, f"a list of 1 to {MOST_ITEMS} strings")
    return tuple(_text(each, path) for each in value)


def _text(value: Json, path: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise InvalidAuthInfo(path, f"a string of at most {LONGEST} characters")
    return value


def _optional(value: Json, path: str) -> str | None:
    return None if value is None else _text(value, path)


def granted_from(claims: Mapping[str, Json]) -> tuple[Capability, ...]:
    """The capabilities inside a token that this server signed."""
    return auth_info_from_json(claims.get("capabilities"), "$.capabilities").capabilities
