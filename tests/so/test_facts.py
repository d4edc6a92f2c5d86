"""What Social DNA can look at, asked through GraphQL on both stores."""

from collections.abc import Sequence
from urllib.parse import quote

import pytest

from domain.canonical import canonical
from domain.identity import Did
from domain.organisms.facts import NucleusLink, Relation
from tests.servers import Json
from tests.so.society import SPEAK, Society

REGISTER = 'register_social_organism("Test", o).\n'
OUTPUT = REGISTER + "output_expression(Url, o) :- allowed(Url).\n"
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state vouches } }"
REMOVE = "mutation ($u: String!, $d: String!) { soSuggestMemberRemoval(soURI: $u, did: $d) { id state } }"
REJECT = "mutation ($u: String!, $l: String!) { soReject(soURI: $u, url: $l) { url } }"
CONCUR = "mutation ($u: String!, $l: String!) { soConcur(soURI: $u, url: $l) { url } }"
SETTLE = "mutation ($u: String!, $p: String!) { soSettle(soURI: $u, proposal: $p) { state } }"
JOIN = "mutation ($u: String!) { soJoin(soURI: $u) { memberCount } }"
OFF = "mutation { soSetAutoConcur(on: false) }"


class Garden:
    """A nucleus of one organism with these links."""

    def __init__(self, *links: NucleusLink) -> None:
        self.all = links
        self.asked: list[str] = []

    async def links(self, uri: str) -> Sequence[NucleusLink]:
        self.asked.append(uri)
        return self.all


class Village:
    """Everybody's relations, and who was asked about whom."""

    def __init__(self, *relations: Relation) -> None:
        self.all = relations
        self.asked: list[tuple[list[str], list[str]]] = []

    async def between(self, observers: Sequence[Did], about: Sequence[str]) -> Sequence[Relation]:
        self.asked.append((list(observers), list(about)))
        return [each for each in self.all if each.observer in observers and each.did in about]


async def refused(chorus: Society, uri: str, by: Json, words: str) -> str:
    return str((await chorus.refusal(SPEAK, {"u": uri, "c": f'"{words}"', "l": "json"}, by))["code"])


async def test_an_organism_speaks_again_only_when_most_stand_behind_its_last_words(chorus: Society) -> None:
    dna = OUTPUT + "allowed(Url) :- \\+ ( so_coherence(Other, C), Other \\== Url, C =< 1/2 ).\n"
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    for each in (bea, cleo):
        await chorus.ask(OFF, by=each)
    uri = await chorus.found(ann, bea, cleo, dna=dna)
    first = (await chorus.say(uri, ann, "first"))["url"]

    assert await refused(chorus, uri, ann, "second") == "DNA_REFUSED"
    await chorus.ask(CONCUR, {"u": uri, "l": first}, bea)

    assert "url" in await chorus.say(uri, ann, "third")


async def test_who_gave_which_verdict_when_is_a_fact(chorus: Society) -> None:
    dna = OUTPUT + 'allowed(_) :- \\+ so_verdict(_, _, "reject", _).\n'
    dna += 'allowed(Url) :- so_verdict(Url, Did, "concur", T), now(N), integer(T), T =< N, so_member(Did, o).\n'
    ann, bea = await chorus.people("ann", "bea")
    await chorus.ask(OFF, by=bea)
    uri = await chorus.found(ann, bea, dna=dna)
    first = (await chorus.say(uri, ann, "first"))["url"]
    await chorus.ask(REJECT, {"u": uri, "l": first}, bea)

    assert await refused(chorus, uri, ann, "second") == "DNA_REFUSED"


async def test_a_decision_that_looked_at_verdicts_is_taken_again_when_one_comes_in(chorus: Society) -> None:
    """The verdict comes between the reading and the writing."""
    dna = OUTPUT + 'allowed(_) :- triple(_, _, _), \\+ so_verdict(_, _, "reject", _).\n'
    ann, bea = await chorus.people("ann", "bea")
    await chorus.ask(OFF, by=bea)
    uri = await chorus.found(ann, bea, dna=dna)

    class Meanwhile(Garden):
        first: str | None = None

        async def links(self, uri: str) -> Sequence[NucleusLink]:
            if self.first is not None:
                url, self.first = self.first, None
                await chorus.ask(REJECT, {"u": uri, "l": url}, bea)
            return await super().links(uri)

    nucleus = Meanwhile(NucleusLink("a", "b", "c", 1, ann.did))
    chorus.look(nucleus=nucleus)
    nucleus.first = (await chorus.say(uri, ann, "first"))["url"]

    assert await refused(chorus, uri, ann, "second") == "DNA_REFUSED"
    assert nucleus.first is None


