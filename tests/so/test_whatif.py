"""What another Social DNA would have decided on an organism's own history, through GraphQL on both stores."""

import json
import random
from collections.abc import Sequence

import pytest

from domain.organisms.facts import NucleusLink, Relation
from domain.organisms.templates import MAJORITY, OPEN
from graphdb.store import KEPT_FACTS
from tests.servers import Json
from tests.so.society import Person, Society
from tests.so.test_facts import OFF, REGISTER, Garden, Village

WHAT_IF = """query ($u: String!, $d: String!, $f: Int, $a: String) {
  soDnaWhatIf(soURI: $u, dna: $d, first: $f, after: $a) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { seq kind subject at before after differs reason } } } }"""
ASK_IN = "mutation ($u: String!) { soJoin(soURI: $u) { memberCount } }"
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state } }"
VOUCH = "mutation ($u: String!, $d: String!) { soVouchForNewMember(soURI: $u, did: $d) { state } }"
REJECT = "mutation ($u: String!, $l: String!) { soReject(soURI: $u, url: $l) { url } }"
PROPOSE = "mutation ($u: String!, $d: String!) { soProposeDna(soURI: $u, dna: $d) { state } }"

ALL_FACTS = (
    REGISTER
    + """
output_expression(Url, o) :- so_expression(Url, Author, _, _), so_member(Author, o), agent_did(Author), calm.
membrane(Did, o) :- so_join(Did, _), so_vouch(Did, _, _), \\+ so_decline(Did, _, _), calm.
calm :- now(N), N > 0, epoch(E), E >= 0, \\+ trust(_, _, 2.0), \\+ so_member_since(_, 0),
    forall(so_coherence(_, C), C > 0), forall(so_verdict(_, _, V, _), V == "concur"),
    forall(link(_, _, _, _, _), triple(_, _, _)),
    forall(so_expression_data(_, D), string(D)), \\+ so_link(_, _, _, "nowhere").
"""
)
SHORT = (
    REGISTER
    + """
output_expression(Url, o) :- so_expression_data(Url, D), string_length(D, N), N < 10.
membrane(Did, o) :- so_join(Did, _).
"""
)


async def judged(chorus: Society, uri: str, dna: str, by: Person) -> list[Json]:
    page = await chorus.ask(WHAT_IF, {"u": uri, "d": dna}, by)
    return [edge["node"] for edge in page["edges"]]


async def garden(chorus: Society, dna: str) -> tuple[str, Person, list[str]]:
    """An organism that said four things and let somebody in by its membrane."""
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    uri = await chorus.found(ann, bea, dna=dna)
    said = [(await chorus.say(uri, ann, words))["url"] for words in ("one", "a long sentence")]
    await chorus.rest()
    chorus.clock.forward(1)
    await chorus.ask(SUGGEST, {"u": uri, "d": cleo.did}, ann)
    chorus.clock.forward(1)
    await chorus.ask(VOUCH, {"u": uri, "d": cleo.did}, bea)
    assert (await chorus.ask(ASK_IN, {"u": uri}, cleo))["memberCount"] == 3
    said += [(await chorus.say(uri, cleo, words))["url"] for words in ("two", "another long sentence")]
    await chorus.rest()
    return uri, ann, [*said[:2], cleo.did, *said[2:]]


async def test_the_dna_in_force_would_have_decided_the_same(chorus: Society) -> None:
    """The property of what-if: an unchanged program reports no difference, whatever it looks at."""
    for program in (MAJORITY.program, ALL_FACTS):
        uri, ann, subjects = await garden(chorus, program)

        found = await judged(chorus, uri, program, ann)

        assert [each["subject"] for each in found] == subjects[::-1]
        assert [each["kind"] for each in found] == ["EXPRESSION", "EXPRESSION", "ADMISSION", "EXPRESSION", "EXPRESSION"]
        assert [(each["before"], each["after"], each["differs"]) for each in found] == [("TRUE", "TRUE", False)] * 5


