"""Who belongs to an organism: every rule of admission and removal, on values alone."""

from dataclasses import replace

import pytest

from domain.errors import DomainError
from domain.identity import Did, KeyPair
from domain.organisms import membership
from domain.organisms.acceptance import Acceptance
from domain.organisms.dna import DnaVerdict, Evaluation
from domain.organisms.events import JoinRequested, MemberRemoved, NewMember, ProposalClosed, ProposalOpened, VoteCast
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Membership, Organism, Proposal, ProposalState, Vote, VoteKind
from domain.organisms.roster import roster_root
from domain.organisms.statement import ChangeKind, Statement, make_statement
from domain.timestamp import format_millis
from tests.domain.agents import agent
from tests.domain.organisms.examples import ORGANISM, hash_of

NOW = 1_772_600_767_089
ACCEPTANCE = Acceptance(agent(99).did, NOW)


class AnyProgram:
    """A Social DNA that has every membrane, or none."""

    handle = "o"
    mentions: frozenset[str] = frozenset()

    def __init__(self, *, membranes: bool = True) -> None:
        self._membranes = membranes

    def defines(self, name: str, arity: int) -> bool:
        return self._membranes


def gathering(*members: KeyPair, invited: tuple[Did, ...] = (), proposals: tuple[Proposal, ...] = ()) -> Gathering:
    dids = [member.did for member in members]
    organism = Organism(
        uri=ORGANISM,
        name="Garden club",
        description=None,
        founder=agent(0).did,
        created_at=NOW,
        epoch=4,
        size=9,
        facts_size=9,
        root=hash_of("root"),
        roster=roster_root(dids),
        member_count=len(dids),
        dna=hash_of("dna"),
    )
    return Gathering(organism, tuple(Membership(did, 2, NOW - 1000) for did in dids), invited, proposals)


def proposal(change: ChangeKind, subject: KeyPair, *votes: Vote, joined: bool = False) -> Proposal:
    return Proposal(
        id=hash_of(f"{change} {subject.did}"),
        organism=ORGANISM,
        change=change,
        subject=subject.did,
        author=agent(0).did,
        state=ProposalState.OPEN,
        opened_at=NOW - 500,
        joined_at=NOW - 400 if joined else None,
        votes=votes,
    )


def statement(author: KeyPair, kind: str, **fields: object) -> Statement:
    common = {"type": kind, "organism": ORGANISM, "timestamp": format_millis(NOW)}
    return make_statement(author, {**common, **fields})  # type: ignore[dict-item]  # JSON values


def answered(verdict: DnaVerdict) -> Evaluation:
    return Evaluation(verdict, None, 10, 0.1, hash_of("engine"), hash_of("dna"), hash_of("facts"))