async def test_links_of_the_nucleus_are_facts_and_what_can_be_reached_over_them(chorus: Society) -> None:
    dna = OUTPUT + 'allowed(Url) :- so_expression_data(Url, D), reachable("self://root", D), link(_, _, _, T, A),'
    dna += " integer(T), so_member(A, o).\n"
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann, dna=dna)
    nucleus = Garden(NucleusLink("self://root", "knows", "b", 1, ann.did), NucleusLink("b", "", '"garden"', 2, ann.did))

    assert await refused(chorus, uri, ann, "garden") == "DNA_REFUSED"  # nothing to read yet
    chorus.look(nucleus=nucleus)

    assert "url" in await chorus.say(uri, ann, "garden")
    assert await refused(chorus, uri, ann, "desert") == "DNA_REFUSED"
    assert set(nucleus.asked) == {uri}


async def test_the_members_relations_decide_on_a_candidate(chorus: Society) -> None:
    dna = (
        REGISTER
        + """
membrane(Did, o) :-
    so_join(Did, _),
    trust_tier(One, Did, "friend"), so_member(One, o),
    trust(Other, Did, Score), Score > 0.5, so_member(Other, o),
    relationship(One, Did, "neighbour").
"""
    )
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    uri = await chorus.found(ann, bea, dna=dna)
    await chorus.ask(JOIN, {"u": uri}, cleo)
    village = Village(
        Relation(ann.did, cleo.did, tier="friend", relationship="neighbour"), Relation(bea.did, cleo.did, score=0.75)
    )

    proposal = (await chorus.ask(SUGGEST, {"u": uri, "d": cleo.did}, ann))["id"]
    assert (await chorus.ask(SETTLE, {"u": uri, "p": proposal}, ann))["state"] == "OPEN"
    chorus.look(relations=village)

    assert (await chorus.ask(SETTLE, {"u": uri, "p": proposal}, ann))["state"] == "ACCEPTED"
    members = sorted([ann.did, bea.did])
    assert village.asked[0] == (members, [*members, cleo.did])


async def test_what_a_program_does_not_mention_is_not_read(chorus: Society) -> None:
    nucleus, village = Garden(), Village()
    chorus.look(nucleus=nucleus, relations=village)
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)

    await chorus.say(uri, ann, "hello")

    assert (nucleus.asked, village.asked) == ([], [])


async def test_a_member_whose_words_all_others_reject_can_be_removed(chorus: Society) -> None:
    """The removal of a member looks at what the organism said, as everything else does."""
    dna = (
        OUTPUT
        + """allowed(_).
membrane_exit(Did, o) :-
    so_expression(Url, Did, _, _),
    forall(so_member(Other, o), so_verdict(Url, Other, "reject", _)).
"""
    )
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    for each in (ann, bea):
        await chorus.ask(OFF, by=each)
    uri = await chorus.found(ann, bea, cleo, dna=dna)
    url = (await chorus.say(uri, cleo, "rude"))["url"]
    assert (await chorus.ask(REMOVE, {"u": uri, "d": cleo.did}, ann))["state"] == "OPEN"

    for each in (ann, bea):
        await chorus.ask(REJECT, {"u": uri, "l": url}, each)
    proposal = (await chorus.ask(REMOVE, {"u": uri, "d": cleo.did}, bea))["state"]

    assert proposal == "ACCEPTED"


WORDS = "Grüße & 100 % 😀"


@pytest.mark.parametrize(
    ("rule", "words", "says"),
    [
        ('so_expression_data(Url, D), json_property(D, "mood", "good")', {"mood": "good"}, {"mood": "bad"}),
        ('so_link(Url, S, _, _), literal_from_url(S, Text, string), string_includes(Text, "😀")', None, None),
    ],
)
async def test_ad4ms_helpers_work_on_what_is_said(chorus: Society, rule: str, words: Json, says: Json) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann, dna=OUTPUT + f"allowed(Url) :- {rule}.\n")
    good = words or {"source": f"literal://string:{quote(WORDS)}", "target": "t"}
    bad = says or {"source": "literal://string:plain", "target": "t"}
    language = "json" if words else "link"

    assert "url" in await chorus.say(uri, ann, good, language)
    refusal = await chorus.refusal(SPEAK, {"u": uri, "c": canonical(bad), "l": language}, ann)
    assert refusal["code"] == "DNA_REFUSED"
