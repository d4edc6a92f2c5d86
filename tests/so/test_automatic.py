"""The automatic process: what a crash cuts short is made up for once, and a new DNA waits for its members."""

from collections.abc import Awaitable
from pathlib import Path

from domain.organisms.dna import dna_hash
from domain.organisms.templates import MAJORITY, OPEN
from resolvers.so.automatic import catch_up_unlocked
from server.dna.engine import Engine
from tests.servers import Json
from tests.so.society import PASSPHRASE, Person, Society, society

PENDING = """{ soPending {
  verdicts { edges { node { url } } } unsigned { totalCount edges { cursor node { url soURI reason } } } } }"""
MINE = "{ soSignedInMyName { edges { node { url verdict automatic } } } }"
PROPOSE = "mutation ($u: String!, $d: String!) { soProposeDna(soURI: $u, dna: $d) { id state } }"
VOTE = "mutation ($u: String!, $p: String!, $v: SoVote!) { soVote(soURI: $u, proposal: $p, vote: $v) { state } }"
CONFIRM = "mutation ($u: String!, $d: String!) { soConfirmDna(soURI: $u, dna: $d) { dnaHash } }"
SWITCH = "mutation ($u: String, $on: Boolean!) { soSetAutoConcur(soURI: $u, on: $on) }"
LOG = "query ($u: String!) { soLog(uri: $u) { event data } }"


async def signed(chorus: Society, person: Person) -> list[str]:
    """What the server signed in a person's name, in order."""
    return [edge["node"]["url"] for edge in (await chorus.ask(MINE, by=person))["edges"]]


async def reasons(chorus: Society, person: Person) -> list[str]:
    pending = await chorus.ask(PENDING, by=person)
    urls = [edge["node"]["url"] for edge in pending["verdicts"]["edges"]]
    unsigned = [edge["node"] for edge in pending["unsigned"]["edges"]]
    assert [each["url"] for each in unsigned] == urls
    assert pending["unsigned"]["totalCount"] == len(urls)
    return [each["reason"] for each in unsigned]


class Crash:
    """A process that dies before it comes to its background work."""

    def __init__(self) -> None:
        self.lost = 0

    def __call__(self, work: Awaitable[None]) -> None:
        work.close()  # type: ignore[attr-defined]  # a coroutine
        self.lost += 1


async def test_a_crash_between_speaking_and_concurring_is_made_up_for_once(
    tmp_path: Path, on_store: Json, dna_engine: Engine
) -> None:
    crash = Crash()
    async with society(tmp_path, dna_engine, on_store, spawn=crash) as before:
        ann, bea, cleo = await before.people("ann", "bea", "cleo")
        uri = await before.found(ann, bea, cleo)
        url = (await before.say(uri, ann, "hello"))["url"]
        assert crash.lost > 0
        assert await signed(before, bea) == []

    async with society(tmp_path, dna_engine, on_store) as after:
        await after.keyring.unlock(bea.did, PASSPHRASE)  # its key is open before the process looks
        await catch_up_unlocked(after.services)
        assert await signed(after, bea) == [url]
        assert await signed(after, cleo) == []
        assert await reasons(after, cleo) == ["KEY_LOCKED"]
        for _ in range(2):
            await after.unlock(cleo)
            await catch_up_unlocked(after.services)

        assert (await signed(after, bea), await signed(after, cleo)) == ([url], [url])
        verdicts = [entry for entry in await after.ask(LOG, {"u": uri}) if entry["event"] == "VerdictGiven"]
        assert len(verdicts) == 2


async def test_what_was_said_while_a_key_was_locked_is_caught_up(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, bea)
    await chorus.lock(bea)
    urls = [(await chorus.say(uri, ann, words))["url"] for words in ("one", "two")]
    await chorus.rest()
    assert await reasons(chorus, bea) == ["KEY_LOCKED", "KEY_LOCKED"]

    await chorus.unlock(bea)

    assert await signed(chorus, bea) == urls
    assert await reasons(chorus, bea) == []


async def adopt(chorus: Society, uri: str, program: str, proposer: Person, *vouchers: Person) -> None:
    proposal = await chorus.ask(PROPOSE, {"u": uri, "d": program}, proposer)
    for each in vouchers:
        voted = await chorus.ask(VOTE, {"u": uri, "p": proposal["id"], "v": "VOUCH"}, each)
    assert voted["state"] == "ACCEPTED"


