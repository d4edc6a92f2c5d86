"""What is kept of an evaluation's facts is all that its program looked at besides the log."""

from hypothesis import given
from hypothesis import strategies as st

from domain.expressions import Expression
from domain.organisms.facts import Given, NucleusLink, Relation, Said, Situation
from domain.organisms.kept import LARGEST, Remembered, keep, remember
from domain.organisms.statement import Verdict
from tests.domain.agents import agent
from tests.domain.organisms.test_dna import MEMBERS, NOW, Mentioning

A = agent(0).did
TEXT = st.text(max_size=20)
EVERYTHING = Mentioning("so_expression", "so_verdict", "link", "trust")
SITUATIONS = st.builds(
    lambda said, verdicts, links, relations: Situation(3, NOW, MEMBERS, said, verdicts, links, relations),
    st.lists(
        st.builds(
            Said,
            TEXT,
            st.just("json"),
            st.just(Expression(A, "", "secret", "", "")),
            st.none() | st.floats(0, 1),
        ),
        max_size=4,
    ).map(tuple),
    st.lists(st.builds(Given, TEXT, st.just(A), st.sampled_from(Verdict), st.integers(0, NOW))).map(tuple),
    st.lists(st.builds(NucleusLink, TEXT, TEXT, TEXT, st.integers(0, NOW), st.just(A))).map(tuple),
    st.lists(
        st.builds(Relation, st.just(A), TEXT, st.none() | st.floats(0, 1), st.none() | TEXT | st.integers(0, 9), TEXT)
    ).map(tuple),
)


@given(SITUATIONS)
def test_what_is_kept_is_remembered(situation: Situation) -> None:
    packed = keep(situation, EVERYTHING)

    assert packed is not None
    said = tuple((each.url, each.coherence) for each in situation.said)
    assert remember(packed) == Remembered(said, situation.verdicts, situation.links, situation.relations)


def test_only_what_the_program_mentions_is_kept_and_no_words_of_anybody() -> None:
    expression = Expression(A, "", "secret", "", "")
    situation = Situation(
        3, NOW, MEMBERS, (Said("json://1", "json", expression),), links=(NucleusLink("s", "p", "t", 1, A),)
    )

    packed = keep(situation, Mentioning("so_expression_data", "so_member", "trust"))

    assert packed is not None
    found = remember(packed)
    assert found == Remembered(said=(("json://1", None),), relations=())
    assert found.lacks(Mentioning("so_expression", "so_coherence", "so_member", "now")) == []
    assert found.lacks(Mentioning("reachable", "triple", "so_verdict")) == ["reachable", "so_verdict", "triple"]


def test_too_much_is_not_kept() -> None:
    links = tuple(NucleusLink(agent(number).did, "", "t", number, A) for number in range(LARGEST // 30))

    assert keep(Situation(3, NOW, MEMBERS, links=links), Mentioning("triple")) is None