FACTS = {"so_verdict": 4, "so_coherence": 2, "so_link": 4, "so_expression_data": 2, "so_member_since": 2, "so_vouch": 3}
FACTS |= {
    "so_decline": 3,
    "so_proposed": 3,
    "trust": 3,
    "trust_tier": 3,
    "link": 5,
    "reachable": 2,
    "now": 1,
    "epoch": 1,
}


@pytest.mark.parametrize("seed", range(3))
async def test_an_unchanged_program_never_differs(chorus: Society, seed: int) -> None:
    """Programs that look at some facts or others, and decide by what they find."""
    chosen = random.Random(seed)
    looked = [f"\\+ ( {name}({', '.join('_' * FACTS[name])}), fail )" for name in chosen.sample(sorted(FACTS), 5)]
    program = REGISTER + f"output_expression(_, o) :- {', '.join(looked[:2])}.\n"
    program += f"membrane(Did, o) :- so_join(Did, _), so_vouch(Did, _, _), {', '.join(looked[2:])}.\n"
    (observer,) = await chorus.people("observer")
    chorus.look(
        nucleus=Garden(NucleusLink("a", "b", "c", 1, observer.did)),
        relations=Village(Relation(observer.did, observer.did, 0.25, "friend", "self")),
    )
    uri, ann, _ = await garden(chorus, program)

    found = await judged(chorus, uri, program, ann)

    assert [(each["after"], each["differs"]) for each in found] == [("TRUE", False)] * 5


async def test_members_see_which_decisions_would_have_been_others(chorus: Society) -> None:
    uri, ann, subjects = await garden(chorus, MAJORITY.program)

    found = await judged(chorus, uri, SHORT, ann)

    # The membrane lets in who asks; expressions are compared, because the old program looked at expressions.
    assert [each["after"] for each in found[::-1]] == ["TRUE", "FALSE", "TRUE", "TRUE", "FALSE"]
    assert [each["subject"] for each in found if each["differs"]] == [subjects[4], subjects[1]]


async def test_what_the_program_of_that_time_did_not_look_at_cannot_be_compared(chorus: Society) -> None:
    uri, ann, _ = await garden(chorus, REGISTER + "output_expression(_, o).\nmembrane(Did, o) :- so_join(Did, _).\n")

    found = await judged(chorus, uri, MAJORITY.program, ann)

    assert {(each["after"], each["differs"]) for each in found} == {("NOT_COMPARABLE", False)}
    assert "so_expression" in found[0]["reason"]


async def test_what_follows_from_the_log_can_be_compared_though_nobody_looked_at_it(chorus: Society) -> None:
    """Members, votes, joins, epoch and time."""
    uri, ann, _ = await garden(chorus, REGISTER + "output_expression(_, o).\nmembrane(Did, o) :- so_join(Did, _).\n")
    program = (
        REGISTER
        + """
output_expression(_, o) :- epoch(2), agent_did(Me), so_member(Me, o), so_member_since(Me, T), now(N), N >= T.
membrane(Did, o) :- aggregate_all(count, so_member(_, o), 2), aggregate_all(count, so_vouch(Did, _, _), 2),
    so_proposed(Did, _, _).
"""
    )

    found = await judged(chorus, uri, program, ann)

    assert [each["after"] for each in found[::-1]] == ["FALSE", "FALSE", "TRUE", "TRUE", "TRUE"]


async def test_a_program_without_the_predicate_would_have_allowed_nothing(chorus: Society) -> None:
    uri, ann, _ = await garden(chorus, MAJORITY.program)

    found = await judged(chorus, uri, REGISTER, ann)

    assert {each["after"] for each in found} == {"FALSE"}
    assert found[0]["reason"] == "the program has no output_expression/2"


async def test_a_limit_is_undecided_here_too(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)
    await chorus.say(uri, ann, "hello")

    (found,) = await judged(chorus, uri, REGISTER + "output_expression(_, o) :- repeat, fail.\n", ann)

    assert (found["after"], found["differs"], found["reason"]) == ("UNDECIDED", True, "fuel limit")


