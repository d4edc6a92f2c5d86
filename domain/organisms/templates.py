"""Social DNA that needs no writing: programs with a name, parameters and one plain sentence each.

Every generated program says in a comment above each clause (`%!`) what the clause means; explanations use these words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.canonical import Json
from domain.errors import DomainError, shown
from domain.organisms.parameters import Agent, Choice, InvalidParameter, Parameter, Values, Whole, values_of

TIERS = ("stranger", "acquaintance", "familiar", "trusted", "inner_circle")
"""How far one agent trusts another, from least to most."""

HOURS_OF_A_PROPOSAL = 28 * 24
"""A proposal lives for 30 days, so what takes longer never happens."""


class UnknownTemplate(DomainError):
    code = "UNKNOWN_TEMPLATE"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no template {shown(name)}; there are {', '.join(TEMPLATES)}",
            template=shown(name),
            templates=list(TEMPLATES),
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A template with its parameters filled in: the sentence says in words what the program does."""

    template: str
    parameters: Values
    sentence: str
    program: str


@dataclass(frozen=True, slots=True)
class Template:
    """A family of programs. `say` and `body` fill the parameters in, `check` compares one with another."""

    name: str
    say: Callable[[Values], str]
    body: Callable[[Values], str]
    parameters: tuple[Parameter, ...] = ()
    check: Callable[[Values], None] = lambda _: None
    reading: str = ""
    """A pattern with the parameters as groups, for recognising a program of the family."""

    def write(self, given: Mapping[str, Json] | None = None, asker: str | None = None) -> Written:
        """The program for these parameters; `asker` is the agent that asks. Raises `InvalidParameter`."""
        values = values_of(self.name, self.parameters, given or {}, asker)
        self.check(values)
        sentence = self.say(values)
        head = f'%! {sentence}\nregister_social_organism("{self.name}", o).\n\n{SPEAKING}\n'
        return Written(self.name, values, sentence, head + self.body(values))

    @property
    def program(self) -> str:
        """The program with the defaults. Raises `InvalidParameter` where a parameter has none."""
        return self.write().program


def template(name: str) -> Template:
    """Raises `UnknownTemplate`."""
    found = TEMPLATES.get(name)
    if found is None:
        raise UnknownTemplate(name)
    return found


def recognised(program: str) -> Written | None:
    """The template and the parameters that give exactly this program, if there are any."""
    for each in TEMPLATES.values():
        found = re.search(each.reading, program)
        if found is not None:
            given: dict[str, Json] = {
                name: int(value) if value.isdecimal() and len(value) < 5 else value
                for name, value in found.groupdict().items()
            }
            try:
                written = each.write(given)
            except InvalidParameter:
                continue
            if written.program == program:
                return written
    return None


def _members(number: int | str) -> str:
    return "1 member" if number == 1 else f"{number} members"


SPEAKING = """\
%! A member may say anything it wrote itself.
output_expression(Url, o) :- so_expression(Url, Author, _, _), so_member(Author, o).
"""

MAJORITY_RULE = """\
majority(Subject) :-
    aggregate_all(count, so_vouch(Subject, _, _), Vouches),
    aggregate_all(count, so_member(_, o), Members),
    2 * Vouches > Members.
"""

MAJORITY_REMOVES = """\
%! More than half of the other members vouch for the removal.
membrane_exit(Did, o) :- majority(Did).
"""

OPEN = Template(
    "open",
    lambda _: "Anybody who asks becomes a member, every member may speak, and nobody is removed.",
    lambda _: (
        """\
%! Whoever asks is admitted.
membrane(Did, o) :- so_join(Did, _).
"""
    ),
)

MAJORITY = Template(
    "majority",
    lambda _: "Every member may speak; more than half of the members decide who joins and who is removed.",
    lambda _: (
        f"""\
%! More than half of the members vouch for the newcomer.
membrane(Did, o) :- majority(Did).

{MAJORITY_REMOVES}
{MAJORITY_RULE}"""
    ),
)

UNANIMOUS = Template(
    "unanimous",
    lambda _: "Every member may speak; all members together decide who joins, and all others who is removed.",
    lambda _: (
        """\
%! All members vouch for the newcomer.
membrane(Did, o) :- unanimous(Did).

%! All other members vouch for the removal.
membrane_exit(Did, o) :- unanimous(Did).

%! Somebody vouches, and no member does not.
unanimous(Subject) :-
    so_vouch(Subject, _, _),
    \\+ silent_or_against(Subject).

%! There is a member that does not vouch.
silent_or_against(Subject) :-
    so_member(Member, o),
    \\+ so_vouch(Subject, Member, _).
"""
    ),
)


def _n_is_at_most_m(given: Values) -> None:
    n, m = int(given["n"]), int(given["m"])
    if n > m:
        raise InvalidParameter("n_of_m", "n", f"a whole number from 1 to {m}, the value of m", n)


