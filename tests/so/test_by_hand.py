"""Evaluations and explanations by hand, on both stores."""

from dataclasses import replace

from domain.canonical import sha256_hex
from domain.organisms.facts import NucleusLink, Relation
from domain.organisms.templates import DEFAULT
from server.allowances import Allowances
from tests.servers import Json
from tests.so.society import SPEAK, Society
from tests.so.test_facts import Garden, Village

EVALUATE = """query ($u: String!, $p: String!, $s: String!, $a: String) {
  soEvaluate(soURI: $u, predicate: $p, subject: $s, as: $a) {
    predicate subject as verdict reason rule dnaHash engineHash factsHash fuel milliseconds } }"""
EXPLAIN = """query ($u: String!, $s: String!, $p: String, $a: String) {
  soExplain(soURI: $u, subject: $s, predicate: $p, as: $a) {
    evaluation { predicate verdict reason fuel factsHash } prolog words tree truncated } }"""
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id } }"
REMOVE = "mutation ($u: String!, $d: String!) { soSuggestMemberRemoval(soURI: $u, did: $d) { id } }"
CHANGE = "mutation ($u: String!, $d: String!) { soProposeDna(soURI: $u, dna: $d) { id subject } }"
SETTLE = "mutation ($u: String!, $p: String!) { soSettle(soURI: $u, proposal: $p) { state } }"
WHAT_IF = "query ($u: String!, $d: String!) { soDnaWhatIf(soURI: $u, dna: $d) { totalCount } }"
LINKS = 'register_social_organism("links", o).\n%! It is a link.\noutput_expression(U, o) :- so_link(U, _, _, _).\n'


async def test_an_expression_is_judged_as_anybody(chorus: Society) -> None:
    alice, bob = await chorus.people("alice", "bob")
    mine = (
        'register_social_organism("mine", o).\noutput_expression(U, o) :- agent_did(Me), so_expression(U, Me, _, _).\n'
    )
    uri = await chorus.found(alice, bob, dna=mine)
    url = (await chorus.say(uri, alice, {"we": "garden"}))["url"]

    as_me = await chorus.ask(EVALUATE, {"u": uri, "p": "output_expression", "s": url}, alice)
    as_bob = await chorus.ask(EVALUATE, {"u": uri, "p": "output_expression", "s": url, "a": bob.did}, alice)

    assert (as_me["verdict"], as_me["as"]) == ("TRUE", alice.did)
    assert (as_bob["verdict"], as_bob["as"]) == ("FALSE", bob.did)
    assert as_me["dnaHash"] == sha256_hex(mine.encode())
    assert as_me["fuel"] > 0
    assert len(as_me["engineHash"]) == len(as_me["factsHash"]) == 64


async def test_a_candidate_is_judged_before_anybody_proposes_it(chorus: Society) -> None:
    alice, bob, carol = await chorus.people("alice", "bob", "carol")
    uri = await chorus.found(alice, bob)

    before = await chorus.ask(EXPLAIN, {"u": uri, "s": carol.did}, carol)
    await chorus.ask(SUGGEST, {"u": uri, "d": carol.did}, alice)
    after = await chorus.ask(EXPLAIN, {"u": uri, "s": carol.did}, carol)

    assert before["evaluation"]["predicate"] == "membrane"
    assert before["evaluation"]["verdict"] == after["evaluation"]["verdict"] == "FALSE"
    assert before["words"].splitlines()[-1].strip() == "0 is not more than 2"
    assert after["words"].splitlines()[-1].strip() == "2 is not more than 2"
    assert before["evaluation"]["factsHash"] != after["evaluation"]["factsHash"]
    assert after["tree"]["children"][0]["words"] == "More than half of the members vouch for the newcomer."


async def test_reasons_that_show_what_only_members_see_are_for_members(chorus: Society) -> None:
    alice, bob, carol = await chorus.people("alice", "bob", "carol")
    chorus.look(
        nucleus=Garden(NucleusLink("a", "b", "a word among us", 1, alice.did)),
        relations=Village(Relation(alice.did, bob.did, 0.137, "stranger", "rival")),
    )
    for rule in ('triple("a", _, T), T == "x"', "trust(_, D, S), S > 0.9", 'reachable("a", T), T == "x"'):
        dna = f'register_social_organism("shy", o).\nmembrane(D, o) :- so_member(_, o), D \\== "", {rule}.\n'
        uri = await chorus.found(alice, dna=dna)
        asked = {"u": uri, "s": bob.did, "p": "membrane"}

        told = await chorus.ask(EXPLAIN, asked, alice)
        refused = [(await chorus.refusal(EXPLAIN, asked, by))["code"] for by in (bob, carol, "")]
        verdict = await chorus.ask(EVALUATE, asked, bob)

        assert "0.137" in told["words"] or "a word among us" in told["words"]
        assert refused == ["NOT_A_MEMBER", "NOT_A_MEMBER", "NO_AGENT"]
        assert verdict["verdict"] == "FALSE"