async def test_links_and_verdicts_of_that_time_are_kept(chorus: Society) -> None:
    dna = REGISTER + 'output_expression(Url, o) :- triple("a", "b", _), \\+ so_verdict(Url, _, _, _).\n'
    ann, bea = await chorus.people("ann", "bea")
    await chorus.ask(OFF, by=bea)
    chorus.look(nucleus=Garden(NucleusLink("a", "b", "then", 1, ann.did)))
    uri = await chorus.found(ann, bea, dna=dna)
    first = (await chorus.say(uri, ann, "first"))["url"]
    await chorus.ask(REJECT, {"u": uri, "l": first}, bea)
    await chorus.say(uri, ann, "second")
    chorus.look(nucleus=Garden(NucleusLink("a", "b", "now", 2, ann.did)))
    program = REGISTER + 'output_expression(_, o) :- link("a", "b", "then", 1, _), \\+ so_verdict(_, _, "reject", _).\n'

    found = await judged(chorus, uri, program, ann)

    assert [each["after"] for each in found] == ["FALSE", "TRUE"]  # the newest first: it saw the reject


async def test_erased_words_cannot_be_compared(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)
    erased, kept = [(await chorus.say(uri, ann, words))["url"] for words in ("one", "two")]
    get = chorus.services.store.expressions.get

    async def without(urls: Sequence[str]) -> Json:
        return tuple(None if each is None or each.url == erased else each for each in await get(urls))

    chorus.services.store.expressions.get = without  # type: ignore[method-assign]  # as a takedown leaves it

    found = await judged(chorus, uri, MAJORITY.program, ann)

    assert {each["after"] for each in found} == {"NOT_COMPARABLE"}
    assert "not there any more" in found[0]["reason"]
    assert kept != erased


async def test_history_is_looked_through_a_page_at_a_time_up_to_200_decisions(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann, dna=OPEN.program)
    chorus.limit(facts_expressions=2)  # a short view of what was said before, so that it goes quickly
    for number in range(KEPT_FACTS + 5):
        await chorus.say(uri, ann, number)
    await chorus.rest()
    seen: list[Json] = []
    after = None

    while True:
        page = await chorus.ask(WHAT_IF, {"u": uri, "d": OPEN.program, "f": 90, "a": after}, ann)
        seen += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert (len(seen), page["totalCount"]) == (200, 200)
    assert [each["seq"] for each in seen] == list(range(KEPT_FACTS + 6, KEPT_FACTS + 6 - 200, -1))
    assert {each["after"] for each in seen} == {"TRUE"}
    entries = await chorus.services.store.organisms.evaluated(uri, 1_000)
    hashes = [_facts(entry.text) for entry in entries]
    kept = await chorus.services.store.organisms.kept_facts(uri, hashes)
    assert list(kept) != []
    assert set(kept) == set(hashes[:KEPT_FACTS])


def _facts(text: str) -> str:
    return str(json.loads(text)["evaluation"]["facts"])


async def test_bad_questions_are_refused(chorus: Society) -> None:
    ann, stranger = await chorus.people("ann", "stranger")
    uri = await chorus.found(ann)
    unknown = "so://QmzSYwdexVtzt8GEY37qzRy15mNL59XrpjvZJjgYXa43j6CewKE"

    async def code(uri: str, dna: str, **page: Json) -> str:
        return str((await chorus.refusal(WHAT_IF, {"u": uri, "d": dna, **page}, ann))["code"])

    assert await code(unknown, OPEN.program) == "UNKNOWN_ORGANISM"
    assert (await chorus.refusal(WHAT_IF, {"u": uri, "d": OPEN.program}, stranger))["code"] == "NOT_A_MEMBER"
    assert await code(uri, "p(") == "DNA_INVALID"
    assert await code(uri, OPEN.program, a="nonsense") == "INVALID_CURSOR"
    assert await code(uri, OPEN.program, f=0) == "INVALID_ARGUMENT"


async def test_an_organism_without_a_past_has_nothing_to_compare(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)

    assert await judged(chorus, uri, OPEN.program, ann) == []
