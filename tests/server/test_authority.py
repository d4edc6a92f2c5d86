import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import canonical
from domain.capabilities import (
    ADMIN,
    AUTHENTICATE_ONLY,
    HOSTED,
    SELF_CUSTODY,
    AuthInfo,
    Capability,
    CapabilityNotMatched,
)
from domain.errors import InvalidSignature
from domain.identity import Did, KeyPair
from domain.sign_in import SIGN_IN_DOMAIN, Challenge
from domain.timestamp import format_millis
from resolvers.context import Session
from resolvers.errors import (
    InvalidToken,
    NoAgent,
    NoPermittedRequest,
    Unauthorized,
    UnknownApp,
    UnknownChallenge,
    UnknownRequest,
)
from server.authority import OPEN_CHALLENGES, SIGN_INS
from server.expiring import Expiring
from server.identity import Identity, load_identity
from server.permits import OPEN_REQUESTS
from server.tokens import LIFETIME_SECONDS, issue, read
from tests.domain.agents import agent
from tests.services import Clock, World, world

ADA, BOB = agent(1), agent(2)
READER = Capability("agent", ("*",), ("READ",))
APP = AuthInfo("Notes", "Keeps notes", capabilities=(READER,))
IDENTITY = Identity(agent(99), b"s" * 32)
NOW = 1_700_000_000_000


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, credential="the admin's") as opened:
        yield opened


async def sign_in(here: World, keys: KeyPair) -> str:
    challenge = here.authority.challenge(keys.did)
    return await here.authority.sign_in(keys.did, challenge.nonce, keys.sign(challenge.signed_bytes))


async def session_of(here: World, keys: KeyPair = ADA) -> Session:
    return await here.authority.session(await sign_in(here, keys))


async def app_token(here: World, session: Session, auth: AuthInfo = APP) -> tuple[str, str]:
    """The request's id and the token."""
    request_id = here.authority.request()
    code = here.authority.permit(session, request_id, auth)
    return request_id, (await here.authority.generate_jwt(request_id, code)).token


# Sessions


