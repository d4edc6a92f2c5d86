"""Scenarios from an organism: names that tell nothing, types drawn from what is believed, valid whatever it is."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identity import Did
from domain.people.interaction import Kind
from domain.people.report import Override
from domain.people.tier import Tier
from domain.people.trust import signals_at, trust
from domain.sandbox.agent import AgentType
from domain.sandbox.errors import OutOfRange
from domain.sandbox.living.assumptions import assumptions
from domain.sandbox.living.experience import Experience, experience_of
from domain.sandbox.living.organism import (
    MOST_MEMBERS,
    Course,
    NoMembers,
    OrganismFacts,
    Resident,
    TooManyMembers,
    beliefs,
)
from domain.sandbox.living.prior import MIXES, InvalidMix, Mix, belief, checked, drawn
from domain.sandbox.living.pseudonyms import disguised
from domain.sandbox.living.scenarios import scenario, scenarios
from domain.sandbox.scenario import Scenario
from domain.sandbox.yaml_text import parse_yaml, written
from tests.domain.agents import agent
from tests.domain.people.histories import START, at, interaction

DIDS = [agent(number).did for number in range(12)]
DNA = 'register_social_organism("Test", o).\nmembrane(Did, o) :- so_vouch(Did, "{}", _).\n'
SHORT = Course(epochs=4, steps=3)

experiences = st.builds(
    Experience,
    st.sampled_from(Tier),
    st.floats(0, 44),
    st.floats(0, 100),
    st.integers(0, 10**7),
    st.integers(0, 4000),
)
shares = st.lists(st.integers(0, 100), min_size=4, max_size=4).filter(any)
mixes = st.builds(lambda parts: Mix("some", tuple(part / sum(parts) for part in parts)), shares)  # type: ignore[arg-type]
residents = st.lists(
    st.builds(Resident, st.sampled_from(DIDS), st.integers(0, 5), st.none() | experiences),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each.did,
)
programs = st.lists(st.sampled_from(DIDS) | st.text(max_size=40), max_size=6).map("".join)
organisms = st.builds(
    OrganismFacts,
    st.just("so://QmzSYwdOrganism1"),
    residents.map(tuple),
    st.builds(DNA.format, st.sampled_from(DIDS)).flatmap(lambda dna: programs.map(lambda more: f"{dna}% {more}\n")),
    st.none() | st.sampled_from(DIDS),
)


def club(*experience: Experience | None, dna: str = DNA.format(DIDS[0]), **fields: object) -> OrganismFacts:
    """Members in the order of joining; the first one asks."""
    listed = [Resident(did, number, found) for number, (did, found) in enumerate(zip(DIDS, experience, strict=False))]
    return replace(OrganismFacts("so://QmzSYwdOrganism1", tuple(listed), dna, DIDS[0]), **fields)  # type: ignore[arg-type]


def types(found: Scenario) -> list[AgentType]:
    return [spec.type for spec in found.agents]


@settings(deadline=None, max_examples=60)
@given(organisms, mixes, st.integers(0, 2**64 - 1), st.integers(0, 5))
def test_every_organism_gives_a_scenario_that_reads_as_it_was_made(
    facts: OrganismFacts, mix: Mix, seed: int, newcomers: int
) -> None:
    course = replace(SHORT, newcomers=newcomers)

    (found,) = scenarios(facts, [mix], course, seed)

    assert found.scenario == scenario(facts, mix, course, seed)
    assert found.scenario.population == len(facts.residents) + newcomers
    assert found.scenario.governance.membrane.program == disguised(facts.dna, facts.names)[0]


@settings(deadline=None, max_examples=60)
@given(organisms, mixes)
def test_no_text_names_anybody(facts: OrganismFacts, mix: Mix) -> None:
    (found,) = scenarios(facts, [mix], SHORT, 1)

    told = [found.yaml, *assumptions(facts, SHORT)]
    assert not [did for did in DIDS for text in told if did in text]
    assert not [text for text in told if re.search(r"did:key:\w", text)]


@settings(deadline=None, max_examples=30)
@given(organisms, mixes, st.randoms(use_true_random=False))
def test_the_order_of_members_changes_no_byte(facts: OrganismFacts, mix: Mix, random: st.DataObject) -> None:
    shuffled = list(facts.residents)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random

    one, other = (scenarios(each, [mix], SHORT, 3) for each in (facts, replace(facts, residents=tuple(shuffled))))

    assert one == other


@given(mixes, st.none() | experiences)
def test_beliefs_are_shares(mix: Mix, experience: Experience | None) -> None:
    found = belief(mix, experience)

    assert all(0 <= share <= 1 for share in found)
    assert math.isclose(math.fsum(found), 1)
    assert [share > 0 for share, before in zip(found, mix.shares, strict=True) if not before] == [
        False
    ] * mix.shares.count(0)


@given(mixes, st.floats(0, 1, exclude_max=True))
def test_nobody_is_drawn_whom_the_mix_does_not_have(mix: Mix, u: float) -> None:
    assert mix.shares[list(AgentType).index(drawn(mix.shares, u))] > 0


def test_shares_are_met_over_many_seeds() -> None:
    facts, mix = club(*[None] * 12), MIXES[1]

    kinds = [kind for seed in range(200) for kind in types(scenario(facts, mix, replace(SHORT, newcomers=0), seed))[1:]]

    found = [kinds.count(kind) / len(kinds) for kind in AgentType]
    assert found == pytest.approx(mix.shares, abs=4 * math.sqrt(0.25 / len(kinds)))


def test_bayes_rule_with_the_rates_of_the_types() -> None:
    bad = Experience(Tier.STRANGER, 1, 2, 3, 3)

    found = belief(Mix("even", (0.25, 0.25, 0.25, 0.25)), bad)

    rates = (0.9, 0.7, 0.15)
    honest, opportunistic, adversarial = (rate * (1 - rate) ** 2 for rate in rates)
    deceptive = (0.85 * 0.15**2 + 0.5 * 0.5**2) / 2
    total = honest + opportunistic + deceptive + adversarial
    assert found == pytest.approx([each / total for each in (honest, opportunistic, deceptive, adversarial)])


def test_a_long_good_record_speaks_against_adversaries_and_hardly_against_the_deceptive() -> None:
    mix = MIXES[2]

    honest, _, deceptive, adversarial = belief(mix, Experience(Tier.TRUSTED, 20, 0, 60, 90))

    assert adversarial < 1e-6
    assert deceptive / honest == pytest.approx(mix.shares[2] / mix.shares[0] / 2 * (0.85 / 0.9) ** 20, rel=0.01)


def test_the_asker_is_honest_and_alone_remembers() -> None:
    known = Experience(Tier.FAMILIAR, 6, 1, 9, 14)
    facts = club(None, known, None)

    (found,) = scenarios(facts, [Mix("none", (0.0, 0.0, 0.0, 1.0))], SHORT, 5)

    assert types(found.scenario)[:3] == [AgentType.HONEST, AgentType.ADVERSARIAL, AgentType.ADVERSARIAL]
    first, *others = found.scenario.agents
    assert {name: (each.trust, each.met) for name, each in first.knows.items()} == {"member_02": (0.636, 9)}
    assert not any(spec.knows for spec in others)
    assert beliefs(facts, MIXES[0])["member_01"] == (1.0, 0.0, 0.0, 0.0)


def test_without_an_asker_nothing_that_anybody_recorded_is_told() -> None:
    found = scenarios(club(None, None, asker=None), MIXES, SHORT, 5)

    assert not any(spec.knows or spec.behaviour for each in found for spec in each.scenario.agents)
    assert "Nothing recorded with any member is used." in assumptions(club(None, None, asker=None), SHORT)


def test_whoever_acts_more_often_proposes_more_often_within_bounds() -> None:
    rates = [Experience(Tier.STRANGER, 1, 0, acts, 9) for acts in (19, 9, 1_000)]

    (found,) = scenarios(club(None, *rates), [Mix("good", (1.0, 0.0, 0.0, 0.0))], SHORT, 1)

    assert [spec.behaviour for spec in found.scenario.agents[:4]] == [{}, {}, {"propose": 0.07}, {"propose": 0.35}]


def test_longer_members_have_lower_numbers_and_newcomers_come_in_the_first_half() -> None:
    facts = replace(club(None, None, None), residents=tuple(reversed(club(None, None, None).residents)))

    found = scenario(facts, MIXES[0], Course(epochs=10, steps=3, newcomers=3), 0)

    assert facts.names == {DIDS[number]: f"member_0{number + 1}" for number in range(3)}
    assert [(spec.id, spec.arrives) for spec in found.agents[3:]] == [
        ("newcomer_01", 1),
        ("newcomer_02", 2),
        ("newcomer_03", 4),
    ]


def test_social_dna_speaks_of_members_by_name_and_of_outsiders_by_number() -> None:
    dna = DNA.format(DIDS[0]) + f"p(\"{DIDS[9]}\", '{DIDS[1]}').\n% {DIDS[9]}, did:web:example.com:ann.\n"

    text, outsiders = disguised(dna, {DIDS[0]: "member_01", DIDS[1]: "member_02"})

    assert 'so_vouch(Did, "member_01", _)' in text
    assert "p(\"outsider_01\", 'member_02').\n% outsider_01, outsider_02.\n" in text
    assert outsiders == 2


def test_what_the_sandbox_has_no_facts_of_is_told() -> None:
    facts = club(None, looks_at=frozenset({"so_vouch", "so_link", "relationship", "trust", "append"}))

    told = [each for each in assumptions(facts, SHORT) if "no facts" in each]

    assert told == ["It looks at relationship, so_link: of these there are no facts, and what needs one does not hold."]


@pytest.mark.parametrize(
    "given_",
    [
        ("a b", (1.0, 0.0, 0.0, 0.0)),
        ("", (1.0, 0.0, 0.0, 0.0)),
        ("x" * 41, (1.0, 0.0, 0.0, 0.0)),
        ("short", (1.0, 0.0, 0.0)),
        ("half", (0.5, 0.0, 0.0, 0.0)),
        ("nan", (math.nan, 0.0, 0.0, 1.0)),
        ("less", (1.5, -0.5, 0.0, 0.0)),
    ],
)
def test_shares_that_are_none_are_refused(given_: tuple[str, Sequence[float]]) -> None:
    with pytest.raises(InvalidMix):
        Mix(*given_)  # type: ignore[arg-type]  # that is what is refused


def test_mixes_that_cannot_be_told_apart_or_are_too_many_are_refused() -> None:
    assert checked([]) == MIXES
    for wrong in ([MIXES[0], MIXES[0]], [Mix(f"m{number}", MIXES[0].shares) for number in range(11)]):
        with pytest.raises(InvalidMix):
            checked(wrong)


def test_nobody_and_too_many_cannot_be_simulated() -> None:
    crowd = tuple(Resident(Did(f"did:key:{number}"), number) for number in range(MOST_MEMBERS + 1))
    with pytest.raises(NoMembers):
        OrganismFacts("so://Qm", (), "")
    with pytest.raises(TooManyMembers):
        OrganismFacts("so://Qm", crowd, "")
    for course, seed in ((replace(SHORT, newcomers=-1), 0), (replace(SHORT, newcomers=1_001), 0), (SHORT, 2**64)):
        with pytest.raises(OutOfRange):
            scenario(club(None), MIXES[0], course, seed)


def test_the_largest_organism_is_written_and_read() -> None:
    known = Experience(Tier.FAMILIAR, 6, 1, 9, 14)
    crowd = [Resident(Did(f"did:key:{number}"), number, known) for number in range(MOST_MEMBERS)]

    (found,) = scenarios(
        OrganismFacts("so://QmzSYwdOrganism1", tuple(crowd), "%" * 60_000), [MIXES[0]], Course(newcomers=1_000), 0
    )

    assert found.scenario.population == 2_000


def test_experience_is_the_evidence_of_trust() -> None:
    history = [interaction(at(day)) for day in range(3)]
    history.append(interaction(at(4), Kind.NEGATIVE, weight=0.5))
    history.append(interaction(at(5), Kind.VIOLATION, severity=0.3))
    signals = signals_at(history, now := START + at(6))

    found = experience_of(trust(signals, now), signals)
    judged = experience_of(trust(signals, now, override=Override(0.8, "me", "I know")), signals)

    report = trust(signals, now)
    assert (found.tier, found.acts, found.days) == (report.tier, 4, 6)
    assert found.good == report.evidence.r
    assert found.bad == pytest.approx(0.5 + 0.3 / 0.15)
    assert (judged.good, judged.bad) == (8.0, 2.0)


@given(st.recursive(st.text() | st.integers() | st.booleans() | st.none(), lambda inner: st.lists(inner, max_size=3)))
def test_what_is_written_as_yaml_reads_the_same(data: object) -> None:
    try:
        "".join(map(str, [data])).encode()
    except UnicodeEncodeError:
        return

    assert parse_yaml(written({"x": data})).data == {"x": data}  # type: ignore[dict-item]
