"""Who belongs to an organism: founding, invitations, consent, proposals, votes, leaving (protocol section 5)."""

from collections.abc import Iterable
from typing import cast

from domain.canonical import Json
from domain.identity import Did
from domain.organisms.acceptance import Acceptance, check_awake, check_clock, check_epoch
from domain.organisms.changing import adopt, check_new
from domain.organisms.dna import DNA_CHANGE, MEMBRANE, MEMBRANE_EXIT, Decision, Program
from domain.organisms.errors import (
    AlreadyJoined,
    AlreadyMember,
    DnaNoMembrane,
    EpochMoved,
    NotAMember,
    NotLater,
    NotTheAuthor,
    ProposalIsClosed,
    SubjectCannotVote,
    TooMany,
    UnknownProposal,
)
from domain.organisms.events import (
    Event,
    Founded,
    JoinRequested,
    MemberRemoved,
    NewMember,
    ProposalClosed,
    ProposalOpened,
    VoteCast,
)
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Organism, Proposal, ProposalState, VoteKind
from domain.organisms.profile import Profile
from domain.organisms.roster import roster_root
from domain.organisms.statement import ChangeKind, Statement, StatementType, organism_uri
from domain.timestamp import format_millis

PREDICATES = {
    ChangeKind.ADD: MEMBRANE,
    ChangeKind.REMOVE: MEMBRANE_EXIT,
    ChangeKind.DNA: DNA_CHANGE,
    ChangeKind.PROFILE: DNA_CHANGE,
}


def found(statement: Statement, acceptance: Acceptance) -> tuple[Founded]:
    """The organism exists at epoch 0 with its founder as the one member."""
    check_clock(statement, acceptance)
    roster = roster_root((statement.author,))
    return (Founded(statement=statement, organism=organism_uri(statement), roster=roster),)


def propose(
    statement: Statement,
    gathering: Gathering,
    program: Program,
    acceptance: Acceptance,
    *,
    limit: int,
    profile: Profile | None = None,
) -> tuple[Event, ...]:
    """Opens a proposal, or vouches for the open one on the same subject. A proposed profile comes with its text."""
    check_awake(gathering.organism)
    check_clock(statement, acceptance)
    check_epoch(statement, gathering.organism)
    gathering.require_member(statement.author)
    change, subject = ChangeKind(str(statement.fields["change"])), str(statement.fields["subject"])
    _check_subject(change, subject, gathering)
    check_new(change, subject, gathering, profile)
    if change is ChangeKind.REMOVE and subject == statement.author:
        raise SubjectCannotVote(subject)
    standing = gathering.open_on(change, subject)
    if standing is not None:
        return vouch(statement, standing)
    require_membrane(change, program, gathering.organism)
    _check_room(gathering, limit, asked=False)
    base = gathering.organism.dna if change is ChangeKind.DNA else None
    fields = None if profile is None else profile.as_json()
    opened = ProposalOpened(
        statement=statement, change=change, subject=subject, joined=False, base=base, profile=fields
    )
    return (opened,)


def _check_subject(change: ChangeKind, subject: str, gathering: Gathering) -> None:
    member = gathering.member(subject)
    if change is ChangeKind.ADD and member is not None:
        raise AlreadyMember(subject, gathering.organism.uri)
    if change is ChangeKind.REMOVE and member is None:
        raise NotAMember(subject, gathering.organism.uri)


def _check_room(gathering: Gathering, limit: int, *, asked: bool) -> None:
    """Strangers' requests to join count apart: however many come, members can still propose."""
    standing = sum((each.author == each.subject) is asked for each in gathering.proposals)
    if standing >= limit:
        what = "open requests to join one organism" if asked else "open proposals of one organism's members"
        raise TooMany(what, limit)


def require_membrane(change: ChangeKind, program: Program, organism: Organism) -> None:
    """Without `dna_change` there is a rule all the same; without a membrane there is none."""
    predicate = PREDICATES[change]
    if predicate != DNA_CHANGE and not program.defines(predicate, 2):
        raise DnaNoMembrane(predicate, organism.uri)


def vouch(statement: Statement, proposal: Proposal) -> tuple[Event, ...]:
    """The vote in a statement replaces the author's older one if it is strictly later."""
    previous = proposal.vote_of(statement.author)
    if previous is not None and statement.millis <= previous.timestamp:
        raise NotLater(statement.timestamp, format_millis(previous.timestamp))
    declined = statement.type is StatementType.DECLINE
    kind = VoteKind.DECLINE if declined else VoteKind.VOUCH
    return (VoteCast(statement=statement, proposal=proposal.id, vote=kind),)


def vote(
    statement: Statement, proposal: Proposal | None, gathering: Gathering, acceptance: Acceptance
) -> tuple[Event, ...]:
    """A member vouches for or declines an open proposal."""
    check_awake(gathering.organism)
    check_clock(statement, acceptance)
    gathering.require_member(statement.author)
    known = require_open(proposal, str(statement.fields["proposal"]), gathering.organism)
    if known.change is ChangeKind.REMOVE and known.subject == statement.author:
        raise SubjectCannotVote(statement.author)
    return vouch(statement, known)


def require_open(proposal: Proposal | None, proposal_id: str, organism: Organism) -> Proposal:
    if proposal is None or proposal.organism != organism.uri:
        raise UnknownProposal(proposal_id)
    if not proposal.open:
        raise ProposalIsClosed(proposal_id, str(proposal.state))
    return proposal


