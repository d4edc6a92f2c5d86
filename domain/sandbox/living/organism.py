"""A scenario from an organism: its members under names of their own, with types drawn from what is believed of each.

What is not known of them is assumed, and every assumption is a sentence of the scenario's description
(`living.assumptions`). The same facts, mix and seed give the same text, in whatever order members are listed.
"""

from dataclasses import dataclass
from statistics import median

from domain.identity import Did
from domain.sandbox.agent import AgentType
from domain.sandbox.errors import SandboxError
from domain.sandbox.living.experience import Experience
from domain.sandbox.living.prior import Mix, Shares, belief, drawn
from domain.sandbox.living.pseudonyms import disguised, numbered, pseudonyms
from domain.sandbox.standard.behaviour import BEHAVIOURS
from domain.sandbox.standard.population import SLOTS
from domain.sandbox.standard.streams import Purpose, StreamsById
from domain.sandbox.yaml_text import Data

MOST_MEMBERS = 1_000
MOST_NEWCOMERS = 1_000
NEWCOMERS_OF = 4
"""One newcomer for so many members, unless it is said otherwise."""
MOST_ACTIVITY = 3.0
"""An agent proposes at most so many times as often as its type does, and at least the inverse of it."""
HONEST: Shares = (1.0, 0.0, 0.0, 0.0)
TAIL = 8
"""Characters of the organism's address that its scenarios are called by."""


class NoMembers(SandboxError):
    code = "NO_MEMBERS"

    def __init__(self, uri: str) -> None:
        super().__init__(f"Nobody is a member of {uri:.120}: there is nobody to simulate", soURI=uri[:120])


class TooManyMembers(SandboxError):
    code = "TOO_MANY_MEMBERS"

    def __init__(self, uri: str, members: int) -> None:
        super().__init__(
            f"{uri:.120} has {members} members; scenarios are made of organisms of up to {MOST_MEMBERS}",
            soURI=uri[:120],
            members=members,
            limit=MOST_MEMBERS,
        )


@dataclass(frozen=True, slots=True)
class Resident:
    """A member since a time (ms), and what the agent that asks knows of it."""

    did: Did
    since: int
    experience: Experience | None = None


@dataclass(frozen=True, slots=True)
class OrganismFacts:
    """As much of an organism as a scenario is made of. Raises `NoMembers` or `TooManyMembers`.

    `asker` is the agent whose knowledge it is; None where only what everybody sees is used. `looks_at` are the
    predicates that the Social DNA mentions.
    """

    uri: str
    residents: tuple[Resident, ...]
    dna: str
    asker: Did | None = None
    looks_at: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.residents:
            raise NoMembers(self.uri)
        if len(self.residents) > MOST_MEMBERS:
            raise TooManyMembers(self.uri, len(self.residents))

    @property
    def names(self) -> dict[str, str]:
        """By DID. It stays with whoever asked."""
        return pseudonyms(self.residents)

    @property
    def known(self) -> dict[str, Experience]:
        """By name; the asker itself is not among them."""
        names = self.names
        each = ((names[one.did], one.experience) for one in self.residents if one.did != self.asker)
        return {name: experience for name, experience in sorted(each) if experience is not None}

    @property
    def asking(self) -> str | None:
        """The name of the asker, if it is a member."""
        return None if self.asker is None else self.names.get(self.asker)


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be tried on the organism: for how long, and with how many newcomers (None: one for four members)."""

    epochs: int = 12
    steps: int = 10
    newcomers: int | None = None

    def arriving(self, members: int) -> int:
        """How many newcomers there are."""
        return max(1, members // NEWCOMERS_OF) if self.newcomers is None else self.newcomers

    def arrivals(self, members: int) -> dict[str, int]:
        """The epoch of each newcomer: one after the other over the first half of the run, none with the first epoch."""
        count = self.arriving(members)
        half = max(1, self.epochs // 2)
        return {name: 1 + number * half // count for number, name in enumerate(numbered("newcomer", count))}


def agents(facts: OrganismFacts, mix: Mix, course: Course, seed: int) -> list[Data]:
    """Members by name, then newcomers. Types follow from the seed, the names and what is believed."""
    believed, arrivals = beliefs(facts, mix), course.arrivals(len(facts.residents))
    ids = (*believed, *arrivals)
    draws = StreamsById((seed,), ids).draw(Purpose.TYPE).tolist()
    shares = {**believed, **dict.fromkeys(arrivals, mix.shares)}
    types = {name: drawn(shares[name], u) for name, u in zip(ids, draws, strict=True)}
    activity, asking, remembered = _activity(facts), facts.asking, _remembered(facts)
    return [
        {
            "id": name,
            "type": str(kind),
            **_behaving(kind, activity.get(name, 1.0)),
            **({"knows": remembered} if name == asking and remembered else {}),
            **({"arrives": arrivals[name]} if name in arrivals else {}),
        }
        for name, kind in types.items()
    ]


def beliefs(facts: OrganismFacts, mix: Mix) -> dict[str, Shares]:
    """What is believed of each member, by name. The asker knows itself, and is honest."""
    known, asking = facts.known, facts.asking
    names = sorted(facts.names.values())
    return {name: HONEST if name == asking else belief(mix, known.get(name)) for name in names}


def governance(facts: OrganismFacts) -> dict[str, Data]:
    """The organism's own Social DNA as the membrane."""
    return {"membrane": {"program": disguised(facts.dna, facts.names)[0]}}


def title(facts: OrganismFacts, mix: Mix) -> str:
    """The scenario's id."""
    return f"organism-{facts.uri[-TAIL:]}-{mix.name}"


def _activity(facts: OrganismFacts) -> dict[str, float]:
    """How often each acts, against the middle one of those who are known; nothing where there is nobody to compare."""
    rates = {name: experience.rate for name, experience in facts.known.items()}
    if len(rates) < 2:
        return {}
    middle = median(rates.values())
    return {name: min(MOST_ACTIVITY, max(1 / MOST_ACTIVITY, rate / middle)) for name, rate in rates.items()}


def _behaving(kind: AgentType, activity: float) -> dict[str, Data]:
    usual = BEHAVIOURS[kind]
    most = 1 - usual.post - usual.vote
    propose = round(min(most, usual.propose * activity), 3)
    return {} if propose == usual.propose else {"behaviour": {"propose": propose}}


def _remembered(facts: OrganismFacts) -> dict[str, Data]:
    """What the asker remembers, of those with whom most has happened."""
    nearest = sorted(facts.known.items(), key=lambda each: (-each[1].acts, each[0]))[:SLOTS]
    found = {other: experience.acquaintance for other, experience in sorted(nearest)}
    return {other: {"trust": each.trust, "met": each.met} for other, each in found.items()}
