"""Signing in with one's own key."""

import asyncio

import pytest

from domain.canonical import canonical
from domain.capabilities import SELF_CUSTODY
from domain.errors import InvalidSignature
from domain.identity import Did
from domain.sign_in import SIGN_IN_DOMAIN, Challenge
from domain.timestamp import format_millis
from resolvers.errors import Unauthorized, UnknownChallenge
from server.authority import OPEN_CHALLENGES, SIGN_INS
from tests.server.authority.access import ADA, BOB, NOW, session_of, sign_in
from tests.services import World


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


async def test_a_flood_of_challenges_leaves_the_newest_ones_and_no_more(here: World) -> None:
    drowned = here.authority.challenge(ADA.did)

    for _ in range(OPEN_CHALLENGES):
        newest = here.authority.challenge(ADA.did)

    with pytest.raises(UnknownChallenge):
        await here.authority.sign_in(ADA.did, drowned.nonce, ADA.sign(drowned.signed_bytes))
    assert await here.authority.sign_in(ADA.did, newest.nonce, ADA.sign(newest.signed_bytes))


def test_dids_are_checked_before_they_are_challenged(here: World) -> None:
    with pytest.raises(Exception, match="Invalid DID"):
        here.authority.challenge(Did("did:key:zNobody"))
