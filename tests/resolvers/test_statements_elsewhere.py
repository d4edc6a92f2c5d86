"""Property 1: no statement accepted for one thing is accepted for another, through the resolvers of a live organism.

Whatever the statement is about is there, unchanged and waiting for it; nothing but the statement's own words
keeps it from being taken for something else.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from domain.canonical import Json, canonical
from domain.organisms.statement import Statement
from tests.domain.test_properties import mutate_a_field
from tests.faults.faulty import inside
from tests.resolvers.signers import ADA, BOB, DAN, MUTATIONS, NOWHERE, OWN, Signers, fields_of, signers

MUTANTS = 10_000
AT_ONCE = 100

Request = tuple[str, str, str, dict[str, Json], str]
"""Statement, signature, mutation, arguments, token."""


@pytest.fixture
async def here(tmp_path: Path, on_store: dict[str, Any]) -> AsyncIterator[Signers]:  # Any: arguments of Settings
    async with inside(tmp_path, on_store) as opened:
        yield await signers(opened)


async def accepted_of(here: Signers, requests: Iterable[Request]) -> tuple[int, list[Request], set[str]]:
    """How many were sent, which of them were accepted, and with which codes the others were refused."""
    waiting, sent, accepted, codes = iter(requests), 0, list[Request](), set[str]()
    while batch := list(islice(waiting, AT_ONCE)):
        answers = await asyncio.gather(*(here.answer(*each) for each in batch))
        sent += len(batch)
        accepted += [each for each, answer in zip(batch, answers, strict=True) if answer == "accepted"]
        codes.update(answers)
    return sent, accepted, codes - {"accepted"}


async def accept_all_waiting(here: Signers) -> None:
    """What was refused everywhere else is right where it belongs."""
    for kind, statement in here.waiting.items():
        assert (kind, await here.send(statement)) == (kind, "accepted")


def others(here: Signers) -> dict[str, list[Json]]:
    """Other values that exist: with a signature of its author's, such a statement would be accepted."""
    spoken = list(here.said.items())
    return {
        "organism": [here.there],
        "author": list(here.tokens),
        "expression": [url for url, _ in spoken],
        "content": [expression.content for _, expression in spoken],
        "proposal": list(here.proposals.values()),
        "subject": list(here.tokens),
        "change": ["remove", "dna"],
        "verdict": ["reject"],
        "epoch": [0, 1, 3],
        "type": list(OWN),
        "name": ["Here", "There"],
        "invited": [[], list(here.tokens)],
    }


def mutants(here: Signers, count: int, choose: random.Random) -> Iterator[Request]:
    elsewhere = others(here)
    originals = list(here.waiting.values())
    while count:
        original = originals[count % len(originals)]
        fields = mutate_a_field(fields_of(original), choose, elsewhere)
        text = canonical(fields)
        if text == original.text:
            continue
        count -= 1
        kind = fields.get("type")
        own = OWN[kind if isinstance(kind, str) and kind in OWN else str(original.type)]
        mutation = choose.choice(sorted(own))
        author = fields.get("author")
        token = here.tokens.get(author if isinstance(author, str) else "", here.tokens[original.author])
        yield text, original.signature, mutation, here.variables(fields, mutation), token


async def test_property_1_ten_thousand_mutated_statements_are_refused_and_nothing_is_written(here: Signers) -> None:
    before = await here.written()

    sent, accepted, codes = await accepted_of(here, mutants(here, MUTANTS, random.Random(8_001)))

    assert (sent, accepted) == (MUTANTS, [])
    assert {"INVALID_SIGNATURE", "INVALID_STATEMENT", "INVALID_DID"} >= codes
    assert "INVALID_SIGNATURE" in codes
    assert await here.written() == before
    await accept_all_waiting(here)


def elsewhere(here: Signers, statement: Statement) -> Iterator[Request]:
    """Unchanged, to every mutation, organism and token but its own; arguments agree where they can."""
    fields, own = fields_of(statement), OWN[str(statement.type)]
    organisms = [here.here, here.there, NOWHERE]
    for mutation in MUTATIONS:
        for organism in organisms[:1] if mutation == "soCreate" else organisms:
            for agent, token in here.tokens.items():
                placed = mutation in own and organism == here.here and agent == statement.author
                if not placed:
                    variables = here.variables(fields, mutation, organism)
                    yield statement.text, statement.signature, mutation, variables, token


def about_something_else(here: Signers, statement: Statement) -> Iterator[Request]:
    """To its own mutation and organism, with one argument that names another thing."""
    spoken = list(here.said)[1]
    changes: dict[str, list[tuple[str, Json]]] = {
        "soCreate": [("o", {"name": "Other"}), ("o", {"name": "Elsewhere", "members": [DAN.did]})],
        "soSpeak": [("content", canonical(here.said[spoken].as_json())), ("languageAddress", "json")],
        "soConcur": [("url", spoken)],
        "soRetract": [("url", spoken), ("reason", "why")],
        "soSuggestMemberAddition": [("did", DAN.did), ("note", "why")],
        "soVote to vouch": [("proposal", "0" * 64), ("vote", "DECLINE"), ("reason", "why")],
        "soVote to decline": [("proposal", "0" * 64), ("vote", "VOUCH"), ("reason", "why")],
        "soVouchForNewMember": [("did", BOB.did), ("did", agent_of_the_other_proposal(here, statement))],
        "soRejectNewMember": [("did", ADA.did), ("did", agent_of_the_other_proposal(here, statement))],
        "soWithdrawProposal": [("proposal", next(iter(here.proposals.values())))],
        "soJoin": [("proposal", next(iter(here.proposals.values())))],
        "soLeave": [],
    }
    for mutation in OWN[str(statement.type)]:
        for name, value in changes[mutation]:
            variables = here.variables(fields_of(statement), mutation) | {name: value}
            yield statement.text, statement.signature, mutation, variables, here.tokens[statement.author]


def agent_of_the_other_proposal(here: Signers, statement: Statement) -> str:
    named = fields_of(statement).get("proposal")
    return next(did for did, proposal in here.proposals.items() if proposal != named)


def misplaced(here: Signers) -> Iterator[Request]:
    for statement in here.waiting.values():
        yield from elsewhere(here, statement)
        yield from about_something_else(here, statement)


async def test_property_1_a_valid_statement_serves_nowhere_else_before_or_after_it_is_accepted(here: Signers) -> None:
    before = await here.written()
    sent, accepted, _ = await accepted_of(here, misplaced(here))
    assert (sent > 2_000, accepted) == (True, [])
    assert await here.written() == before

    await accept_all_waiting(here)

    after = await here.written()
    assert (await accepted_of(here, misplaced(here)))[1] == []
    assert await here.written() == after


async def test_property_1_a_repeat_of_an_accepted_statement_changes_nothing(here: Signers) -> None:
    await accept_all_waiting(here)
    after = await here.written()

    await accept_all_waiting(here)

    assert await here.written() == after


async def test_property_1_what_was_signed_for_an_epoch_is_refused_in_the_next(here: Signers) -> None:
    here.waiting.pop("leave")
    late = {kind: here.waiting[kind] for kind in ("speak", "propose")}
    join = here.waiting["join"]
    leaving = here.sign(BOB, "leave", here.here, epoch=2)
    assert await here.send(leaving) == "accepted"
    before = await here.written()

    answers = {kind: await here.send(statement) for kind, statement in late.items()}
    answers["join"] = await here.send(join)

    assert set(answers.values()) == {"EPOCH_MOVED"}
    assert await here.written() == before