def refusal(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_an_invited_agent_is_a_member_as_soon_as_it_joins() -> None:
    world = gathering(agent(0), invited=(agent(1).did,))

    events = membership.join(statement(agent(1), "join", epoch=4), None, world, AnyProgram(), ACCEPTANCE, limit=10)

    asked, admitted = events
    assert isinstance(asked, JoinRequested)
    assert isinstance(admitted, NewMember)
    assert (admitted.did, admitted.epoch, admitted.members) == (agent(1).did, 5, 2)
    assert admitted.roster == roster_root([agent(0).did, agent(1).did])


def test_joining_by_invitation_makes_an_open_proposal_moot() -> None:
    wanted = proposal(ChangeKind.ADD, agent(1))
    world = gathering(agent(0), invited=(agent(1).did,), proposals=(wanted,))

    events = membership.join(statement(agent(1), "join", epoch=4), None, world, AnyProgram(), ACCEPTANCE, limit=10)

    closed = events[-1]
    assert isinstance(closed, ProposalClosed)
    assert (closed.proposal, closed.state) == (wanted.id, ProposalState.MOOT)


@pytest.mark.parametrize("invited", [False, True])
def test_a_join_that_names_another_proposal_is_refused(invited: bool) -> None:
    own, others = proposal(ChangeKind.ADD, agent(1)), proposal(ChangeKind.ADD, agent(2))
    world = gathering(agent(0), invited=(agent(1).did,) if invited else (), proposals=(own, others))
    naming = statement(agent(1), "join", epoch=4, proposal=others.id)

    with refusal("UNKNOWN_PROPOSAL"):
        membership.join(naming, others, world, AnyProgram(), ACCEPTANCE, limit=10)


def test_a_stranger_who_joins_opens_a_proposal_without_a_vouch() -> None:
    world = gathering(agent(0))

    (opened,) = membership.join(statement(agent(1), "join", epoch=4), None, world, AnyProgram(), ACCEPTANCE, limit=10)

    assert isinstance(opened, ProposalOpened)
    assert opened.joined
    assert opened.subject == agent(1).did


def test_nobody_becomes_a_member_without_an_own_join() -> None:
    world = gathering(agent(0), agent(2))

    (opened,) = membership.propose(
        statement(agent(0), "propose", change="add", subject=agent(1).did, epoch=4),
        world,
        AnyProgram(),
        ACCEPTANCE,
        limit=10,
    )

    assert isinstance(opened, ProposalOpened)
    assert not opened.joined


def test_a_second_proposal_on_the_same_subject_is_a_vouch() -> None:
    wanted = proposal(ChangeKind.ADD, agent(1))
    world = gathering(agent(0), agent(2), proposals=(wanted,))

    (cast,) = membership.propose(
        statement(agent(2), "propose", change="add", subject=agent(1).did, epoch=4),
        world,
        AnyProgram(),
        ACCEPTANCE,
        limit=10,
    )

    assert isinstance(cast, VoteCast)
    assert (cast.proposal, cast.vote) == (wanted.id, VoteKind.VOUCH)


@pytest.mark.parametrize(
    ("verdict", "changes"), [(DnaVerdict.TRUE, True), (DnaVerdict.FALSE, False), (DnaVerdict.UNDECIDED, False)]
)
def test_only_true_admits(verdict: DnaVerdict, changes: bool) -> None:
    wanted = proposal(ChangeKind.ADD, agent(1), joined=True)

    events = membership.settle(wanted, gathering(agent(0), proposals=(wanted,)), answered(verdict))

    assert [type(event) for event in events] == ([NewMember, ProposalClosed] if changes else [])


def test_a_removal_that_is_decided_ends_the_membership() -> None:
    wanted = proposal(ChangeKind.REMOVE, agent(1))
    world = gathering(agent(0), agent(1), proposals=(wanted,))

    removed, closed = membership.settle(wanted, world, answered(DnaVerdict.TRUE))

    assert isinstance(removed, MemberRemoved)
    assert (removed.did, removed.members, removed.evaluation is not None) == (agent(1).did, 1, True)
    assert isinstance(closed, ProposalClosed)
    assert closed.state is ProposalState.ACCEPTED


def test_the_last_member_may_leave_and_takes_all_proposals_with_it() -> None:
    wanted = proposal(ChangeKind.ADD, agent(1))
    world = gathering(agent(0), proposals=(wanted,))

    removed, closed = membership.leave(statement(agent(0), "leave", epoch=3), world, ACCEPTANCE)

    assert isinstance(removed, MemberRemoved)
    assert removed.members == 0
    assert isinstance(closed, ProposalClosed)
    assert closed.state is ProposalState.MOOT


def test_a_dormant_organism_refuses_every_statement() -> None:
    with refusal("DORMANT"):
        membership.leave(statement(agent(0), "leave", epoch=4), gathering(), ACCEPTANCE)


@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_leaving_names_an_epoch_of_the_stay(epoch: int) -> None:
    with refusal("EPOCH_MOVED"):
        membership.leave(statement(agent(0), "leave", epoch=epoch), gathering(agent(0)), ACCEPTANCE)


def test_a_vote_replaces_an_older_one_only_if_it_is_later() -> None:
    earlier = Vote(agent(0).did, VoteKind.DECLINE, None, NOW, NOW)
    wanted = proposal(ChangeKind.ADD, agent(1), earlier)
    world = gathering(agent(0), proposals=(wanted,))

    with refusal("NOT_LATER"):
        membership.vote(statement(agent(0), "vouch", proposal=wanted.id), wanted, world, ACCEPTANCE)


@pytest.mark.parametrize("state", [state for state in ProposalState if state is not ProposalState.OPEN])
def test_a_closed_proposal_takes_no_votes(state: ProposalState) -> None:
    closed = replace(proposal(ChangeKind.ADD, agent(1)), state=state)

    with refusal("PROPOSAL_CLOSED"):
        membership.vote(statement(agent(0), "vouch", proposal=closed.id), closed, gathering(agent(0)), ACCEPTANCE)


def test_the_subject_of_a_removal_does_not_vote() -> None:
    wanted = proposal(ChangeKind.REMOVE, agent(1))
    world = gathering(agent(0), agent(1), proposals=(wanted,))

    with refusal("SUBJECT_CANNOT_VOTE"):
        membership.vote(statement(agent(1), "decline", proposal=wanted.id), wanted, world, ACCEPTANCE)


def test_only_the_author_withdraws_a_proposal() -> None:
    wanted = proposal(ChangeKind.ADD, agent(1))
    world = gathering(agent(0), agent(2), proposals=(wanted,))

    with refusal("NOT_THE_AUTHOR"):
        membership.withdraw(statement(agent(2), "withdraw", proposal=wanted.id), wanted, world, ACCEPTANCE)


def test_without_a_membrane_nobody_can_be_proposed() -> None:
    asked = statement(agent(0), "propose", change="add", subject=agent(1).did, epoch=4)

    with refusal("DNA_NO_MEMBRANE"):
        membership.propose(asked, gathering(agent(0)), AnyProgram(membranes=False), ACCEPTANCE, limit=10)


def test_a_join_that_waits_is_not_asked_again() -> None:
    waiting = proposal(ChangeKind.ADD, agent(1), joined=True)
    world = gathering(agent(0), proposals=(waiting,))

    with refusal("ALREADY_JOINED"):
        membership.join(statement(agent(1), "join", epoch=4), None, world, AnyProgram(), ACCEPTANCE, limit=10)


def asked(keys: KeyPair) -> Proposal:
    return replace(proposal(ChangeKind.ADD, keys, joined=True), author=keys.did)


def test_open_proposals_are_limited() -> None:
    world = gathering(agent(0), proposals=(proposal(ChangeKind.ADD, agent(2)),))
    another = statement(agent(0), "propose", change="add", subject=agent(1).did, epoch=4)

    with refusal("LIMIT_EXCEEDED"):
        membership.propose(another, world, AnyProgram(), ACCEPTANCE, limit=1)


def test_requests_to_join_are_limited() -> None:
    world = gathering(agent(0), proposals=(asked(agent(2)),))

    with refusal("LIMIT_EXCEEDED"):
        membership.join(statement(agent(1), "join", epoch=4), None, world, AnyProgram(), ACCEPTANCE, limit=1)


def test_a_flood_of_requests_to_join_does_not_keep_members_from_proposing() -> None:
    world = gathering(agent(0), agent(3), proposals=(asked(agent(2)),))
    removal = statement(agent(0), "propose", change="remove", subject=agent(3).did, epoch=4)

    (opened,) = membership.propose(removal, world, AnyProgram(), ACCEPTANCE, limit=1)

    assert isinstance(opened, ProposalOpened)


def test_members_are_limited() -> None:
    world = gathering(agent(0), agent(2), invited=(agent(1).did,))
    events = membership.join(statement(agent(1), "join", epoch=4), None, world, AnyProgram(), ACCEPTANCE, limit=10)

    membership.check_size(events, 3)
    with refusal("LIMIT_EXCEEDED"):
        membership.check_size(events, 2)


@pytest.mark.parametrize(("epoch", "code"), [(3, "EPOCH_MOVED"), (4, "NOT_A_MEMBER")])
def test_a_proposal_is_judged_by_its_epoch_before_its_author(epoch: int, code: str) -> None:
    strange = statement(agent(1), "propose", change="add", subject=agent(2).did, epoch=epoch)

    with refusal(code):
        membership.propose(strange, gathering(agent(0)), AnyProgram(), ACCEPTANCE, limit=10)


@pytest.mark.parametrize("offset", [60_001, -24 * 3_600_000 - 1])
def test_clocks_may_differ_only_so_far(offset: int) -> None:
    late = replace(ACCEPTANCE, now=NOW - offset)

    with refusal("CLOCK_SKEW"):
        membership.leave(statement(agent(0), "leave", epoch=4), gathering(agent(0)), late)
