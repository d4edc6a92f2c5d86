"""Which facts an evaluation may read."""

from domain.expressions import sign_expression
from domain.organisms.facts import Given, NucleusLink, Relation, Said, Situation, facts
from domain.organisms.organism import Membership, Proposal, ProposalState, Vote, VoteKind
from domain.organisms.statement import ChangeKind, Verdict
from domain.timestamp import format_millis
from tests.domain.agents import agent
from tests.domain.organisms.examples import ORGANISM, hash_of

NOW = 1_772_600_767_089
A, B, C, D = (agent(number).did for number in range(4))


class Mentioning:
    """A program that mentions these facts and nothing else."""

    handle = "o"

    def __init__(self, *mentions: str) -> None:
        self.mentions = frozenset(mentions)

    def defines(self, name: str, arity: int) -> bool:
        return True


def proposal(change: ChangeKind, subject: str, *votes: Vote, author: str = A, joined: bool = False) -> Proposal:
    return Proposal(
        id=hash_of("proposal"),
        organism=ORGANISM,
        change=change,
        subject=subject,
        author=author,  # type: ignore[arg-type]  # a DID of the examples
        state=ProposalState.OPEN,
        opened_at=NOW - 10,
        joined_at=NOW - 5 if joined else None,
        votes=votes,
    )


def vouch(did: str, at: int = NOW) -> Vote:
    return Vote(did, VoteKind.VOUCH, None, at, at)  # type: ignore[arg-type]  # a DID of the examples


MEMBERS = (Membership(A, 0, NOW - 100), Membership(B, 1, NOW - 50))


def test_only_what_the_program_mentions_is_loaded() -> None:
    situation = Situation(3, NOW, MEMBERS, me=A)

    assert facts(situation, Mentioning("epoch", "agent_did")) == (("epoch", 3), ("agent_did", A))


def test_votes_count_from_present_members_since_their_admission_only() -> None:
    votes = (vouch(A), vouch(B, NOW - 60), vouch(C))
    situation = Situation(3, NOW, MEMBERS, proposal=proposal(ChangeKind.ADD, D, *votes))

    assert facts(situation, Mentioning("so_vouch")) == (("so_vouch", D, A, NOW),)


def test_the_subject_of_a_removal_neither_votes_nor_counts() -> None:
    situation = Situation(3, NOW, MEMBERS, proposal=proposal(ChangeKind.REMOVE, B, vouch(A), vouch(B)))

    assert facts(situation, Mentioning("so_member", "so_vouch")) == (("so_member", A, "o"), ("so_vouch", B, A, NOW))


def test_a_candidate_that_asked_itself_was_proposed_by_nobody() -> None:
    asked = proposal(ChangeKind.ADD, C, author=C, joined=True)

    found = facts(Situation(3, NOW, MEMBERS, proposal=asked), Mentioning("so_join", "so_proposed"))

    assert found == (("so_join", C, NOW - 5),)


def test_a_link_is_seen_as_an_expression_as_data_and_as_a_link() -> None:
    expression = sign_expression(agent(0), {"source": "s", "predicate": None, "target": "t"}, format_millis(NOW))
    situation = Situation(3, NOW, MEMBERS, (Said("link:1", "link", expression),), me=A)

    found = facts(situation, Mentioning("so_expression", "so_expression_data", "so_link"))

    assert found == (
        ("so_expression", "link:1", A, NOW, "link"),
        ("so_expression_data", "link:1", '{"predicate":null,"source":"s","target":"t"}'),
        ("so_link", "link:1", "s", "", "t"),
    )


def test_coherence_and_verdicts_are_of_what_was_said() -> None:
    expression = sign_expression(agent(0), "hello", format_millis(NOW))
    given = (Given("json://1", B, Verdict.REJECT, NOW),)
    situation = Situation(3, NOW, MEMBERS, (Said("json://1", "json", expression, 0.5),), given)

    assert facts(situation, Mentioning("so_coherence")) == (("so_coherence", "json://1", 0.5),)
    assert facts(situation, Mentioning("so_verdict")) == (("so_verdict", "json://1", B, "reject", NOW),)


def test_an_expression_that_nobody_has_said_yet_has_no_coherence() -> None:
    expression = sign_expression(agent(0), "hello", format_millis(NOW))

    assert facts(Situation(3, NOW, MEMBERS, (Said("json://1", "json", expression),)), Mentioning("so_coherence")) == ()


def test_links_of_the_nucleus_are_triples_and_links() -> None:
    situation = Situation(3, NOW, MEMBERS, links=(NucleusLink("s", "p", "t", NOW, A),))

    found = facts(situation, Mentioning("triple", "link", "reachable"))

    assert found == (("triple", "s", "p", "t"), ("link", "s", "p", "t", NOW, A))


def test_relations_say_only_what_is_known() -> None:
    relations = (Relation(A, B, score=0.75), Relation(A, C, tier="friend", relationship="colleague"))

    found = facts(Situation(3, NOW, MEMBERS, relations=relations), Mentioning("trust", "trust_tier", "relationship"))

    assert found == (("trust", A, B, 0.75), ("trust_tier", A, C, "friend"), ("relationship", A, C, "colleague"))
