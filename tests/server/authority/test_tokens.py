import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capabilities import AUTHENTICATE_ONLY, AuthInfo
from resolvers.errors import InvalidToken
from server.identity import Identity
from server.tokens import LIFETIME_SECONDS, issue, read
from tests.domain.agents import agent
from tests.server.authority.access import ADA, APP, NOW, READER, app_token, session_of
from tests.services import World

IDENTITY = Identity(agent(99), b"s" * 32)


def test_a_token_has_the_claims_of_ad4m_and_the_agent() -> None:
    token, token_id = issue(IDENTITY, ADA.did, APP, NOW)

    claims = jwt.decode(token, IDENTITY.token_secret, ["HS256"], options={"verify_exp": False}, audience="Notes")
    assert claims == {
        "iss": IDENTITY.keys.did,
        "sub": ADA.did,
        "aud": "Notes",
        "iat": NOW // 1000,
        "exp": NOW // 1000 + 180 * 24 * 3600,
        "nonce": token_id,
        "jti": token_id,
        "capabilities": APP.as_json(),
    }


def test_a_token_is_read_as_it_was_issued_until_its_end() -> None:
    token, token_id = issue(IDENTITY, ADA.did, APP, NOW)
    end = NOW + LIFETIME_SECONDS * 1000

    found = read(IDENTITY, token, end - 1)

    assert (found.id, found.agent, found.capabilities, found.expires_at) == (token_id, ADA.did, (READER,), end)
    with pytest.raises(InvalidToken):
        read(IDENTITY, token, end)


TOKEN = issue(IDENTITY, ADA.did, APP, NOW)[0]


# The very last character carries two bits that base64 does not use.
@given(st.integers(0, len(TOKEN) - 2), st.characters())
def test_no_character_of_a_token_can_be_changed(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    if changed == TOKEN:
        return

    with pytest.raises(InvalidToken):
        read(IDENTITY, changed, NOW)


def forged(claims: dict[str, object], secret: bytes = IDENTITY.token_secret, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm)


CLAIMS: dict[str, object] = jwt.decode(TOKEN, options={"verify_signature": False})


@pytest.mark.parametrize("missing", ["iss", "sub", "exp", "iat", "nonce", "capabilities"])
def test_a_token_without_one_of_its_claims_is_refused(missing: str) -> None:
    with pytest.raises(InvalidToken):
        read(IDENTITY, forged({name: value for name, value in CLAIMS.items() if name != missing}), NOW)


@pytest.mark.parametrize(
    "token",
    [
        forged(CLAIMS, b"t" * 32),
        forged(CLAIMS, IDENTITY.token_secret * 2, "HS512"),
        forged({**CLAIMS, "iss": ADA.did}),
        forged({**CLAIMS, "sub": "did:key:z6MkNobody"}),
        forged({**CLAIMS, "capabilities": "all"}),
        forged({**CLAIMS, "exp": "never"}),
        jwt.encode(CLAIMS, "", "none"),
    ],
)
def test_a_token_of_somebody_else_or_of_another_shape_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        read(IDENTITY, token, NOW)


async def test_a_token_without_capabilities_may_only_authenticate(here: World) -> None:
    _, token = await app_token(here, await session_of(here), AuthInfo("Bare", "Asks for nothing"))

    assert (await here.authority.session(token)).capabilities == AUTHENTICATE_ONLY