N_OF_M = Template(
    "n_of_m",
    lambda given: (
        f"Every member may speak; at least {given['n']} of every {_members(given['m'])} decide who joins and who is"
        " removed."
    ),
    lambda given: (
        f"""\
%! At least {given["n"]} of every {_members(given["m"])} vouch for the newcomer.
membrane(Did, o) :- enough(Did).

%! At least {given["n"]} of every {given["m"]} other members vouch for the removal.
membrane_exit(Did, o) :- enough(Did).

%! At least one vouches, and {given["m"]} times the vouches are {given["n"]} times the members or more.
enough(Subject) :-
    aggregate_all(count, so_vouch(Subject, _, _), Vouches),
    aggregate_all(count, so_member(_, o), Members),
    Vouches >= 1,
    {given["m"]} * Vouches >= {given["n"]} * Members.
"""
    ),
    (
        Whole("n", "How many of every m members must vouch; at most m.", 1, 100, 2),
        Whole("m", "Of how many members, from n.", 1, 100, 3),
    ),
    _n_is_at_most_m,
    r"(?P<m>\d+) \* Vouches >= (?P<n>\d+) \* Members",
)

SPONSORS = Template(
    "sponsors",
    lambda given: (
        f"Every member may speak; whoever {_members(given['k'])} vouched for {given['hours']} hours ago joins if nobody"
        " declines, and more than half of the members decide who is removed."
    ),
    lambda given: (
        f"""\
%! {_members(given["k"])} vouched at least {given["hours"]} hours ago, and nobody declines.
membrane(Did, o) :-
    sponsored_since(Did, Since),
    \\+ so_decline(Did, _, _),
    now(Now),
    Now - Since >= {given["hours"]} * 60 * 60 * 1000.

{MAJORITY_REMOVES}
%! The newcomer has had {given["k"]} of its sponsors since then.
sponsored_since(Did, Since) :-
    findall(Millis, so_vouch(Did, _, Millis), Times),
    msort(Times, Sorted),
    nth1({given["k"]}, Sorted, Since).

{MAJORITY_RULE}"""
    ),
    (
        Whole("k", "How many members must vouch.", 1, 100, 2),
        Whole("hours", "How long they must have done so, nobody declining.", 0, HOURS_OF_A_PROPOSAL, 24),
    ),
    reading=r">= (?P<hours>\d+) \* 60 (?s:.*)nth1\((?P<k>\d+),",
)


def _tiers_from(tier: int | str) -> str:
    return "\n".join(f'enough_trust("{name}").' for name in TIERS[TIERS.index(str(tier)) :])


def _tier(tier: int | str) -> str:
    return str(tier).replace("_", " ")


TRUSTED = Template(
    "trusted",
    lambda given: (
        f"Every member may speak; whoever is {_tier(given['tier'])} or closer to at least {_members(given['k'])}"
        " joins when it asks, and more than half of the members decide who is removed."
    ),
    lambda given: (
        f"""\
%! The newcomer is {_tier(given["tier"])} or closer to at least {_members(given["k"])}.
membrane(Did, o) :-
    findall(Member, trusting(Member, Did), Trusting),
    sort(Trusting, Distinct),
    length(Distinct, Count),
    Count >= {given["k"]}.

{MAJORITY_REMOVES}
%! The member trusts the newcomer far enough.
trusting(Member, Did) :-
    so_member(Member, o),
    trust_tier(Member, Did, Tier),
    enough_trust(Tier).

%! The tier is {_tier(given["tier"])} or closer.
{_tiers_from(given["tier"])}

{MAJORITY_RULE}"""
    ),
    (
        Choice("tier", "How far those members must trust a newcomer at least.", TIERS, "familiar"),
        Whole("k", "How many members must trust it so far.", 1, 100, 2),
    ),
    reading=r'Count >= (?P<k>\d+)\.(?s:.*?)enough_trust\("(?P<tier>\w+)"\)',
)

FOUNDER_LED = Template(
    "founder_led",
    lambda given: f"Every member may speak; {given['founder']} alone decides who joins and who is removed.",
    lambda given: (
        f"""\
%! The founder vouches for the newcomer.
membrane(Did, o) :- so_vouch(Did, Founder, _), founder(Founder).

%! The founder vouches for the removal.
membrane_exit(Did, o) :- so_vouch(Did, Founder, _), founder(Founder).

%! This is who leads.
founder("{given["founder"]}").
"""
    ),
    (Agent("founder", "Who leads: a DID; you, if you do not say."),),
    reading=r'founder\("(?P<founder>[^"]+)"\)\.',
)

TEMPLATES = {
    each.name: each for each in (MAJORITY, OPEN, UNANIMOUS, N_OF_M, SPONSORS, TRUSTED, FOUNDER_LED)
}  # fmt: skip
DEFAULT = MAJORITY
