"""What a scenario from an organism assumes, in sentences."""

from domain.organisms.dna import DNA_CHANGE, OUTPUT_EXPRESSION
from domain.organisms.facts import EXPRESSIONS, NUCLEUS, RELATIONS, ROSTER
from domain.sandbox.agent import AgentType
from domain.sandbox.levers.membrane import MembraneConfig
from domain.sandbox.living.organism import MOST_ACTIVITY, Course, OrganismFacts
from domain.sandbox.living.prior import Mix
from domain.sandbox.living.pseudonyms import disguised
from domain.sandbox.standard.membership import TOLD

SHOWN = 10
"""Names in one sentence; of more, the number is told."""
VOTING = MembraneConfig()
EVERY_FACT = EXPRESSIONS | NUCLEUS | RELATIONS | ROSTER
"""What Social DNA can look at besides the proposal itself."""


def assumptions(facts: OrganismFacts, course: Course) -> tuple[str, ...]:
    """Of every scenario of the organism, whatever the mix."""
    return (
        *_about_types(facts),
        *_about_history(facts),
        *_about_newcomers(facts, course),
        *_about_dna(facts),
        "A step is a choice of everybody and an epoch is a day of the Social DNA; resources, payoffs and levers that "
        "are not named have the defaults of the standard profile.",
    )


def of_mix(mix: Mix) -> str:
    """What this mix says."""
    shares = ", ".join(f"{kind} {share:g}" for kind, share in zip(AgentType, mix.shares, strict=True))
    return f"Of whom nothing is known it is believed: {shares} (the mix {mix.name})."


def _about_types(facts: OrganismFacts) -> tuple[str, ...]:
    drawn = "Nobody's type can be seen: the seed draws one for each from what is believed, and it behaves as its type."
    asking = () if facts.asking is None else (f"{facts.asking} asks, and is honest.",)
    return (drawn, *asking)


def _about_history(facts: OrganismFacts) -> tuple[str, ...]:
    known, members = facts.known, len(facts.residents)
    if not known:
        return ("Nothing recorded with any member is used.",)
    remembers = () if facts.asking is None else (f"Only {facts.asking} remembers others, as its trust in them stands.",)
    return (
        f"What was recorded with {_listed(list(known))} of {members} members changes what is believed of them, by "
        "Bayes' rule with the chance that an act of each type is good; whoever acts more often proposes more often, at "
        f"most {MOST_ACTIVITY:g} times as often as its type.",
        *remembers,
    )


def _about_newcomers(facts: OrganismFacts, course: Course) -> tuple[str, ...]:
    count = course.arriving(len(facts.residents))
    if not count:
        return ("Nobody else asks to join.",)
    ask = "1 newcomer asks" if count == 1 else f"{count} newcomers ask"
    return (f"{ask} to join during the first half, uninvited, and nothing is known of them.",)


def _about_dna(facts: OrganismFacts) -> tuple[str, ...]:
    voting = (
        "The Social DNA decides every day who is in: members vouch for whom they met and trust from "
        f"{VOTING.vouch_trust:g} on and want out whom they trust less than {VOTING.removal_trust:g}. What it says of "
        f"{OUTPUT_EXPRESSION} and {DNA_CHANGE} is not tried, and everybody counts as a member since the first day."
    )
    missing = sorted(facts.looks_at & (EVERY_FACT - TOLD))
    unseen = (f"It looks at {', '.join(missing)}: of these there are no facts, and what needs one does not hold.",)
    _, others = disguised(facts.dna, facts.names)
    outsiders = (f"Of the agents that it names, those who are no members take no part: {others}.",) if others else ()
    return (voting, *(unseen if missing else ()), *outsiders)


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= SHOWN else f"{len(names)}"