async def test_nothing_is_signed_under_a_new_dna_for_who_did_not_vouch_until_confirmed(
    tmp_path: Path, on_store: Json, dna_engine: Engine
) -> None:
    async with society(tmp_path, dna_engine, on_store) as chorus:
        ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
        uri = await chorus.found(ann, bea, cleo)
        old = (await chorus.say(uri, ann, "under the old one"))["url"]
        await chorus.rest()
        await adopt(chorus, uri, OPEN.program, ann, bea)
        new = (await chorus.say(uri, ann, "under the new one"))["url"]
        await chorus.rest()

        assert (await signed(chorus, bea), await signed(chorus, cleo)) == ([old, new], [old])
        assert await reasons(chorus, cleo) == ["DNA_NOT_CONFIRMED"]

    async with society(tmp_path, dna_engine, on_store) as again:  # the pause outlives the process
        await again.unlock(cleo)
        assert await signed(again, cleo) == [old]
        refusal = await again.refusal(CONFIRM, {"u": uri, "d": dna_hash("another")}, cleo)
        assert refusal["code"] == "DNA_MISMATCH"

        confirmed = await again.ask(CONFIRM, {"u": uri, "d": dna_hash(OPEN.program)}, cleo)
        await again.rest()

        assert confirmed["dnaHash"] == dna_hash(OPEN.program)
        assert await signed(again, cleo) == [old, new]

    async with society(tmp_path, dna_engine, on_store) as later:  # and so does the confirmation
        await later.keyring.unlock(ann.did, PASSPHRASE)
        await later.keyring.unlock(cleo.did, PASSPHRASE)
        newest = (await later.say(uri, ann, "later"))["url"]
        await later.rest()
        assert (await signed(later, cleo))[-1] == newest


async def test_confirming_one_dna_does_not_confirm_the_next(chorus: Society) -> None:
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    uri = await chorus.found(ann, bea, cleo)
    await adopt(chorus, uri, OPEN.program, ann, bea)
    await chorus.ask(CONFIRM, {"u": uri, "d": dna_hash(OPEN.program)}, cleo)
    await adopt(chorus, uri, OPEN.program + "% two\n", ann, bea)

    await chorus.say(uri, ann, "hello")
    await chorus.rest()

    assert await reasons(chorus, cleo) == ["DNA_NOT_CONFIRMED"]


async def test_strangers_confirm_nothing(chorus: Society) -> None:
    ann, stranger = await chorus.people("ann", "stranger")
    uri = await chorus.found(ann)

    refusal = await chorus.refusal(CONFIRM, {"u": uri, "d": dna_hash(MAJORITY.program)}, stranger)

    assert refusal["code"] == "NOT_A_MEMBER"


async def test_pending_says_why_nothing_was_signed(chorus: Society) -> None:
    ann, bea, cleo, dan = await chorus.people("ann", "bea", "cleo", "dan")
    dna = f"""register_social_organism("T", o).
output_expression(_, o) :- agent_did(Me), decided(Me).
decided("{ann.did}").
decided("{cleo.did}") :- X is foo + 1, X > 0.
decided("{dan.did}").
"""
    uri = await chorus.found(ann, bea, cleo, dan, dna=dna)
    await chorus.ask(SWITCH, {"u": uri, "on": False}, dan)
    await chorus.say(uri, ann, "hello")
    await chorus.rest()

    assert [await reasons(chorus, each) for each in (bea, cleo, dan)] == [
        ["DNA_FALSE"],
        ["DNA_UNDECIDED"],
        ["SWITCHED_OFF"],
    ]
    await chorus.ask(SWITCH, {"u": uri, "on": True}, dan)
    assert await reasons(chorus, dan) == ["NOT_YET"]
    await chorus.unlock(dan)
    assert await reasons(chorus, dan) == []


WAIT = """register_social_organism("Slow", o).
membrane(Did, o) :- so_join(Did, Asked), now(Now), Now - Asked >= 3600000.
membrane_exit(Did, o) :- so_member_since(Did, Since), now(Now), Now - Since >= 7200000.
dna_change(Hash, o) :- so_proposed(Hash, _, At), now(Now), Now - At >= 10800000.
"""
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state } }"
ASK_IN = "mutation ($u: String!) { soJoin(soURI: $u) { memberCount } }"


async def test_rules_about_time_are_settled_by_the_timer(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, dna=WAIT)
    assert (await chorus.ask(ASK_IN, {"u": uri}, bea))["memberCount"] == 1
    proposed = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, ann)
    assert proposed["state"] == "OPEN"
    count = "query ($u: String!) { so(uri: $u) { memberCount dnaHash } }"

    chorus.clock.forward(3_599)
    await chorus.tick()
    assert (await chorus.ask(count, {"u": uri}))["memberCount"] == 1
    chorus.clock.forward(1)
    await chorus.tick()
    assert await chorus.ask(count, {"u": uri}) == {"memberCount": 2, "dnaHash": dna_hash(WAIT)}
    chorus.clock.forward(7_200)
    await chorus.tick()

    assert (await chorus.ask(count, {"u": uri}))["dnaHash"] == dna_hash(OPEN.program)
