"""Verdicts on a Neo4j that another process writes to as well: what this one remembers decides nothing wrongly."""

import os
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import cast

import pytest

from domain.canonical import Json
from domain.capabilities import ADMIN
from domain.identity import Did, KeyPair
from domain.organisms.dna import DnaEngine
from domain.organisms.errors import NotAMember
from domain.organisms.log import sign_head
from domain.organisms.organism import SpokenExpression
from domain.organisms.statement import Verdict
from domain.timestamp import format_millis
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from resolvers.context import Authority, Context, Keyring, Notices, Services, Session
from resolvers.so.decide import Signed
from resolvers.so.speak import give_verdict
from server.background import Background
from subscriptions.bus import Bus
from tests.neo4j_server import empty
from tests.worlds import SERVER, World, agents


class Everybody:
    """A token is the DID that it acts as."""

    async def session(self, token: str) -> Session:
        return Session(Did(token), ADMIN)


@dataclass
class Here:
    """This process remembers an expression; the other one does what it likes."""

    ours: World
    theirs: World
    uri: str
    url: str
    crowd: list[KeyPair]

    async def concurs(self, member: KeyPair, **more: Json) -> SpokenExpression:
        """As the member asks for it with a statement of its own, the expression being remembered."""
        organisms = self.ours.store.organisms
        assert organisms.recall(self.uri, self.url, member.did) is not None
        said = organisms.remembered(self.url)
        assert said is not None
        fields: dict[str, Json] = {"expression": self.url, "content": said.content, "epoch": said.epoch, **more}
        statement = self.ours.sign(member, "verdict", self.uri, verdict="concur", dna=said.dna, **fields)
        context = Context(self._services(), member.did)
        await context.authenticate()
        given = Signed(statement.text, statement.signature)
        return await give_verdict(context, self.uri, self.url, Verdict.CONCUR, signed=given)

    def _services(self) -> Services:
        return Services(
            store=self.ours.store,
            engine=cast("DnaEngine", None),  # verdicts ask no program
            keyring=cast("Keyring", None),  # and the agents sign themselves
            authority=cast("Authority", Everybody()),
            bus=Bus(),
            notices=cast("Notices", None),
            server=SERVER,
            clock=lambda: self.ours.now,
            random=os.urandom,
            spawn=Background().spawn,
            guard=lambda _: nullcontext(),
        )


@pytest.fixture
async def here(neo4j_5: LocalNeo4j) -> AsyncIterator[Here]:
    empty(neo4j_5)
    store, other = await Neo4jStore.open(neo4j_5.uri), await Neo4jStore.open(neo4j_5.uri)
    ours = World(store)
    speaker, *crowd = agents(5)
    uri = await ours.choir(speaker, *crowd)
    url = await ours.speak(uri, speaker, "hello")
    await ours.verdict(uri, crowd[0], url)
    yield Here(ours, World(other, now=ours.now), uri, url, crowd[1:])
    await other.close()
    await store.close()


async def test_each_answer_tells_the_count_after_it(here: Here) -> None:
    answers = [await here.concurs(each) for each in here.crowd]

    assert [answer.concurring for answer in answers] == [3, 4, 5]
    assert answers[-1] == (await here.theirs.store.organisms.spoken([here.url]))[0]


async def test_a_head_that_is_newer_than_what_is_remembered_is_no_head_of_the_future(here: Here) -> None:
    first, second, *_ = here.crowd
    await here.theirs.verdict(here.uri, second, here.url)
    now = await here.theirs.organism(here.uri)
    head = sign_head(SERVER, here.uri, now.size, now.root, now.epoch, format_millis(here.ours.now))

    answer = await here.concurs(first, head=head.as_json())

    assert answer.concurring == 4


async def test_who_left_elsewhere_is_refused(here: Here) -> None:
    first, *_ = here.crowd
    await here.theirs.leave(here.uri, first)

    with pytest.raises(NotAMember):
        await here.concurs(first)


async def test_what_was_taken_back_elsewhere_is_answered_as_such(here: Here) -> None:
    first, *_ = here.crowd
    speaker = agents(1)[0]
    await here.theirs.retract(here.uri, speaker, here.url)

    answer = await here.concurs(first)

    assert (answer.concurring, answer.retracted_at is None) == (3, False)