async def test_without_an_admin_credential_the_empty_token_is_the_main_agents(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.authority.session("") == Session(None, ADMIN, admin=True)

        main = await here.keyring.create_main("correct horse")

        assert await here.authority.session("") == Session(main, ADMIN, admin=True)


async def test_with_an_admin_credential_the_empty_token_may_only_authenticate(here: World) -> None:
    await here.keyring.create_main("correct horse")

    assert await here.authority.session("") == Session(None, AUTHENTICATE_ONLY)


async def test_the_admin_credential_acts_as_the_main_agent_and_has_no_end(here: World) -> None:
    main = await here.keyring.create_main("correct horse")

    session = await here.authority.session("the admin's")

    assert session == Session(main, ADMIN, admin=True)
    assert here.authority.alive(session)
    assert not here.authority.until_dead(session).done()


@pytest.mark.parametrize(
    "token", ["the admin'", "the admin's ", "The admin's", "x", "a.b.c", "\ud800", "x" * 1_000_000]
)
async def test_what_is_neither_the_credential_nor_a_token_is_refused(here: World, token: str) -> None:
    with pytest.raises(InvalidToken, match="InvalidToken"):
        await here.authority.session(token)


# Tokens


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


# Signing in with one's own key


async def test_a_signed_challenge_gives_a_token_of_the_agent(here: World) -> None:
    session = await session_of(here)

    assert (session.agent, session.capabilities, session.admin) == (ADA.did, SELF_CUSTODY, False)


def test_what_is_signed_is_the_protocols() -> None:
    challenge = Challenge(ADA.did, BOB.did, "f00d", NOW)

    text = canonical({"did": ADA.did, "server": BOB.did, "nonce": "f00d", "expiresAt": format_millis(NOW)})
    assert challenge.signed_bytes == SIGN_IN_DOMAIN + text.encode() == b"chorus-sign-in/1\0" + text.encode()
    assert text.startswith('{"did":"did:key:z6Mk')
    assert '"expiresAt":"2023-11-14T22:13:20.000Z","nonce":"f00d","server":"did:key:z6Mk' in text


async def test_a_challenge_serves_once_right_or_wrong(here: World) -> None:
    used, failed = here.authority.challenge(ADA.did), here.authority.challenge(ADA.did)
    await here.authority.sign_in(ADA.did, used.nonce, ADA.sign(used.signed_bytes))
    with pytest.raises(InvalidSignature):
        await here.authority.sign_in(ADA.did, failed.nonce, BOB.sign(failed.signed_bytes))

    for challenge in (used, failed):
        with pytest.raises(UnknownChallenge):
            await here.authority.sign_in(ADA.did, challenge.nonce, ADA.sign(challenge.signed_bytes))


async def test_a_challenge_lasts_a_minute(here: World) -> None:
    in_time, late = here.authority.challenge(ADA.did), here.authority.challenge(ADA.did)
    here.clock.forward(59.999)
    await here.authority.sign_in(ADA.did, in_time.nonce, ADA.sign(in_time.signed_bytes))

    here.clock.forward(0.001)

    with pytest.raises(UnknownChallenge):
        await here.authority.sign_in(ADA.did, late.nonce, ADA.sign(late.signed_bytes))


async def test_nobody_signs_in_with_anothers_challenge(here: World) -> None:
    challenge = here.authority.challenge(ADA.did)

    with pytest.raises(UnknownChallenge):
        await here.authority.sign_in(BOB.did, challenge.nonce, BOB.sign(challenge.signed_bytes))


@pytest.mark.parametrize(
    "signed",
    [
        Challenge.signed_bytes.fget,  # type: ignore[attr-defined]  # a property
        lambda challenge: challenge.text.encode(),
        lambda challenge: b"social-organism/1\0" + challenge.text.encode(),
    ],
)
async def test_only_the_challenge_with_its_own_prefix_and_server_signs_in(here: World, signed: object) -> None:
    challenge = here.authority.challenge(ADA.did)
    elsewhere = Challenge(ADA.did, BOB.did, challenge.nonce, challenge.expires_at)
    assert callable(signed)

    with pytest.raises(InvalidSignature):
        await here.authority.sign_in(ADA.did, challenge.nonce, ADA.sign(signed(elsewhere)))


async def test_an_agent_that_signs_in_all_the_time_keeps_its_newest_tokens(here: World) -> None:
    tokens = []
    for _ in range(SIGN_INS + 2):
        tokens.append(await sign_in(here, ADA))
        here.clock.forward(1)

    for old in tokens[:2]:
        with pytest.raises(Unauthorized):
            await here.authority.session(old)
    for young in tokens[2:]:
        await here.authority.session(young)
    assert len(await here.authority.apps(ADA.did)) == SIGN_INS


async def test_an_agent_may_sign_in_many_times_at_once(here: World) -> None:
    for _ in range(SIGN_INS):
        await sign_in(here, ADA)
        here.clock.forward(1)

    tokens = await asyncio.gather(*(sign_in(here, ADA) for _ in range(8)))

    for token in tokens:
        await here.authority.session(token)


# An app gets a token


async def test_an_app_gets_what_was_permitted(here: World) -> None:
    permitter = await session_of(here)
    request_id = here.authority.request()

    code = here.authority.permit(permitter, request_id, APP)
    issued = await here.authority.generate_jwt(request_id, code)

    session = await here.authority.session(issued.token)
    assert (issued.agent, session.agent, session.capabilities) == (ADA.did, ADA.did, (READER,))
    assert len(code) == 6
    assert code.isdigit()
    (app,) = [app for app in await here.authority.apps(ADA.did) if app.request_id == request_id]
    assert (app.agent, json.loads(app.auth), app.revoked) == (ADA.did, APP.as_json(), False)


async def test_the_digits_work_once(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here), request_id, APP)
    await here.authority.generate_jwt(request_id, code)

    with pytest.raises(NoPermittedRequest, match="Can't find permitted request"):
        await here.authority.generate_jwt(request_id, code)


async def test_five_wrong_guesses_end_the_request(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here), request_id, APP)
    wrong = "000000" if code != "000000" else "000001"

    for guess in [*[wrong] * 5, code]:
        with pytest.raises(NoPermittedRequest):
            await here.authority.generate_jwt(request_id, guess)


async def test_four_wrong_guesses_leave_one(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here), request_id, APP)
    for guess in ["", code + "0", code[:5], " " + code]:
        with pytest.raises(NoPermittedRequest):
            await here.authority.generate_jwt(request_id, guess)

    assert (await here.authority.generate_jwt(request_id, code)).agent == ADA.did


async def test_a_request_that_nobody_permitted_gives_no_token(here: World) -> None:
    request_id = here.authority.request()

    for asked in (request_id, "unheard of"):
        with pytest.raises(NoPermittedRequest):
            await here.authority.generate_jwt(asked, "000000")


async def test_requests_and_permits_last_ten_minutes(here: World) -> None:
    permitter = await session_of(here)
    permitted, open_ = here.authority.request(), here.authority.request()
    code = here.authority.permit(permitter, permitted, APP)

    here.clock.forward(600)

    with pytest.raises(NoPermittedRequest):
        await here.authority.generate_jwt(permitted, code)
    with pytest.raises(UnknownRequest):
        here.authority.permit(permitter, open_, APP)


