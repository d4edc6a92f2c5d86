"""Commits that were written although the store said it failed: nothing that follows from them may be forgotten."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from domain.organisms.dna import Evaluation, Fact, Shared
from domain.organisms.errors import Contended
from graphdb.errors import StoreUnavailable
from graphdb.neo4j.local import LocalNeo4j
from resolvers.context import Services
from resolvers.so.automatic import catch_up_owed
from resolvers.so.membership import settle_everything
from resolvers.so.watch import events
from tests.faults import documents
from tests.faults.faulty import Direct, Inside, inside
from tests.faults.line import Asks, Json, Refused
from tests.graphdb.cutting import Cut, wire
from tests.neo4j_server import empty

SAID = {"content": '"hello"', "languageAddress": "literal"}
ENTRIES = b"CREATE (:Entry"
SIGNED = "{ soSignedInMyName { totalCount } }"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, {}) as opened:
        yield opened


async def hosted(here: Inside, name: str) -> tuple[str, Asks]:
    async with here.connect() as direct:
        made = (await direct.ask(documents.HOST, {"n": name}))["agentCreateHosted"]
    async with here.connect(made["token"]) as own:
        return made["did"], own


async def pair(here: Inside) -> tuple[str, Asks, Asks]:
    """An organism of two hosted members, and how each of them asks."""
    _, first = await hosted(here, "Ada")
    did, second = await hosted(here, "Bob")
    given = {"name": "Pair", "members": [did]}
    uri = str((await first.ask(documents.CREATE, {"o": given}))["soCreate"])
    await second.ask(documents.JOIN, {"u": uri})
    return uri, first, second


async def signed_automatically(direct: Asks) -> int:
    return int((await direct.ask(SIGNED))["soSignedInMyName"]["totalCount"])


async def test_subscribers_hear_of_a_commit_whose_answer_was_lost(here: Inside) -> None:
    uri, first, _ = await pair(here)
    assert isinstance(first, Direct)
    await first.context.authenticate()
    following = events(first.context, uri, None)
    heard = asyncio.ensure_future(anext(following))
    await first.ask("{ soAll { totalCount } }")  # the subscription waits for the next event now

    with here.faults.next_fails(written=True), pytest.raises(Refused, match="STORE_UNAVAILABLE"):
        await first.ask(documents.SPEAK, {"u": uri, **SAID})

    async with asyncio.timeout(10):
        assert (await heard).event == "NewExpression"
    await following.aclose()


@pytest.mark.parametrize("written", [True, False])
async def test_members_concur_in_the_end_although_the_store_failed_meanwhile(here: Inside, written: bool) -> None:
    uri, first, second = await pair(here)
    with here.faults.next_fails(written=True), pytest.raises(Refused, match="STORE_UNAVAILABLE"):
        await first.ask(documents.SPEAK, {"u": uri, **SAID})
    with here.faults.next_fails(written=written):
        await catch_up_owed(here.services)

    await catch_up_owed(here.services)

    assert await signed_automatically(second) == 1
    assert not here.services.owed


async def test_members_concur_in_the_end_although_the_store_failed_under_their_hands(here: Inside) -> None:
    uri, first, second = await pair(here)
    here.faults.every = 2
    await first.ask(documents.SPEAK, {"u": uri, **SAID})
    await here.quiet()
    here.faults.every = 0

    await catch_up_owed(here.services)

    assert await signed_automatically(second) == 1


async def test_what_was_committed_before_the_store_went_away_is_answered_when_it_is_back(
    tmp_path: Path, neo4j_5: LocalNeo4j
) -> None:
    empty(neo4j_5)
    async with wire(neo4j_5.port) as (wired, store), inside(tmp_path, {"store": store}) as here:
        uri, first, second = await pair(here)
        said = {"u": uri, **SAID, "k": "said once"}
        wired.next, wired.after, wired.for_long = Cut.AFTER, ENTRIES, True
        with pytest.raises(Refused, match="STORE_UNAVAILABLE"):
            await first.ask(documents.SPEAK, said)
        wired.mend()
        await _answers(here)

        answer = await first.ask(documents.SPEAK, said)

        await catch_up_owed(here.services)
        page = (await first.ask(documents.EXPRESSIONS, {"u": uri}))["soExpressions"]
        assert [edge["node"]["url"] for edge in page["edges"]] == [answer["soSpeak"]["url"]]
        assert (wired.cuts, await signed_automatically(second)) == (1, 1)


async def _answers(here: Inside) -> None:
    """Returns when the store does again."""
    async with asyncio.timeout(30):
        while True:
            with suppress(StoreUnavailable):
                return await here.services.store.ready()


class Busy:
    """The engine of a process that has too much to do for questions about these subjects."""

    def __init__(self, services: Services, subjects: tuple[str, ...]) -> None:
        self._real, self._subjects = services.engine, subjects

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    async def evaluate(
        self, program: str, predicate: str, subject: str, facts: Sequence[Fact], shared: Shared | None = None
    ) -> Evaluation:
        if subject in self._subjects:
            raise Contended(subject)
        return await self._real.evaluate(program, predicate, subject, facts, shared)


@asynccontextmanager
async def busy(here: Inside, *subjects: str) -> AsyncIterator[None]:
    calm = here.services
    here.services = replace(calm, engine=Busy(calm, subjects))  # type: ignore[arg-type]  # what it lacks it passes on
    yield
    here.services = calm


async def test_a_vote_is_answered_although_its_consequence_must_wait(here: Inside) -> None:
    uri, first, second = await pair(here)
    did, third = await hosted(here, "Cleo")
    proposal = (await first.ask(documents.ADD, {"u": uri, "did": did}))["soSuggestMemberAddition"]["id"]
    await third.ask(documents.JOIN, {"u": uri})

    async with busy(here, did):
        vote = {"u": uri, "proposal": proposal, "vote": "VOUCH"}
        answer = await _as(here, second).ask(documents.VOTE, vote)

    assert answer["soVote"]["state"] == "OPEN"
    await settle_everything(here.services)
    assert did in (await first.ask("query ($u: String!) { soMembers(soURI: $u) }", {"u": uri}))["soMembers"]


@pytest.mark.parametrize("written", [True, False])
async def test_a_vote_sent_again_is_answered_with_what_follows_from_it(here: Inside, written: bool) -> None:
    uri, first, second = await pair(here)
    did, third = await hosted(here, "Cleo")
    proposal = (await first.ask(documents.ADD, {"u": uri, "did": did}))["soSuggestMemberAddition"]["id"]
    await third.ask(documents.JOIN, {"u": uri})
    vote = {"u": uri, "proposal": proposal, "vote": "VOUCH", "k": "my vote"}
    with here.faults.next_fails(written=written), pytest.raises(Refused, match="STORE_UNAVAILABLE"):
        await second.ask(documents.VOTE, vote)

    answer = await second.ask(documents.VOTE, vote)

    assert answer["soVote"]["state"] == "ACCEPTED"
    assert did in (await first.ask("query ($u: String!) { soMembers(soURI: $u) }", {"u": uri}))["soMembers"]


async def test_one_proposal_that_cannot_be_decided_does_not_hold_the_others_up(here: Inside) -> None:
    uri, first, second = await pair(here)
    candidates = [await hosted(here, name) for name in ("Cleo", "Dan")]
    dids = [did for did, _ in candidates]
    async with busy(here, *dids):
        for did, candidate in candidates:
            await _as(here, first).ask(documents.ADD, {"u": uri, "did": did})
            await _as(here, candidate).ask(documents.JOIN, {"u": uri})
        await _vouch_all(_as(here, second), uri)

    async with busy(here, dids[0]):
        await settle_everything(here.services)

    members = (await first.ask("query ($u: String!) { soMembers(soURI: $u) }", {"u": uri}))["soMembers"]
    assert dids[1] in members
    assert dids[0] not in members


def _as(here: Inside, direct: Asks) -> Asks:
    """The same agent with the services as they are now."""
    assert isinstance(direct, Direct)
    return Direct(here.schema, replace(direct.context, services=here.services))


async def _vouch_all(direct: Asks, uri: str) -> None:
    page: Json = (await direct.ask(documents.PROPOSALS, {"u": uri}))["soProposals"]
    for edge in page["edges"]:
        await direct.ask(documents.VOTE, {"u": uri, "proposal": edge["node"]["id"], "vote": "VOUCH"})
