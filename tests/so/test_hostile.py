"""Hostile Social DNA in GraphQL (property 7): nothing of it is a verdict, reaches anything, or stays; on both stores.

The programs are those of tests/dna/test_hostile.py, and what the server must not even take.
"""

import asyncio

from domain.canonical import canonical
from server.dna.terms import term
from tests.dna.test_hostile import EXHAUST, HOSTILE, POWERLESS, SPOILED, SWALLOW
from tests.servers import Json
from tests.so.society import CREATE, SPEAK, Person, Society

REGISTER = 'register_social_organism("hostile", o).\n'
ENTRIES = "membrane(D, o) :- p(D, o).\noutput_expression(U, o) :- p(U, o).\n"
EVALUATE = """query ($u: String!, $s: String!) {
  soEvaluate(soURI: $u, predicate: "membrane", subject: $s) { verdict reason fuel } }"""
CANDIDATE = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
LISTS, _ = EXHAUST["list"]


def spoiled(reply: str) -> str:
    """A program whose evaluation answers with this text."""
    return f"p(_, _) :- abolish(so_driver:reply/2), assertz(so_driver:reply(_, {term(reply)}))."


UNDECIDED = {
    **{name: (program, reason) for name, (program, reason) in HOSTILE.items()},
    **{f"exhausts {name}": (f"{clauses}\np(_, _) :- q.", None) for name, (clauses, _) in EXHAUST.items()},
    **{f"swallows by {name}": (f"{LISTS}\np(_, _) :- {way}.", "stack limit") for name, way in SWALLOW.items()},
    **{f"spoils with {name}": (spoiled(reply), None) for name, (reply, _) in SPOILED.items()},
}
REFUSED = {
    "initialization": ":- initialization(halt).",
    "a query": "?- halt.",
    "foreign code": ":- use_foreign_library(foreign(socket)).",
    "a file": ":- consult('/etc/passwd').",
    "a library with processes": ":- use_module(library(process)).",
    "term expansion": "term_expansion(a, b).",
    "goal expansion": "goal_expansion(a, b).",
    "a clause of another module": "system:halt :- true.",
    "a driver of its own": "so_driver:first_solution(_, true).",
    "a fact of the server": "so_member(mallory, o).",
    "a built-in": "atom_length(_, 0).",
    "a control construct": "(_, _) :- true.",
    "too large": "% " + "x" * (64 << 10),
    "not UTF-8": "% \ud800",
    "deep nesting": "q(" + "[" * 25_000 + "]" * 25_000 + ").",
    "a syntax error": "q :- r(.",
}


async def found(chorus: Society, by: Person, dna: str) -> str:
    return str(await chorus.ask(CREATE, {"o": {"name": "Hostile", "dna": dna}}, by))


async def said(chorus: Society, by: Person, program: str) -> Json:
    uri = await found(chorus, by, f"{REGISTER}{ENTRIES}{program}\n")
    return await chorus.ask(EVALUATE, {"u": uri, "s": CANDIDATE}, by)


async def test_no_hostile_program_gets_a_verdict(chorus: Society) -> None:
    people = [await chorus.person(name) for name in ("alice", "bob")]

    answers = await asyncio.gather(
        *(said(chorus, people[number % 2], program) for number, (program, _) in enumerate(UNDECIDED.values()))
    )

    assert {name: found["verdict"] for name, found in zip(UNDECIDED, answers, strict=True)} == dict.fromkeys(
        UNDECIDED, "UNDECIDED"
    )
    for (name, (_, reason)), found in zip(UNDECIDED.items(), answers, strict=True):
        assert found["reason"], name
        assert reason in (None, found["reason"]), name
    assert len(UNDECIDED) >= 57


LIMITS = {
    "fuel limit": "p(_, _) :- repeat, fail.",
    "memory limit": "p(_, _) :- catch(q, _, true). q :- q, q.",
    "stack limit": f"{LISTS}\np(_, _) :- ignore(q).",
    "output limit": "p(_, _) :- repeat, write(hello), fail.",
    "the program ended the engine": "p(_, _) :- halt.",
}


async def test_nothing_is_said_by_a_program_that_meets_a_limit(chorus: Society) -> None:
    alice = await chorus.person("alice")
    uris = [await found(chorus, alice, f"{REGISTER}{ENTRIES}{program}\n") for program in LIMITS.values()]

    refusals = await asyncio.gather(
        *(chorus.refusal(SPEAK, {"u": uri, "c": '"words"', "l": "json"}, alice) for uri in uris)
    )

    for limit, refusal in zip(LIMITS, refusals, strict=True):
        assert refusal["code"] == "DNA_UNDECIDED"
        assert limit in refusal["message"]
        assert refusal["explanation"]


async def test_nothing_outside_can_be_reached(chorus: Society) -> None:
    alice = await chorus.person("alice")
    programs = {name: f"p(_, _) :- catch({goal}, _, fail)." for name, goal in POWERLESS.items()}

    answers = [await said(chorus, alice, program) for program in programs.values()]

    assert {name: found["verdict"] for name, found in zip(programs, answers, strict=True)} == dict.fromkeys(
        programs, "FALSE"
    )


async def test_what_no_server_may_take_is_refused(chorus: Society) -> None:
    alice = await chorus.person("alice")

    programs = {name: f"{REGISTER}{program}\n" for name, program in REFUSED.items()}
    programs["no handle"] = "register_social_organism(_, _) :- halt.\n"

    answers = {
        name: await chorus.post(CREATE, {"o": {"name": "Hostile", "dna": program}}, alice)
        for name, program in programs.items()
    }

    codes = {name: answer["errors"][0]["extensions"]["code"] for name, answer in answers.items() if "errors" in answer}
    assert codes == dict.fromkeys(programs, "DNA_INVALID")


async def test_others_are_served_and_lose_nothing(chorus: Society) -> None:
    alice, mallory = await chorus.person("alice"), await chorus.person("mallory")
    peaceful = await found(chorus, alice, REGISTER + "output_expression(U, o) :- so_expression(U, _, _, _).\n")
    hostile = await found(chorus, mallory, f"{REGISTER}{ENTRIES}p(_, _) :- repeat, fail.\n")
    evaluating = [
        asyncio.ensure_future(chorus.ask(EVALUATE, {"u": hostile, "s": CANDIDATE}, mallory)) for _ in range(2)
    ]

    spoken = [await chorus.ask(SPEAK, {"u": peaceful, "c": f'"{number}"', "l": "json"}, alice) for number in range(3)]

    assert len({each["url"] for each in spoken}) == 3
    assert [(await each)["verdict"] for each in evaluating] == ["UNDECIDED"] * 2
    size = await chorus.ask("query ($u: String!) { soHead(uri: $u) { size } }", {"u": peaceful}, alice)
    assert size == {"size": 4}


NASTY = ('"). so_member("mallory", o). %', "'", "\\", "\n:- halt.\n", "\0", "漢😀\u2028", "/* */", "~w", "x" * 100_000)


async def test_no_words_change_what_a_program_means(chorus: Society) -> None:
    alice = await chorus.person("alice")
    rule = """output_expression(Url, o) :-
        aggregate_all(count, so_member(_, o), 1), \\+ so_member("mallory", _),
        findall(Url, so_expression_data(Url, _), Urls), length(Urls, N), sort(Urls, Set), length(Set, N),
        so_expression_data(Url, Json), string(Json)."""
    uri = await found(chorus, alice, f"{REGISTER}{rule}\n")

    for words in NASTY:
        spoken = await chorus.ask(SPEAK, {"u": uri, "c": canonical(words), "l": "json"}, alice)
        assert spoken["url"], words