@pytest.mark.parametrize(
    "more",
    [
        *ADMIN,
        Capability("agent", ("*",), ("READ", "CREATE")),
        Capability("agent", ("*",), ("*",)),
        Capability("runtime.trusted_agents", ("*",), ("READ",)),
    ],
)
async def test_nobody_permits_more_than_it_may_itself(here: World, more: Capability) -> None:
    request_id = here.authority.request()

    with pytest.raises(CapabilityNotMatched):
        here.authority.permit(await session_of(here), request_id, AuthInfo("Notes", "", capabilities=(READER, more)))

    assert here.authority.permit(await session_of(here), request_id, APP)


async def test_a_limited_app_passes_on_its_limits(here: World) -> None:
    one = Capability("social-organism", ("so://one",), ("READ", "SUBSCRIBE"))
    two = Capability("social-organism", ("so://two",), ("READ",))
    delegate = AuthInfo("Delegate", "", capabilities=(one, Capability("agent", ("*",), ("PERMIT",))))
    _, token = await app_token(here, await session_of(here), delegate)
    session = await here.authority.session(token)

    assert await app_token(here, session, AuthInfo("Sub", "", capabilities=(one,)))
    with pytest.raises(CapabilityNotMatched):
        await app_token(here, session, AuthInfo("Sub", "", capabilities=(two,)))


async def test_another_agent_cannot_take_a_permitted_request_over(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here, ADA), request_id, APP)

    with pytest.raises(UnknownRequest):
        here.authority.permit(await session_of(here, BOB), request_id, APP)

    assert (await here.authority.generate_jwt(request_id, code)).agent == ADA.did


async def test_who_permits_again_reads_out_other_digits(here: World) -> None:
    ada, request_id = await session_of(here), here.authority.request()
    here.authority.permit(ada, request_id, AuthInfo("Notes", ""))

    code = here.authority.permit(ada, request_id, APP)

    issued = await here.authority.generate_jwt(request_id, code)
    assert (await here.authority.session(issued.token)).capabilities == (READER,)


async def test_an_admin_without_a_main_agent_has_nobody_to_permit_as(here: World) -> None:
    admin = await here.authority.session("the admin's")

    with pytest.raises(NoAgent):
        here.authority.permit(admin, here.authority.request(), APP)


async def test_a_flood_of_requests_does_not_touch_a_permitted_one(here: World) -> None:
    permitted = here.authority.request()
    code = here.authority.permit(await session_of(here), permitted, APP)
    drowned = here.authority.request()

    for _ in range(OPEN_REQUESTS):
        here.authority.request()

    assert (await here.authority.generate_jwt(permitted, code)).agent == ADA.did
    with pytest.raises(UnknownRequest):
        here.authority.permit(await session_of(here), drowned, APP)


async def test_a_flood_of_challenges_leaves_the_newest_ones_and_no_more(here: World) -> None:
    drowned = here.authority.challenge(ADA.did)

    for _ in range(OPEN_CHALLENGES):
        newest = here.authority.challenge(ADA.did)

    with pytest.raises(UnknownChallenge):
        await here.authority.sign_in(ADA.did, drowned.nonce, ADA.sign(drowned.signed_bytes))
    assert await here.authority.sign_in(ADA.did, newest.nonce, ADA.sign(newest.signed_bytes))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20))))
def test_what_expires_is_gone_in_time_and_never_more_than_allowed(steps: list[tuple[int, int]]) -> None:
    clock = Clock(0)
    kept: Expiring[int] = Expiring(clock, lifetime=50, limit=3)
    put: dict[str, int] = {}

    for key, wait in steps:
        kept.put(str(key), clock.now)
        put[str(key)] = clock.now
        clock.now += wait

        assert len(kept) <= 3
        for name, since in put.items():
            found = kept.get(name)
            assert found in (None, since)
            assert found is None or clock.now < since + 50
    newest = sorted(put.values())[-1:]
    assert all(kept.get(name) == since for name, since in put.items() if [since] == newest and clock.now < since + 50)


# Revocation


async def test_a_revoked_token_is_dead_at_once_and_stays_listed(here: World) -> None:
    ada = await session_of(here)
    request_id, token = await app_token(here, ada)
    session = await here.authority.session(token)
    dead = here.authority.until_dead(session)

    apps = await here.authority.revoke(ADA.did, request_id)

    assert [app.revoked for app in apps if app.request_id == request_id] == [True]
    assert dead.done()
    assert not here.authority.alive(session)
    with pytest.raises(Unauthorized, match="Unauthorized access"):
        await here.authority.session(token)
    assert here.authority.alive(ada)


