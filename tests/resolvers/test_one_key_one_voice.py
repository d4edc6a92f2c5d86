"""Property 3: the same key never counts twice, however it is spelled; who has left never counts in `current`."""

import random
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from domain.canonical import Json, canonical
from domain.identity import KeyPair
from domain.organisms.statement import signed_bytes
from tests.domain.test_properties import spellings
from tests.faults import documents
from tests.faults.audit import read_log
from tests.faults.faulty import inside
from tests.faults.line import Refused
from tests.faults.recount import recount
from tests.resolvers.signers import ADA, BOB, CLEO, DAN, PROGRAM, Signers, fields_of, signers

ACTS = 60


@pytest.fixture
async def here(tmp_path: Path, on_store: dict[str, Any]) -> AsyncIterator[Signers]:  # Any: arguments of Settings
    async with inside(tmp_path, on_store) as opened:
        yield await signers(opened)


async def code(here: Signers, query: str, variables: Mapping[str, Json], token: str = "") -> str:
    async with here.inside.connect(token) as direct:
        try:
            await direct.ask(query, variables)
        except Refused as refused:
            return refused.code
    return "accepted"


def under(spelling: str, keys: KeyPair, fields: dict[str, Json]) -> Json:
    """A statement that names its author so, properly signed by the author's key."""
    text = canonical(fields | {"author": spelling})
    return {"statement": text, "signature": keys.sign(signed_bytes(text))}


async def test_property_3_no_other_spelling_of_a_key_signs_in_joins_votes_or_is_invited(here: Signers) -> None:
    before, token = await here.written(), here.tokens[ADA.did]
    verdict = fields_of(here.waiting["verdict"])
    codes = set()
    for spelling in spellings(CLEO.did):
        about: dict[str, Json] = {"u": here.here, "did": spelling}
        codes |= {
            await code(here, documents.CHALLENGE, {"d": spelling}),
            await code(here, documents.CREATE, _inviting(here, spelling), token),
            await code(here, documents.ADD, about | {"s": _proposing(here, spelling)}, token),
            await code(here, documents.VOUCH, about, token),
            await code(
                here,
                documents.CONCUR,
                {"u": here.here, "url": verdict["expression"], "s": under(spelling, CLEO, verdict)},
                here.tokens[CLEO.did],
            ),
        }

    assert codes == {"INVALID_DID"}
    assert await here.written() == before


def _inviting(here: Signers, spelling: str) -> dict[str, Json]:
    invited: list[Json] = [CLEO.did, spelling]
    signed: Json = under(ADA.did, ADA, fields_of(here.waiting["found"]) | {"invited": invited})
    return {"o": {"name": "Elsewhere", "members": invited}, "s": signed}


def _proposing(here: Signers, spelling: str) -> Json:
    return under(ADA.did, ADA, fields_of(here.waiting["propose"]) | {"subject": spelling})


async def test_property_3_nobody_is_invited_twice_and_the_founder_is_one_member(here: Signers) -> None:
    twice = here.sign(ADA, "found", "", name="N", invited=[BOB.did], dna=PROGRAM, nonce="0" * 32)
    text = twice.text.replace(f'["{BOB.did}"]', f'["{BOB.did}","{BOB.did}"]')
    signed = {"statement": text, "signature": ADA.sign(signed_bytes(text))}

    given: dict[str, Json] = {"o": {"name": "N", "members": [BOB.did, BOB.did]}, "s": {**signed}}

    assert await code(here, documents.CREATE, given, here.tokens[ADA.did]) == "INVALID_STATEMENT"


async def coherence(here: Signers, url: str) -> dict[str, int]:
    async with here.inside.connect() as direct:
        told = (await direct.ask(documents.COHERENCE, {"u": here.here, "l": url}))["soCoherence"]
    return {name: told[name] for name in ("asSpokenConcurring", "currentConcurring", "currentMembers", "rejecting")}


async def test_property_3_a_key_counts_once_whatever_its_owner_does(here: Signers) -> None:
    """Members and a guest concur, reject, leave and come back at random; every answer is the log's recount."""
    choose = random.Random(3)
    url = next(iter(here.said))
    for _ in range(ACTS):
        await _something(here, choose, url)
        async with here.inside.connect() as direct:
            counted = recount(await read_log(direct, here.here))
        live = {did: each.verdict for did, each in counted.said[url].verdicts.items()}
        concurring = {did for did, verdict in live.items() if verdict == "concur"}

        assert await coherence(here, url) == {
            "asSpokenConcurring": len(concurring & counted.said[url].roster),
            "currentConcurring": len(concurring & counted.members),
            "currentMembers": len(counted.members),
            "rejecting": len(live) - len(concurring),
        }
    assert counted.epoch > 5


async def _something(here: Signers, choose: random.Random, url: str) -> None:
    """Members that left are voted in again by the two who stay."""
    gathered = await here.inside.real.gathering(here.here)
    assert gathered is not None
    epoch, keys = gathered.organism.epoch, choose.choice([BOB, CLEO, DAN])
    if gathered.member(keys.did) is None:
        for member in gathered.members:
            await _admitting(here, member.did, keys, epoch)
        await here.send(here.sign(keys, "join", here.here, epoch=epoch))
    elif choose.random() < 0.3:
        await here.send(here.sign(keys, "leave", here.here, epoch=epoch))
    else:
        of: dict[str, Json] = {"expression": url, "content": here.said[url].content, "epoch": 2, "dna": PROGRAM}
        given = choose.choice(["concur", "concur", "reject"])
        statement = here.sign(keys, "verdict", here.here, **of, verdict=given)
        assert await here.send(statement, "soConcur" if given == "concur" else "soReject") == "accepted"


async def _admitting(here: Signers, did: str, candidate: KeyPair, epoch: int) -> None:
    """A member proposes the candidate, or vouches where that is proposed already."""
    member = next(keys for keys in (ADA, BOB, CLEO, DAN) if keys.did == did)
    await here.send(here.sign(member, "propose", here.here, change="add", subject=candidate.did, epoch=epoch))
