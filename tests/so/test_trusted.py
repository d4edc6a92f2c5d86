"""Who is trusted far enough joins: Social DNA sees what the members recorded about a candidate."""

from domain.timestamp import format_millis
from tests.people.village import DAY, HOUR, RECORD_ALL
from tests.so.society import JOIN, Person, Society

SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state } }"
SETTLE = "mutation ($u: String!, $p: String!) { soSettle(soURI: $u, proposal: $p) { state } }"
MEMBERS = "query ($u: String!) { soMembers(soURI: $u) }"
TRUSTED = {"template": "trusted", "parameters": {"tier": "familiar", "k": 2}}


async def converse(chorus: Society, by: Person, candidate: Person, days: int) -> str:
    """Three messages on each of the last days. Gives the tier that comes of it."""
    began = chorus.clock() // DAY * DAY - days * DAY
    hours = [began + day * DAY + int((day * 5 + third * 8) % 24 * HOUR) for day in range(days) for third in range(3)]
    events = [{"did": candidate.did, "kind": "MESSAGE", "at": format_millis(at)} for at in hours]
    outcomes = await chorus.ask(RECORD_ALL, {"i": events, "w": True}, by)
    return str(outcomes[-1]["recorded"]["tier"])


async def test_whom_enough_members_trust_is_admitted(chorus: Society) -> None:
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    uri = await chorus.found(ann, bea, **TRUSTED)
    proposal = (await chorus.ask(SUGGEST, {"u": uri, "d": cleo.did}, ann))["id"]
    await chorus.ask(JOIN, {"u": uri}, cleo)
    given = {"u": uri, "p": proposal}

    tiers = [await converse(chorus, ann, cleo, 20)]
    one = (await chorus.ask(SETTLE, given, ann))["state"]
    tiers.append(await converse(chorus, bea, cleo, 10))
    not_enough = (await chorus.ask(SETTLE, given, ann))["state"]
    tiers.append(await converse(chorus, bea, cleo, 20))
    both = (await chorus.ask(SETTLE, given, ann))["state"]

    assert tiers == ["FAMILIAR", "ACQUAINTANCE", "FAMILIAR"]
    assert (one, not_enough, both) == ("OPEN", "OPEN", "ACCEPTED")
    assert cleo.did in await chorus.ask(MEMBERS, {"u": uri}, ann)


async def test_a_score_is_a_fact_and_nobody_speaks_for_strangers(chorus: Society) -> None:
    dna = """register_social_organism("Test", o).
membrane(Did, o) :- so_member(M, o), trust(M, Did, Score), Score > 0.3, Score < 0.5.
"""
    ann, cleo, eve = await chorus.people("ann", "cleo", "eve")
    uri = await chorus.found(ann, dna=dna)
    for candidate, days in ((cleo, 20), (eve, 0)):
        if days:
            await converse(chorus, ann, candidate, days)
        await chorus.ask(SUGGEST, {"u": uri, "d": candidate.did}, ann)
        await chorus.ask(JOIN, {"u": uri}, candidate)

    assert await chorus.ask(MEMBERS, {"u": uri}, ann) == sorted([ann.did, cleo.did])
