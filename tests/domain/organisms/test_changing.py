"""The rule for changing a DNA that says nothing of it, and what a change brings about."""

from dataclasses import replace

import pytest

from domain.organisms.changing import TwoThirds, adopt, check_new, two_thirds
from domain.organisms.errors import StatementMismatch, Unchanged
from domain.organisms.events import DnaChanged, ProfileChanged, ProposalClosed
from domain.organisms.facts import Situation
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Membership, Organism, Proposal, ProposalState
from domain.organisms.profile import Profile
from domain.organisms.statement import ChangeKind
from tests.domain.organisms.examples import ORGANISM, hash_of
from tests.domain.organisms.test_dna import MEMBERS, NOW, A, B, C, proposal, vouch

OLD, NEW = hash_of("old"), hash_of("new")


def gathering(*proposals: Proposal, profile: Profile | None = None) -> Gathering:
    profile = profile or Profile("Choir", "Sings", {"a": 1})
    organism = Organism(
        uri=ORGANISM,
        name=profile.name,
        description=profile.description,
        founder=A,
        created_at=0,
        epoch=7,
        size=9,
        facts_size=9,
        root="",
        roster="",
        member_count=2,
        dna=OLD,
        meta=profile.meta,
    )
    return Gathering(organism, MEMBERS, (), proposals)


@pytest.mark.parametrize(
    ("vouches", "members", "true"),
    [
        *[(0, 1, False), (1, 1, True), (1, 2, False), (2, 2, True), (2, 3, True), (1, 3, False)],
        *[(2, 4, False), (3, 4, True), (6, 9, True), (5, 9, False), (0, 0, False), (66, 100, False), (67, 100, True)],
    ],
)
def test_two_thirds_are_enough(vouches: int, members: int, true: bool) -> None:
    assert TwoThirds(OLD, vouches, members).true is true


def test_votes_count_as_a_program_would_see_them() -> None:
    """Those of present members, cast since their admission."""
    votes = (vouch(A), vouch(B, NOW - 60), vouch(C))
    situation = Situation(7, NOW, (*MEMBERS, Membership(C, 2, NOW + 1)), proposal=proposal(ChangeKind.DNA, NEW, *votes))

    counted = two_thirds(OLD, situation)

    assert counted == TwoThirds(OLD, 1, 3)
    assert counted.record() == {"verdict": "false", "rule": "two thirds", "dna": OLD, "vouches": 1, "members": 3}


def test_a_new_dna_begins_an_epoch_and_closes_all_other_proposals() -> None:
    accepted, other = proposal(ChangeKind.DNA, NEW), proposal(ChangeKind.ADD, C)
    decision = TwoThirds(OLD, 2, 2)

    events = adopt(accepted, gathering(accepted, replace(other, id=hash_of("other"))), decision)

    record = decision.record()
    assert events == (
        DnaChanged(evaluation=record, dna=NEW, previous=OLD, epoch=8, proposal=accepted.id),
        ProposalClosed(proposal=accepted.id, state=ProposalState.ACCEPTED, evaluation=record),
        ProposalClosed(proposal=hash_of("other"), state=ProposalState.MOOT),
    )


def test_a_new_profile_leaves_the_other_proposals_open() -> None:
    profile = Profile("Orchestra")
    accepted = replace(proposal(ChangeKind.PROFILE, profile.hash), profile=profile.as_json())

    events = adopt(accepted, gathering(accepted, proposal(ChangeKind.ADD, C)), TwoThirds(OLD, 2, 2))

    assert [type(event) for event in events] == [ProfileChanged, ProposalClosed]
    assert events[0].data() == {"profile": {"name": "Orchestra"}, "proposal": accepted.id}


def test_what_is_in_force_is_no_change() -> None:
    here = gathering()

    with pytest.raises(Unchanged, match="Social DNA"):
        check_new(ChangeKind.DNA, OLD, here, None)
    with pytest.raises(Unchanged, match="profile"):
        check_new(
            ChangeKind.PROFILE, Profile("Choir", "Sings", {"a": 1}).hash, here, Profile("Choir", "Sings", {"a": 1})
        )
    check_new(ChangeKind.DNA, NEW, here, None)
    check_new(ChangeKind.PROFILE, Profile("Choir").hash, here, Profile("Choir"))


def test_a_profile_comes_with_its_hash() -> None:
    with pytest.raises(StatementMismatch):
        check_new(ChangeKind.PROFILE, hash_of("another"), gathering(), Profile("Orchestra"))
    with pytest.raises(StatementMismatch):
        check_new(ChangeKind.PROFILE, hash_of("none"), gathering(), None)