async def test_a_removal_and_a_new_dna_are_judged_too(chorus: Society) -> None:
    alice, bob, carol = await chorus.people("alice", "bob", "carol")
    uri = await chorus.found(alice, bob, carol)
    await chorus.ask(REMOVE, {"u": uri, "d": carol.did}, alice)
    proposed = await chorus.ask(CHANGE, {"u": uri, "d": LINKS}, alice)

    removal = await chorus.ask(EXPLAIN, {"u": uri, "s": carol.did}, bob)
    change = await chorus.ask(EVALUATE, {"u": uri, "p": "dna_change", "s": proposed["subject"]}, bob)
    explained = await chorus.ask(EXPLAIN, {"u": uri, "s": proposed["subject"]}, bob)

    assert removal["evaluation"]["predicate"] == "membrane_exit"
    assert "no: 2*1>2" in removal["prolog"]
    assert (change["verdict"], change["engineHash"]) == ("FALSE", None)
    assert change["rule"] == explained["words"] == (
        "Without `dna_change/2`, two thirds of the members decide: 1 of 3 vouch"
    )  # fmt: skip


async def test_a_refusal_says_why(chorus: Society) -> None:
    alice = await chorus.person("alice")
    uri = await chorus.found(alice, dna=LINKS)

    refused = await chorus.refusal(SPEAK, {"u": uri, "c": '"hello"', "l": "literal"}, alice)

    assert refused["code"] == "DNA_REFUSED"
    assert "not so: It is a link." in refused["explanation"]["words"]
    assert refused["explanation"]["prolog"].splitlines()[-1].strip().startswith("no: so_link(")


async def test_an_undecided_one_says_where(chorus: Society) -> None:
    alice = await chorus.person("alice")
    program = 'register_social_organism("bad", o).\noutput_expression(U, o) :- q(U).\nq(U) :- U > 1.\n'
    uri = await chorus.found(alice, dna=program)

    refused = await chorus.refusal(SPEAK, {"u": uri, "c": '"hello"', "l": "literal"}, alice)

    assert refused["code"] == "DNA_UNDECIDED"
    assert "here it stopped" in refused["explanation"]["words"]
    assert "while asking q(" in refused["explanation"]["words"]


async def test_what_was_said_keeps_the_rules_it_was_said_under(chorus: Society) -> None:
    alice = await chorus.person("alice")
    uri = await chorus.found(alice)
    url = (await chorus.say(uri, alice, {"we": "garden"}))["url"]
    await chorus.ask(CHANGE, {"u": uri, "d": LINKS}, alice)

    found = await chorus.ask(EVALUATE, {"u": uri, "p": "output_expression", "s": url}, alice)

    assert (found["verdict"], found["dnaHash"]) == ("TRUE", sha256_hex(DEFAULT.program.encode()))


async def test_what_cannot_be_asked_is_refused(chorus: Society) -> None:
    alice = await chorus.person("alice")
    uri = await chorus.found(alice, dna=LINKS)
    bob = await chorus.person("bob")

    async def code(**given: Json) -> str:
        asked = {"u": uri, "p": "output_expression", "s": "literal:string:x", **given}
        return str((await chorus.refusal(EVALUATE, asked, alice))["code"])

    assert await code(p="halt") == "INVALID_ARGUMENT"
    assert await code(s="") == "INVALID_ARGUMENT"
    assert await code(s="x" * 10_001) == "INVALID_ARGUMENT"
    assert await code(s="json://nowhere") == "UNKNOWN_EXPRESSION"
    assert await code(a="nobody") == "INVALID_DID"
    assert await code(u="so://nowhere") == "UNKNOWN_ORGANISM"
    assert await code(p="membrane", s="nobody") == "INVALID_DID"
    assert await code(p="membrane", s=bob.did) == "DNA_NO_MEMBRANE"
    assert await code(p="dna_change", s="0" * 64) == "UNKNOWN_PROPOSAL"


async def test_asking_is_limited_for_each_agent(chorus: Society) -> None:
    chorus.services = replace(chorus.services, allow=Allowances(3, chorus.clock))
    alice, bob = await chorus.people("alice", "bob")
    uri = await chorus.found(alice)
    asked = {"u": uri, "p": "membrane", "s": bob.did}

    for _ in range(3):
        await chorus.ask(EVALUATE, asked, alice)
    refused = await chorus.refusal(EVALUATE, asked, alice)
    await chorus.ask(EVALUATE, asked, bob)
    chorus.clock.forward(20)
    await chorus.ask(EVALUATE, asked, alice)

    assert (refused["code"], refused["limit"], refused["seconds"]) == ("TOO_MANY_REQUESTS", 3, 20)


async def test_settling_and_looking_back_are_limited_too(chorus: Society) -> None:
    chorus.services = replace(chorus.services, allow=Allowances(1, chorus.clock))
    alice, bob, carol = await chorus.people("alice", "bob", "carol")
    uri = await chorus.found(alice, bob)
    proposal = (await chorus.ask(SUGGEST, {"u": uri, "d": carol.did}, alice))["id"]

    settled = [await chorus.post(SETTLE, {"u": uri, "p": proposal}, carol) for _ in range(2)]
    looked = [await chorus.post(WHAT_IF, {"u": uri, "d": LINKS}, alice) for _ in range(2)]

    for first, second in (settled, looked):
        assert "errors" not in first
        assert [each["extensions"]["code"] for each in second["errors"]] == ["TOO_MANY_REQUESTS"]
