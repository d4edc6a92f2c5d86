"""Who is an ally joins: Social DNA sees what each member holds of a candidate."""

from tests.so.society import JOIN, Person, Society

RECORD = """mutation ($s: String!, $k: PersonInteractionKind!) {
  allianceRecord(subject: $s, kind: $k, by: PERSON) { relationship { relationship } } }"""
IGNORE = "mutation ($s: String!) { allianceIgnore(subject: $s) { relationship } }"
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state } }"
MEMBERS = "query ($u: String!) { soMembers(soURI: $u) }"
BY_ALLIES = """register_social_organism("Test", o).
membrane(Did, o) :- so_member(M, o), relationship(M, Did, "ally"), \\+ ignored(Did).
ignored(Did) :- so_member(N, o), relationship(N, Did, "ignore").
"""


async def meet(chorus: Society, by: Person, whom: Person, kind: str, times: int = 3) -> None:
    for _ in range(times):
        await chorus.ask(RECORD, {"s": whom.did, "k": kind}, by)


async def test_an_ally_of_a_member_joins_unless_another_member_ignores_it(chorus: Society) -> None:
    ann, bea, cleo, dora, eve = await chorus.people("ann", "bea", "cleo", "dora", "eve")
    uri = await chorus.found(ann, bea, dna=BY_ALLIES)
    await meet(chorus, ann, cleo, "REPLY_POSITIVE")
    await meet(chorus, ann, dora, "MENTION_NEGATIVE")
    await meet(chorus, ann, eve, "REPLY_POSITIVE")
    await chorus.ask(IGNORE, {"s": eve.did}, bea)

    for candidate in (cleo, dora, eve):
        await chorus.ask(SUGGEST, {"u": uri, "d": candidate.did}, ann)
        await chorus.ask(JOIN, {"u": uri}, candidate)

    assert await chorus.ask(MEMBERS, {"u": uri}, ann) == sorted([ann.did, bea.did, cleo.did])


async def test_a_member_says_nothing_of_whom_it_never_met(chorus: Society) -> None:
    silent = """register_social_organism("Test", o).
membrane(Did, o) :- so_join(Did, _), \\+ relationship(_, Did, _).
"""
    ann, cleo, dora = await chorus.people("ann", "cleo", "dora")
    uri = await chorus.found(ann, dna=silent)
    await meet(chorus, dora, cleo, "REPLY_POSITIVE")  # no member
    await meet(chorus, ann, dora, "REPLY_NEUTRAL", 1)

    for candidate in (cleo, dora):
        await chorus.ask(SUGGEST, {"u": uri, "d": candidate.did}, ann)
        await chorus.ask(JOIN, {"u": uri}, candidate)

    assert await chorus.ask(MEMBERS, {"u": uri}, ann) == sorted([ann.did, cleo.did])