async def test_what_a_revoked_token_permitted_and_nobody_fetched_is_void(here: World) -> None:
    granted_id, token = await app_token(here, await session_of(here))
    request_id = here.authority.request()
    code = here.authority.permit(await here.authority.session(token), request_id, APP)
    await here.authority.revoke(ADA.did, granted_id)

    with pytest.raises(NoPermittedRequest):
        await here.authority.generate_jwt(request_id, code)


async def test_a_removed_app_is_as_dead_as_a_revoked_one(here: World) -> None:
    request_id, token = await app_token(here, await session_of(here))

    apps = await here.authority.remove(ADA.did, request_id)

    assert request_id not in [app.request_id for app in apps]
    with pytest.raises(Unauthorized):
        await here.authority.session(token)


async def test_only_the_agent_that_granted_a_token_ends_it(here: World) -> None:
    request_id, token = await app_token(here, await session_of(here))

    for end in (here.authority.revoke, here.authority.remove):
        with pytest.raises(UnknownApp):
            await end(BOB.did, request_id)

    await here.authority.session(token)


async def test_what_another_process_revokes_is_noticed_at_the_next_look(here: World, tmp_path: Path) -> None:
    request_id, token = await app_token(here, await session_of(here))
    async with world(tmp_path, "the admin's", here.clock) as elsewhere:
        session = await elsewhere.authority.session(token)
        dead = elsewhere.authority.until_dead(session)
        await here.authority.revoke(ADA.did, request_id)
        assert not dead.done()

        await elsewhere.authority.revocations.look()

        assert dead.done()
        assert not elsewhere.authority.alive(session)


async def test_the_watch_looks_by_itself_within_a_second(here: World, tmp_path: Path) -> None:
    request_id, token = await app_token(here, await session_of(here))
    async with world(tmp_path, "the admin's", here.clock) as elsewhere:
        dead = elsewhere.authority.until_dead(await elsewhere.authority.session(token))

        await here.authority.revoke(ADA.did, request_id)

        await asyncio.wait_for(dead, 1)


async def test_a_revoked_token_stays_dead_after_a_restart(here: World, tmp_path: Path) -> None:
    request_id, token = await app_token(here, await session_of(here))
    await here.authority.revoke(ADA.did, request_id)

    async with world(tmp_path, "the admin's", here.clock) as restarted:
        with pytest.raises(Unauthorized):
            await restarted.authority.session(token)


async def test_an_expired_token_is_dead_on_its_sockets_too(here: World) -> None:
    _, token = await app_token(here, await session_of(here))
    session = await here.authority.session(token)
    dead = here.authority.until_dead(session)

    here.clock.forward(LIFETIME_SECONDS)
    await here.authority.revocations.look()

    assert dead.done()
    assert here.authority.until_dead(session).done()
    with pytest.raises(Unauthorized):
        await here.authority.session(token)


async def test_whoever_stops_waiting_leaves_nothing_behind(here: World) -> None:
    session = await session_of(here)
    waits = [here.authority.until_dead(session) for _ in range(10)]
    assert here.authority.revocations.waiting == 10

    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)

    assert here.authority.revocations.waiting == 0


async def test_the_owner_of_a_hosted_agent_has_all_of_its_agent(here: World) -> None:
    did = await here.keyring.create("Ada", "correct horse")

    session = await here.authority.session(await here.authority.sign_in_hosted(did))

    assert (session.agent, session.capabilities) == (did, HOSTED)


# The server's own secrets


def test_the_servers_secrets_are_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "server.key"

    first, second = load_identity(path), load_identity(path)

    assert (first.keys.did, first.token_secret) == (second.keys.did, second.token_secret)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["server.key"]
    for secret in (first.keys.seed, first.token_secret):
        for spelling in (secret.hex(), base64.b64encode(secret).decode(), repr(secret)):
            assert spelling not in repr(first)


def test_a_key_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "server.key"
    load_identity(path)
    path.chmod(0o640)

    with pytest.raises(Exception, match="chmod 600"):
        load_identity(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seed": "AA==", "tokenSecret": "AA=="}', "not json"])
def test_a_damaged_key_file_is_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "server.key"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(Exception, match="does not hold the server's keys"):
        load_identity(path)

    assert path.read_text() == text


def test_dids_are_checked_before_they_are_challenged(here: World) -> None:
    with pytest.raises(Exception, match="Invalid DID"):
        here.authority.challenge(Did("did:key:zNobody"))
