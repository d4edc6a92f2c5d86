"""Property 7: no hostile Social DNA holds a core for longer than its limit, leaks between organisms, or turns a
limit into a verdict; here through the resolvers, in tests/dna against the engine itself.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.canonical import Json, canonical
from resolvers.so.membership import settle_everything
from tests.faults import documents
from tests.faults.faulty import Inside, inside
from tests.faults.line import Asks, Refused

REGISTER = 'register_social_organism("hostile", o).\n'
FOREVER = "forever :- repeat, fail.\n"
BOMB = "bomb :- length(L, 1000000000), L = [x|_].\n"
HOSTILE = {
    "forever": f"{FOREVER}rule(_) :- forever.\n",
    "forever, caught": f"{FOREVER}rule(_) :- catch(forever, _, true).\n",
    "memory": f"{BOMB}rule(_) :- bomb.\n",
    "memory, caught": f"{BOMB}rule(_) :- catch(bomb, _, true).\n",
    "memory, not so": f"{BOMB}rule(_) :- \\+ catch(bomb, _, fail).\n",
    "an error": "rule(_) :- throw(me).\n",
    "the end": "rule(_) :- halt.\n",
}
RULES = "output_expression(Url, o) :- rule(Url).\nmembrane(Did, o) :- rule(Did).\nmembrane_exit(Did, o) :- rule(Did).\n"


@pytest.fixture
async def here(tmp_path: Path, on_store: dict[str, Any]) -> AsyncIterator[Inside]:  # Any: arguments of Settings
    async with inside(tmp_path, on_store) as opened:
        yield opened


async def hosted(here: Inside, name: str) -> tuple[str, Asks]:
    async with here.connect() as direct:
        made = (await direct.ask(documents.HOST, {"n": name}))["agentCreateHosted"]
    async with here.connect(made["token"]) as own:
        return made["did"], own


async def found(direct: Asks, dna: str | None, *invited: str) -> str:
    given: Json = {"name": "N", "members": list(invited), "dna": dna}
    return str((await direct.ask(documents.CREATE, {"o": given}))["soCreate"])


async def speak(direct: Asks, uri: str, words: str) -> str:
    """ "accepted", or the code of the refusal."""
    given: Json = {"u": uri, "content": canonical(words), "languageAddress": "json"}
    try:
        await direct.ask(documents.SPEAK, given)
    except Refused as refused:
        return refused.code
    return "accepted"


async def test_property_7_no_limit_is_a_verdict_and_others_speak_meanwhile(here: Inside) -> None:
    _, ada = await hosted(here, "ada")
    hostile = [await found(ada, REGISTER + rule + RULES) for rule in HOSTILE.values()]
    peaceful = await found(ada, None)

    codes = await asyncio.gather(
        *(speak(ada, uri, "hostile") for uri in hostile), *(speak(ada, peaceful, f"{number}") for number in range(3))
    )

    assert dict(zip(HOSTILE, codes, strict=False)) == dict.fromkeys(HOSTILE, "DNA_UNDECIDED")
    assert codes[len(HOSTILE) :] == ["accepted"] * 3
    assert [await here.size(uri) for uri in (*hostile, peaceful)] == [1] * len(hostile) + [4]


async def test_property_7_no_limit_admits_or_removes_anybody(here: Inside) -> None:
    ada_did, ada = await hosted(here, "ada")
    ben_did, ben = await hosted(here, "ben")
    cleo_did, cleo = await hosted(here, "cleo")
    uris = [await found(ada, REGISTER + rule + RULES, ben_did) for rule in HOSTILE.values()]
    for uri in uris:
        await ben.ask(documents.JOIN, {"u": uri})
        await ada.ask(documents.ADD, {"u": uri, "did": cleo_did})
        await cleo.ask(documents.JOIN, {"u": uri})
        await ada.ask(documents.REMOVE, {"u": uri, "did": ben_did})
    before = [await here.size(uri) for uri in uris]

    await settle_everything(here.services)

    for uri in uris:
        gathered = await here.real.gathering(uri)
        assert gathered is not None
        assert {each.did for each in gathered.members} == {ada_did, ben_did}
        assert len(gathered.proposals) == 2
    assert [await here.size(uri) for uri in uris] == before


KEEPING = {
    "a clause": ("assertz(kept)", "catch(kept, _, fail)"),
    "a global variable": ("nb_setval(kept, 1)", "nb_current(kept, 1)"),
    "a record": ("recordz(kept, 1)", "recorded(kept, 1)"),
    "a member": ("assertz(so_member(mallory, o))", "so_member(mallory, o)"),
}


async def test_property_7_nothing_passes_from_one_evaluation_or_organism_to_another(here: Inside) -> None:
    """Of one program in two organisms: the engine compiles it once and keeps what it compiled."""
    _, ada = await hosted(here, "ada")
    for name, (leave, find) in KEEPING.items():
        rule = "output_expression(Url, o) :- so_expression(Url, _, _, _), "
        program = f"{REGISTER}{rule}{find}.\n{rule}{leave}, fail.\n"
        one, other = await found(ada, program), await found(ada, program)

        codes = [await speak(ada, uri, name) for uri in (one, other, one, other)]

        assert codes == ["DNA_REFUSED"] * 4, name


async def test_property_7_an_organism_sees_its_own_members_and_words_only(here: Inside) -> None:
    program = (
        f"{REGISTER}output_expression(Url, o) :- aggregate_all(count, so_member(_, o), 1),"
        " aggregate_all(count, so_expression(_, _, _, _), N), N =< 2.\n"
    )
    ben_did, ben = await hosted(here, "ben")
    _, ada = await hosted(here, "ada")
    alone, other, pair = await found(ada, program), await found(ada, program), await found(ada, program, ben_did)
    await ben.ask(documents.JOIN, {"u": pair})

    codes = [await speak(ada, uri, f"{number}") for number, uri in enumerate((alone, alone, alone, other, pair))]

    assert codes == ["accepted", "accepted", "DNA_REFUSED", "accepted", "DNA_REFUSED"]
