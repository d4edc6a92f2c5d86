"""Worlds of agents and organisms: real keys, real statements, the domain's own decisions, a clock that only we move."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType

from domain.canonical import Json
from domain.expressions import Expression, json_url, sign_expression
from domain.identity import Did, KeyPair
from domain.organisms import membership, speaking
from domain.organisms.acceptance import Acceptance
from domain.organisms.dna import DnaVerdict, Evaluation, dna_hash
from domain.organisms.events import Event
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Organism
from domain.organisms.profile import Profile
from domain.organisms.statement import ChangeKind, Statement, make_statement, organism_uri
from domain.organisms.templates import MAJORITY
from domain.timestamp import format_millis
from graphdb.store import FOUNDING, Commit, Committed, Expected, IdempotencyKey, Moved, Store

START = 1_800_000_000_000
DNA = hashlib.sha256(MAJORITY.program.encode()).hexdigest()
ROOM = 1_000
ATTEMPTS = 100

_nonces = count(1)


def agent(name: str) -> KeyPair:
    """The same name is the same agent, in every run."""
    return KeyPair.generate(hashlib.sha256(f"agent {name}".encode()).digest())


def agents(number: int) -> list[KeyPair]:
    return [agent(str(each)) for each in range(number)]


SERVER = agent("server")


class Permissive:
    """A Social DNA that has both membranes."""

    handle = "o"
    mentions = frozenset[str]()
    predicates: Mapping[str, str] = MappingProxyType({})

    def defines(self, name: str, arity: int) -> bool:
        return True


TRUE = Evaluation(DnaVerdict.TRUE, None, 1_234, 0.5, "0" * 64, DNA, "1" * 64)


@dataclass(slots=True)
class World:
    """One store, and everything that happens in it. Times are milliseconds; every statement is a second later."""

    store: Store
    now: int = START

    def tick(self, milliseconds: int = 1_000) -> int:
        self.now += milliseconds
        return self.now

    def sign(self, keys: KeyPair, kind: str, organism: str, **fields: Json) -> Statement:
        at = format_millis(self.tick())
        given = {name: value for name, value in fields.items() if value is not None}
        return make_statement(keys, {"type": kind, "organism": organism, "timestamp": at, **given})

    @property
    def acceptance(self) -> Acceptance:
        return Acceptance(SERVER.did, self.now)

    async def found(self, founder: KeyPair, *invited: KeyPair, name: str = "Choir", **fields: Json) -> str:
        return (await self.store.organisms.commit(self.founding(founder, *invited, name=name, **fields))).result

    def founding(self, founder: KeyPair, *invited: KeyPair, name: str = "Choir", **fields: Json) -> Commit:
        dids: list[Json] = [each.did for each in invited]
        nonce = f"{next(_nonces):016x}"
        statement = self.sign(founder, "found", "", name=name, invited=dids, dna=DNA, nonce=nonce, **fields)
        uri = organism_uri(statement)
        return Commit(
            uri, membership.found(statement, self.acceptance), FOUNDING, self.now, uri, program=MAJORITY.program
        )

    async def choir(self, *members: KeyPair, name: str = "Choir") -> str:
        """An organism that the first one founded and all the others joined."""
        founder, *others = members
        uri = await self.found(founder, *others, name=name)
        for other in others:
            await self.join(uri, other)
        return uri

    def expression(self, author: KeyPair, data: Json) -> tuple[str, Expression]:
        expression = sign_expression(author, data, format_millis(self.tick()))
        return json_url(expression), expression

    async def speak(self, uri: str, author: KeyPair, data: Json) -> str:
        url, expression = self.expression(author, data)
        return (await self._deciding(lambda: self.speaking(uri, author, url, expression))).result

    async def speaking(self, uri: str, author: KeyPair, url: str, expression: Expression) -> Commit:
        """The commit that speaks the expression; nothing is sent yet."""
        standing = await self.store.organisms.standing(uri, url, author.did)
        organism = _known(standing.organism)
        content = expression.content
        statement = self.sign(
            author,
            "speak",
            uri,
            expression=url,
            content=content,
            epoch=organism.epoch,
            roster=organism.roster,
            dna=organism.dna,
        )
        speaking.check_speak(
            statement,
            expression,
            url,
            organism=organism,
            membership=standing.membership,
            acceptance=self.acceptance,
        )
        events = speaking.speak(statement, "json", organism, TRUE)
        return replace(self._commit(organism, events, url), expression=(url, expression))

    async def verdict(
        self, uri: str, author: KeyPair, url: str, verdict: str = "concur", reason: str | None = None
    ) -> Committed:
        return await self._deciding(lambda: self.judging(uri, author, url, verdict, reason=reason))

    async def judging(
        self,
        uri: str,
        author: KeyPair,
        url: str,
        verdict: str = "concur",
        *,
        reason: str | None = None,
        automatic: bool = False,
    ) -> Commit:
        """The commit that gives a verdict; nothing is sent yet."""
        standing = await self.store.organisms.standing(uri, url, author.did)
        organism = _known(standing.organism)
        spoken = speaking.require_spoken(standing.spoken, url, organism)
        statement = self.sign(
            author,
            "verdict",
            uri,
            expression=url,
            content=spoken.content,
            epoch=spoken.epoch,
            verdict=verdict,
            dna=spoken.dna,
            reason=reason,
        )
        events = speaking.give_verdict(
            statement,
            organism=organism,
            membership=standing.membership,
            spoken=spoken,
            previous=standing.verdict,
            in_spoken_roster=standing.in_spoken_roster,
            acceptance=self.acceptance,
            automatic=automatic,
        )
        live = None if standing.verdict is None else standing.verdict.statement_id
        expected = Expected(organism.epoch, verdict=live)
        return Commit(uri, events, expected, self.now, url)

    async def retract(self, uri: str, author: KeyPair, url: str) -> Committed:
        async def decide() -> Commit:
            standing = await self.store.organisms.standing(uri, url, author.did)
            organism = _known(standing.organism)
            spoken = speaking.require_spoken(standing.spoken, url, organism)
            statement = self.sign(author, "retract", uri, expression=url, content=spoken.content)
            events = speaking.retract(statement, organism=organism, spoken=spoken, acceptance=self.acceptance)
            assert events, "retracted already"
            return self._commit(organism, events, url)

        return await self._deciding(decide)

    async def propose(
        self, uri: str, author: KeyPair, subject: str, change: ChangeKind = ChangeKind.ADD, note: str | None = None
    ) -> str:
        def decide(gathering: Gathering) -> tuple[tuple[Event, ...], str]:
            epoch = gathering.organism.epoch
            statement = self.sign(author, "propose", uri, change=str(change), subject=subject, epoch=epoch, note=note)
            events = membership.propose(statement, gathering, Permissive(), self.acceptance, limit=ROOM)
            standing = gathering.open_on(change, subject)
            return events, statement.id if standing is None else standing.id

        return (await self._gathered(uri, decide)).result

    async def propose_dna(self, uri: str, author: KeyPair, program: str) -> str:
        return await self._propose_change(uri, author, ChangeKind.DNA, dna_hash(program), program=program)

    async def propose_profile(self, uri: str, author: KeyPair, profile: Profile) -> str:
        return await self._propose_change(uri, author, ChangeKind.PROFILE, profile.hash, profile=profile)

    async def _propose_change(
        self,
        uri: str,
        author: KeyPair,
        change: ChangeKind,
        subject: str,
        *,
        program: str | None = None,
        profile: Profile | None = None,
    ) -> str:
        async def decide() -> Commit:
            gathering = await self.gathering(uri)
            epoch = gathering.organism.epoch
            statement = self.sign(author, "propose", uri, change=str(change), subject=subject, epoch=epoch)
            events = membership.propose(
                statement, gathering, Permissive(), self.acceptance, limit=ROOM, profile=profile
            )
            standing = gathering.open_on(change, subject)
            result = statement.id if standing is None else standing.id
            return replace(self._commit(gathering.organism, events, result), program=program)

        return (await self._deciding(decide)).result

    async def vote(
        self, uri: str, author: KeyPair, proposal: str, kind: str = "vouch", reason: str | None = None
    ) -> Committed:
        known = await self.store.organisms.proposal(proposal)

        def decide(gathering: Gathering) -> tuple[tuple[Event, ...], str]:
            statement = self.sign(author, kind, uri, proposal=proposal, reason=reason)
            return membership.vote(statement, known, gathering, self.acceptance), proposal

        return await self._gathered(uri, decide)

    async def withdraw(self, uri: str, author: KeyPair, proposal: str) -> Committed:
        known = await self.store.organisms.proposal(proposal)

        def decide(gathering: Gathering) -> tuple[tuple[Event, ...], str]:
            statement = self.sign(author, "withdraw", uri, proposal=proposal)
            return membership.withdraw(statement, known, gathering, self.acceptance), proposal

        return await self._gathered(uri, decide)

    async def join(self, uri: str, author: KeyPair) -> Committed:
        """Answers with the organism's URI for an invited agent, with the proposal's id for another one."""
        return await self._deciding(lambda: self.joining(uri, author))

    async def joining(self, uri: str, author: KeyPair) -> Commit:
        """The commit of a join; nothing is sent yet."""

        def decide(gathering: Gathering) -> tuple[tuple[Event, ...], str]:
            statement = self.sign(author, "join", uri, epoch=gathering.organism.epoch)
            events = membership.join(statement, None, gathering, Permissive(), self.acceptance, limit=ROOM)
            standing = gathering.open_on(ChangeKind.ADD, author.did)
            if author.did in gathering.invited:
                return events, uri
            return events, statement.id if standing is None else standing.id

        return await self._decided(uri, decide)

    async def leave(self, uri: str, author: KeyPair) -> Committed:
        return await self._deciding(lambda: self.leaving(uri, author))

    async def leaving(self, uri: str, author: KeyPair) -> Commit:
        """The commit of a departure; nothing is sent yet."""

        def decide(gathering: Gathering) -> tuple[tuple[Event, ...], str]:
            statement = self.sign(author, "leave", uri, epoch=gathering.organism.epoch)
            return membership.leave(statement, gathering, self.acceptance), uri

        return await self._decided(uri, decide)

    async def settle(self, uri: str, proposal: str) -> Committed:
        """The membrane says yes: the proposal is accepted and the roster changes."""
        known = await self.store.organisms.proposal(proposal)
        assert known is not None

        def decide(gathering: Gathering) -> tuple[tuple[Event, ...], str]:
            self.tick()
            return membership.settle(known, gathering, TRUE), proposal

        return await self._gathered(uri, decide)

    async def expire(self, uri: str, proposal: str) -> Committed:
        known = await self.store.organisms.proposal(proposal)
        assert known is not None
        return await self._gathered(uri, lambda _: (membership.expire(known), proposal))

    async def admit(self, uri: str, member: KeyPair, candidate: KeyPair) -> None:
        """Proposed, consented and accepted."""
        proposal = await self.propose(uri, member, candidate.did)
        await self.join(uri, candidate)
        await self.settle(uri, proposal)

    async def gathering(self, uri: str) -> Gathering:
        gathering = await self.store.organisms.gathering(uri)
        assert gathering is not None
        return gathering

    async def organism(self, uri: str) -> Organism:
        return _known(await self.store.organisms.organism(uri))

    async def _gathered(self, uri: str, decide: Callable[[Gathering], tuple[tuple[Event, ...], str]]) -> Committed:
        return await self._deciding(lambda: self._decided(uri, decide))

    async def _decided(self, uri: str, decide: Callable[[Gathering], tuple[tuple[Event, ...], str]]) -> Commit:
        gathering = await self.gathering(uri)
        events, result = decide(gathering)
        return self._commit(gathering.organism, events, result)

    async def _deciding(self, decide: Callable[[], Awaitable[Commit]]) -> Committed:
        """Decides again wherever the organism moved meanwhile, as the resolvers do."""
        for _ in range(ATTEMPTS):
            try:
                return await self.store.organisms.commit(await decide())
            except Moved:
                continue
        raise AssertionError("moved at every attempt")

    def _commit(self, organism: Organism, events: tuple[Event, ...], result: str) -> Commit:
        expected = Expected(organism.epoch, organism.facts_size)
        return Commit(organism.uri, events, expected, self.now, result)


def key_of(author: KeyPair, key: str, fingerprint: str = "") -> IdempotencyKey:
    return IdempotencyKey(author.did, key, fingerprint)


def dids(agents: list[KeyPair]) -> list[Did]:
    return sorted(each.did for each in agents)


def _known(organism: Organism | None) -> Organism:
    assert organism is not None
    return organism