def withdraw(
    statement: Statement, proposal: Proposal | None, gathering: Gathering, acceptance: Acceptance
) -> tuple[Event, ...]:
    """Whoever opened a proposal closes it; an asking candidate may take its request back."""
    check_awake(gathering.organism)
    check_clock(statement, acceptance)
    known = require_open(proposal, str(statement.fields["proposal"]), gathering.organism)
    if known.author != statement.author:
        raise NotTheAuthor(statement.author, known.author, "proposal")
    return (ProposalClosed(statement=statement, proposal=known.id, state=ProposalState.WITHDRAWN),)


def join(
    statement: Statement,
    named: Proposal | None,
    gathering: Gathering,
    program: Program,
    acceptance: Acceptance,
    *,
    limit: int,
) -> tuple[Event, ...]:
    """A candidate consents: an invited one is a member at once, others when the membrane lets them in."""
    organism, author = gathering.organism, statement.author
    check_awake(organism)
    check_clock(statement, acceptance)
    check_epoch(statement, organism)
    if gathering.member(author) is not None:
        raise AlreadyMember(author, organism.uri)
    standing = gathering.open_on(ChangeKind.ADD, author)
    _check_named(statement, named, standing, organism)
    if author in gathering.invited:
        proposal = None if standing is None else standing.id
        return (JoinRequested(statement=statement, proposal=proposal), *admit(author, gathering, None))
    if standing is not None:
        if standing.joined_at is not None:
            raise AlreadyJoined(author, standing.id)
        return (JoinRequested(statement=statement, proposal=standing.id),)
    require_membrane(ChangeKind.ADD, program, organism)
    _check_room(gathering, limit, asked=True)
    return (ProposalOpened(statement=statement, change=ChangeKind.ADD, subject=author, joined=True),)


def _check_named(statement: Statement, named: Proposal | None, standing: Proposal | None, organism: Organism) -> None:
    """A `join` that names a proposal must name the open one on its author."""
    if "proposal" not in statement.fields:
        return
    proposal_id = str(statement.fields["proposal"])
    known = require_open(named, proposal_id, organism)
    if standing is None or known.id != standing.id:
        raise UnknownProposal(proposal_id)


def leave(statement: Statement, gathering: Gathering, acceptance: Acceptance) -> tuple[Event, ...]:
    """A member leaves at once; nobody can prevent it."""
    organism = gathering.organism
    check_awake(organism)
    check_clock(statement, acceptance)
    membership = gathering.member(statement.author)
    if membership is None:
        raise NotAMember(statement.author, organism.uri)
    epoch = cast("int", statement.fields["epoch"])
    if not membership.since_epoch <= epoch <= organism.epoch:
        raise EpochMoved(epoch, organism.epoch)
    return remove(statement.author, gathering, statement=statement)


def settle(proposal: Proposal, gathering: Gathering, decision: Decision) -> tuple[Event, ...]:
    """What follows from the Social DNA's answer: the change that was proposed, or nothing yet."""
    if not decision.true:
        return ()
    if proposal.change is ChangeKind.ADD:
        return admit(Did(proposal.subject), gathering, proposal, decision)
    if proposal.change is ChangeKind.REMOVE:
        return remove(Did(proposal.subject), gathering, proposal=proposal, decision=decision)
    return adopt(proposal, gathering, decision)


def expire(proposal: Proposal) -> tuple[Event, ...]:
    return (ProposalClosed(proposal=proposal.id, state=ProposalState.EXPIRED),)


def check_size(events: Iterable[Event], limit: int) -> None:
    """Raises `TooMany` where the events would admit somebody to an organism that has all the members it may have."""
    if any(isinstance(event, NewMember) and event.members > limit for event in events):
        raise TooMany("members of one organism", limit)


def admit(
    did: Did, gathering: Gathering, proposal: Proposal | None, decision: Decision | None = None
) -> tuple[Event, ...]:
    record = None if decision is None else decision.record()
    roster = [*(member.did for member in gathering.members), did]
    admitted = NewMember(
        evaluation=record,
        did=did,
        epoch=gathering.organism.epoch + 1,
        roster=roster_root(roster),
        members=len(roster),
        proposal=None if proposal is None else proposal.id,
    )
    return (admitted, *_close(gathering, ChangeKind.ADD, did, proposal, record))


def remove(
    did: Did,
    gathering: Gathering,
    *,
    statement: Statement | None = None,
    proposal: Proposal | None = None,
    decision: Decision | None = None,
) -> tuple[Event, ...]:
    record = None if decision is None else decision.record()
    roster = [member.did for member in gathering.members if member.did != did]
    removed = MemberRemoved(
        statement=statement,
        evaluation=record,
        did=did,
        epoch=gathering.organism.epoch + 1,
        roster=roster_root(roster),
        members=len(roster),
        proposal=None if proposal is None else proposal.id,
    )
    if not roster:
        return (removed, *(_closed(each, ProposalState.MOOT) for each in gathering.proposals))
    return (removed, *_close(gathering, ChangeKind.REMOVE, did, proposal, record))


def _close(
    gathering: Gathering, change: ChangeKind, did: Did, accepted: Proposal | None, record: dict[str, Json] | None
) -> tuple[Event, ...]:
    """The proposal that did it is accepted; the same change wanted by another one is moot."""
    if accepted is not None:
        return (_closed(accepted, ProposalState.ACCEPTED, record),)
    standing = gathering.open_on(change, did)
    return () if standing is None else (_closed(standing, ProposalState.MOOT),)


def _closed(proposal: Proposal, state: ProposalState, record: dict[str, Json] | None = None) -> Event:
    return ProposalClosed(proposal=proposal.id, state=state, evaluation=record)
