"""What happens in an organism: every event is one entry of its log.

An event that a statement caused carries it; a derived event (somebody admitted, a proposal
closed) carries the evaluation of Social DNA it follows from. `data` holds what the server adds,
so that the log alone rebuilds the graph.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

from domain.canonical import Json, canonical
from domain.identity import Did
from domain.organisms.organism import ProposalState, VoteKind
from domain.organisms.statement import ChangeKind, Statement, Verdict, parse_statement
from domain.timestamp import format_millis

Evaluation = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events."""

    name: ClassVar[str]
    affects_facts: ClassVar[bool] = True
    statement: Statement | None = None
    evaluation: Evaluation | None = None

    def data(self) -> dict[str, Json]:
        return {}

    @property
    def signed(self) -> Statement:
        assert self.statement is not None, f"{self.name} carries no statement"
        return self.statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded(Event):
    """An organism exists, with its founder as its one member, at epoch 0."""

    name = "Founded"
    organism: str
    roster: str

    def data(self) -> dict[str, Json]:
        return {"organism": self.organism, "roster": self.roster}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExpression(Event):
    """A member spoke an expression for the organism; `members` is the size of the roster then."""

    name = "NewExpression"
    language: str
    members: int

    def data(self) -> dict[str, Json]:
        return {"language": self.language, "members": self.members}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictGiven(Event):
    """A member concurred with or rejected an expression; `as_spoken`: it was in that epoch's roster."""

    name = "VerdictGiven"
    affects_facts = False
    automatic: bool
    as_spoken: bool

    def data(self) -> dict[str, Json]:
        return {"automatic": self.automatic, "asSpoken": self.as_spoken}

    @property
    def verdict(self) -> Verdict:
        return Verdict(str(self.signed.fields["verdict"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionRetracted(Event):
    """The speaker took an expression back; its verdicts and history stay."""

    name = "ExpressionRetracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalOpened(Event):
    """A `propose`, or a `join` of somebody nobody proposed, opened a proposal."""

    name = "ProposalOpened"
    change: ChangeKind
    subject: str
    joined: bool
    base: str | None = None
    profile: Mapping[str, Json] | None = None

    def data(self) -> dict[str, Json]:
        data: dict[str, Json] = {"change": str(self.change), "subject": self.subject, "joined": self.joined}
        if self.base is not None:
            data["base"] = self.base
        if self.profile is not None:
            data["profile"] = dict(self.profile)
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast(Event):
    """A member vouched for or declined a proposal."""

    name = "VoteCast"
    proposal: str
    vote: VoteKind

    def data(self) -> dict[str, Json]:
        return {"proposal": self.proposal, "vote": str(self.vote)}


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequested(Event):
    """A candidate consented: to an invitation (`proposal` is None) or to an open proposal."""

    name = "JoinRequested"
    proposal: str | None

    def data(self) -> dict[str, Json]:
        return {"proposal": self.proposal}


@dataclass(frozen=True, slots=True, kw_only=True)
class _RosterChanged(Event):
    did: Did
    epoch: int
    roster: str
    members: int
    proposal: str | None = None

    def data(self) -> dict[str, Json]:
        return {
            "did": self.did,
            "epoch": self.epoch,
            "roster": self.roster,
            "members": self.members,
            "proposal": self.proposal,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember(_RosterChanged):
    """An agent is a member from `epoch` on."""

    name = "NewMember"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(_RosterChanged):
    """An agent left (the entry carries its statement) or was removed by a proposal."""

    name = "MemberRemoved"


@dataclass(frozen=True, slots=True, kw_only=True)
class DnaChanged(Event):
    """The organism follows another Social DNA from `epoch` on."""

    name = "DnaChanged"
    dna: str
    previous: str
    epoch: int
    proposal: str

    def data(self) -> dict[str, Json]:
        return {"dna": self.dna, "previous": self.previous, "epoch": self.epoch, "proposal": self.proposal}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(Event):
    """The organism calls itself something else; no new epoch begins with it."""

    name = "ProfileChanged"
    profile: Mapping[str, Json]
    proposal: str

    def data(self) -> dict[str, Json]:
        return {"profile": dict(self.profile), "proposal": self.proposal}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalClosed(Event):
    """A proposal ended; a withdrawal carries its author's statement."""

    name = "ProposalClosed"
    proposal: str
    state: ProposalState

    def data(self) -> dict[str, Json]:
        return {"proposal": self.proposal, "state": str(self.state)}


def entry_text(event: Event, *, seq: int, received_at: int) -> str:
    """The log entry of an event: canonical JSON, the leaf of the organism's tree (protocol section 6)."""
    entry: dict[str, Json] = {
        "seq": seq,
        "event": event.name,
        "data": event.data(),
        "receivedAt": format_millis(received_at),
    }
    if event.statement is not None:
        entry["statement"] = event.statement.text
        entry["signature"] = event.statement.signature
    if event.evaluation is not None:
        entry["evaluation"] = dict(event.evaluation)
    return canonical(entry)


def event_from(entry: Mapping[str, Json]) -> Event:
    """The event that an entry of the log records; the inverse of `entry_text`."""
    statement = None
    if "statement" in entry:
        statement = parse_statement(str(entry["statement"]), str(entry["signature"]))
    evaluation = cast("Evaluation | None", entry.get("evaluation"))
    data = cast("Mapping[str, Json]", entry["data"])
    return _READERS[str(entry["event"])](data, statement, evaluation)


_Reader = Callable[[Mapping[str, Json], Statement | None, Evaluation | None], Event]


def _roster_fields(data: Mapping[str, Json]) -> tuple[Did, int, str, int, str | None]:
    proposal = data["proposal"]
    return (
        Did(str(data["did"])),
        cast("int", data["epoch"]),
        str(data["roster"]),
        cast("int", data["members"]),
        None if proposal is None else str(proposal),
    )


def _founded(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    return Founded(statement=statement, organism=str(data["organism"]), roster=str(data["roster"]))


def _new_expression(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    members = cast("int", data["members"])
    return NewExpression(statement=statement, evaluation=evaluation, language=str(data["language"]), members=members)


def _verdict_given(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    automatic, as_spoken = bool(data["automatic"]), bool(data["asSpoken"])
    return VerdictGiven(statement=statement, evaluation=evaluation, automatic=automatic, as_spoken=as_spoken)


def _retracted(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    return ExpressionRetracted(statement=statement)


def _opened(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    base = data.get("base")
    return ProposalOpened(
        statement=statement,
        change=ChangeKind(str(data["change"])),
        subject=str(data["subject"]),
        joined=bool(data["joined"]),
        base=None if base is None else str(base),
        profile=cast("Mapping[str, Json] | None", data.get("profile")),
    )


def _vote_cast(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    return VoteCast(statement=statement, proposal=str(data["proposal"]), vote=VoteKind(str(data["vote"])))


def _join_requested(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    proposal = data["proposal"]
    return JoinRequested(statement=statement, proposal=None if proposal is None else str(proposal))


def _new_member(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    did, epoch, roster, members, proposal = _roster_fields(data)
    return NewMember(evaluation=evaluation, did=did, epoch=epoch, roster=roster, members=members, proposal=proposal)


def _member_removed(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    did, epoch, roster, members, proposal = _roster_fields(data)
    return MemberRemoved(
        statement=statement,
        evaluation=evaluation,
        did=did,
        epoch=epoch,
        roster=roster,
        members=members,
        proposal=proposal,
    )


def _dna_changed(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    return DnaChanged(
        evaluation=evaluation,
        dna=str(data["dna"]),
        previous=str(data["previous"]),
        epoch=cast("int", data["epoch"]),
        proposal=str(data["proposal"]),
    )


def _profile_changed(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    profile = cast("Mapping[str, Json]", data["profile"])
    return ProfileChanged(evaluation=evaluation, profile=profile, proposal=str(data["proposal"]))


def _closed(data: Mapping[str, Json], statement: Statement | None, evaluation: Evaluation | None) -> Event:
    state = ProposalState(str(data["state"]))
    return ProposalClosed(statement=statement, evaluation=evaluation, proposal=str(data["proposal"]), state=state)


_READERS: dict[str, _Reader] = {
    Founded.name: _founded,
    NewExpression.name: _new_expression,
    VerdictGiven.name: _verdict_given,
    ExpressionRetracted.name: _retracted,
    ProposalOpened.name: _opened,
    VoteCast.name: _vote_cast,
    JoinRequested.name: _join_requested,
    NewMember.name: _new_member,
    MemberRemoved.name: _member_removed,
    DnaChanged.name: _dna_changed,
    ProfileChanged.name: _profile_changed,
    ProposalClosed.name: _closed,
}
