"""JSON Web Tokens of this server: HS256, with ad4m's claims and the agent that the token acts as."""

import uuid
from dataclasses import dataclass
from typing import Any, cast

import jwt

from domain.canonical import Json
from domain.capabilities import AuthInfo, Capability, auth_info_from_json
from domain.errors import DomainError
from domain.identity import Did, parse_did
from resolvers.errors import InvalidToken
from server.identity import Identity

ALGORITHM = "HS256"
LIFETIME_SECONDS = 180 * 24 * 3600
"""As in ad4m."""
REQUIRED = ["iss", "sub", "exp", "iat", "nonce", "capabilities"]
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Token:
    """What a valid token says; `expires_at` in milliseconds."""

    id: str
    agent: Did
    capabilities: tuple[Capability, ...]
    expires_at: int


def issue(
    identity: Identity, agent: Did, auth: AuthInfo, now: int, lifetime: int = LIFETIME_SECONDS
) -> tuple[str, str]:
    """A new token and its id."""
    token_id = uuid.uuid4().hex
    claims = {
        "iss": identity.keys.did,
        "sub": agent,
        "aud": auth.app_name,
        "iat": now // 1000,
        "exp": now // 1000 + lifetime,
        "jti": token_id,
        "nonce": token_id,
        "capabilities": auth.as_json(),
    }
    return jwt.encode(claims, identity.token_secret, ALGORITHM), token_id


def read(identity: Identity, token: str, now: int) -> Token:
    """Raises `InvalidToken` for anything but an unexpired token of this server."""
    if len(token) > LONGEST:
        raise InvalidToken
    options: Any = {"require": REQUIRED, "verify_aud": False, "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, identity.token_secret, [ALGORITHM], options=options, issuer=identity.keys.did)
        found = Token(
            str(claims["nonce"]),
            parse_did(str(claims["sub"])),
            auth_info_from_json(cast("Json", claims["capabilities"])).capabilities,
            int(claims["exp"]) * 1000,
        )
    except (jwt.InvalidTokenError, DomainError, ValueError):
        raise InvalidToken from None
    if found.expires_at <= now:
        raise InvalidToken
    return found
