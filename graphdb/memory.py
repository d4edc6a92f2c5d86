"""What a process remembers of the graph: enough to take a member's first verdict on an expression without asking.

It is the graph at one position of the log. Every accepted event moves that position, so whoever compares it under the
log's lock has compared all that is remembered; what turns out to be out of date is forgotten as a whole.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.identity import Did
from domain.organisms.events import (
    ExpressionRetracted,
    Founded,
    MemberRemoved,
    NewExpression,
    NewMember,
    ProfileChanged,
    VerdictGiven,
)
from domain.organisms.organism import Membership, Organism, SpokenExpression
from graphdb.plan import Accepted, Known, LogHead, Plan
from graphdb.store import Commit, Standing

ORGANISMS = 1_000
MEMBERS = 50_000
SIGNERS = 100_000


@dataclass(slots=True)
class Heard:
    """An expression that was spoken, and everybody whose verdict on it is live."""

    spoken: SpokenExpression
    signers: set[Did]


@dataclass(frozen=True, slots=True)
class Living:
    """An organism, and where its log stands."""

    organism: Organism
    head: LogHead


class Memory:
    """Parts of the graph as it is at `position`, None where nothing is known."""

    def __init__(self) -> None:
        self.position: int | None = None
        self._organisms: dict[str, Living] = {}
        self._members: dict[tuple[str, Did], Membership] = {}
        self._heard: dict[str, Heard] = {}
        self._signers = 0

    def recall(self, uri: str, url: str, did: Did) -> Standing | None:
        """The standing of a member that gave no verdict yet and was there when the expression was spoken.

        None for everybody else, and for what is not remembered. Verdicts are never taken away: where there is
        none, no statement of that agent about the expression was ever accepted.
        """
        living, heard, member = self._organisms.get(uri), self._heard.get(url), self._members.get((uri, did))
        if living is None or heard is None or member is None or did in heard.signers:
            return None
        if heard.spoken.organism != uri or member.since_epoch > heard.spoken.epoch:
            return None
        return Standing(living.organism, member, heard.spoken, in_spoken_roster=True)

    def remembered(self, url: str) -> SpokenExpression | None:
        heard = self._heard.get(url)
        return None if heard is None else heard.spoken

    def known(self, commits: Iterable[Commit]) -> Known | None:
        """What a batch touches, if it is made of first verdicts on what is remembered; None otherwise."""
        if self.position is None:
            return None
        known = Known(self.position)
        for commit in commits:
            event, living = commit.events[0], self._organisms.get(commit.organism)
            if living is None or not isinstance(event, VerdictGiven) or commit.idempotency is not None:
                return None
            heard = self._heard.get(event.signed.expression)
            if heard is None or event.signed.author in heard.signers:
                return None
            known.heads[commit.organism] = living.head
            known.concurring[event.signed.expression] = heard.spoken.concurring
        return known

    def knows(self, commit: Commit) -> bool:
        """Whether nothing that `known` and `recall` need is missing for another verdict like this one."""
        event = commit.events[0]
        if not isinstance(event, VerdictGiven):
            return True
        member = (commit.organism, event.signed.author)
        return commit.organism in self._organisms and event.signed.expression in self._heard and member in self._members

    def forget(self, position: int | None = None) -> None:
        """Begins anew, at that position if it is known."""
        self.position = position
        self._organisms.clear()
        self._members.clear()
        self._heard.clear()
        self._signers = 0

    def follow(self, written: Plan) -> None:
        """What was remembered was true, and this came after it."""
        for accepted in written.accepted:
            self._follow(accepted)
        for url, delta in _deltas(written).items():
            heard = self._heard.get(url)
            if heard is not None:
                heard.spoken = replace(heard.spoken, concurring=heard.spoken.concurring + delta)
        for uri, head in written.heads.items():
            living = self._organisms.get(uri)
            if living is not None:
                self._organisms[uri] = Living(_moved(living.organism, head), head)
        self.position = written.position
        self._trim()

    def learn(
        self,
        organisms: Iterable[Living],
        members: Iterable[tuple[str, Membership]],
        heard: Iterable[tuple[SpokenExpression, Sequence[Did]]],
    ) -> None:
        """More of the graph at the same position."""
        self._organisms.update((living.organism.uri, living) for living in organisms)
        self._members.update(((uri, member.did), member) for uri, member in members)
        for spoken, signers in heard:
            self._hear(spoken, signers)
        self._trim()

    def _hear(self, spoken: SpokenExpression, signers: Iterable[Did]) -> None:
        self._ignore(spoken.url)
        self._heard[spoken.url] = Heard(spoken, set(signers))
        self._signers += len(self._heard[spoken.url].signers)

    def _ignore(self, url: str) -> None:
        heard = self._heard.pop(url, None)
        self._signers -= 0 if heard is None else len(heard.signers)

    def _trim(self) -> None:
        """What came first goes first."""
        while len(self._organisms) > ORGANISMS:
            del self._organisms[next(iter(self._organisms))]
        while len(self._members) > MEMBERS:
            del self._members[next(iter(self._members))]
        while self._signers > SIGNERS:
            self._ignore(next(iter(self._heard)))

    def _follow(self, accepted: Accepted) -> None:
        uri = accepted.commit.organism
        match accepted.event:
            case VerdictGiven():
                self._judge(accepted)
            case NewExpression() as event:
                self._hear(_spoken(accepted, event), (event.signed.author,))
            case ExpressionRetracted() as event:
                self._ignore(event.signed.expression)
            case Founded() as event:
                self._members[uri, event.signed.author] = _member(accepted, event.signed.author, epoch=0)
            case NewMember() as event:
                self._members[uri, event.did] = _member(accepted, event.did, epoch=event.epoch)
            case MemberRemoved() as event:
                self._members.pop((uri, event.did), None)
            case ProfileChanged():
                self._organisms.pop(uri, None)
            case _:
                pass  # moves the organism's head, or what is not remembered

    def _judge(self, accepted: Accepted) -> None:
        statement = accepted.event.signed
        heard = self._heard.get(statement.expression)
        if heard is not None and statement.author not in heard.signers:
            heard.signers.add(statement.author)
            self._signers += 1


def _deltas(written: Plan) -> Counter[str]:
    deltas: Counter[str] = Counter()
    for accepted in written.accepted:
        if accepted.delta:
            deltas[accepted.event.signed.expression] += accepted.delta
    return deltas


def _member(accepted: Accepted, did: Did, *, epoch: int) -> Membership:
    return Membership(did, epoch, accepted.commit.received_at)


def _spoken(accepted: Accepted, event: NewExpression) -> SpokenExpression:
    statement, commit = event.signed, accepted.commit
    return SpokenExpression(
        url=statement.expression,
        organism=commit.organism,
        content=statement.content,
        speaker=statement.author,
        language=event.language,
        epoch=statement.epoch,
        roster=statement.roster,
        dna=statement.dna,
        spoken_at=statement.millis,
        received_at=commit.received_at,
        concurring=1,
        members=event.members,
    )


def _moved(organism: Organism, head: LogHead) -> Organism:
    return replace(
        organism,
        epoch=head.epoch,
        size=head.size,
        facts_size=head.facts_size,
        root=head.root,
        roster=head.roster,
        member_count=head.members,
        dna=head.dna,
    )
