"""How an organism changes its own rules and its profile, through GraphQL on both stores."""

import hashlib

import pytest

from domain.canonical import canonical
from domain.identity import KeyPair
from domain.organisms.dna import dna_hash
from domain.organisms.templates import MAJORITY, OPEN
from tests.servers import Json
from tests.so.society import JOIN, SPEAK, Society

PROPOSE = """mutation ($u: String!, $d: String!, $n: String, $s: SignedStatement, $k: String) {
  soProposeDna(soURI: $u, dna: $d, note: $n, signed: $s, idempotencyKey: $k) {
    id change subject state vouches dna note evaluation difference { unified added removed changed } } }"""
PROFILE = """mutation ($u: String!, $p: SoProfileInput!, $s: SignedStatement) {
  soProposeProfile(soURI: $u, profile: $p, signed: $s) {
    id change subject state dna difference { unified } profile { name description meta } } }"""
VOTE = """mutation ($u: String!, $p: String!, $v: SoVote!, $s: SignedStatement) {
  soVote(soURI: $u, proposal: $p, vote: $v, signed: $s) { state vouches declines evaluation } }"""
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state } }"
ORGANISM = "query ($u: String!) { so(uri: $u) { name description meta epoch dnaHash dna head { size } } }"
LOG = "query ($u: String!) { soLog(uri: $u) { event data evaluation } }"
PROPOSALS = "query ($u: String!) { soProposals(soURI: $u) { edges { node { id state } } } }"
LINKS_ONLY = 'register_social_organism("links", o).\n\noutput_expression(Url, o) :- so_link(Url, _, _, _).\n'


async def states(chorus: Society, uri: str) -> dict[str, str]:
    edges = (await chorus.ask(PROPOSALS, {"u": uri}))["edges"]
    return {edge["node"]["id"]: edge["node"]["state"] for edge in edges}


async def test_two_thirds_of_the_members_change_the_rules(chorus: Society) -> None:
    ann, bea, cleo, dan = await chorus.people("ann", "bea", "cleo", "dan")
    uri = await chorus.found(ann, bea, cleo)
    old = await chorus.say(uri, ann, "under the old rules")
    candidate = (await chorus.ask(SUGGEST, {"u": uri, "d": dan.did}, ann))["id"]

    opened = await chorus.ask(PROPOSE, {"u": uri, "d": LINKS_ONLY, "n": "Only links."}, ann)
    assert (opened["state"], opened["change"], opened["note"]) == ("OPEN", "DNA", "Only links.")
    assert (opened["subject"], opened["dna"]) == (dna_hash(LINKS_ONLY), LINKS_ONLY)
    voted = await chorus.ask(VOTE, {"u": uri, "p": opened["id"], "v": "VOUCH"}, bea)

    assert voted["state"] == "ACCEPTED"
    assert voted["evaluation"] == {
        "verdict": "true",
        "rule": "two thirds",
        "dna": dna_hash(MAJORITY.program),
        "vouches": 2,
        "members": 3,
    }
    now = await chorus.ask(ORGANISM, {"u": uri})
    assert (now["epoch"], now["dnaHash"], now["dna"]) == (old["epoch"] + 1, dna_hash(LINKS_ONLY), LINKS_ONLY)
    assert await states(chorus, uri) == {opened["id"]: "ACCEPTED", candidate: "MOOT"}
    said = await chorus.ask(
        "query ($u: String!) { soExpressions(soURI: $u) { edges { node { dnaHash } } } }", {"u": uri}
    )
    assert said["edges"][0]["node"]["dnaHash"] == dna_hash(MAJORITY.program)
    refusal = await chorus.refusal(SPEAK, {"u": uri, "c": '"words"', "l": "json"}, ann)
    assert (refusal["code"], refusal["dna"]) == ("DNA_REFUSED", dna_hash(LINKS_ONLY))
    assert "url" in await chorus.say(uri, ann, {"source": "a", "target": "b"}, "link")


async def test_the_log_tells_of_the_change_and_what_it_follows_from(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)

    proposal = await chorus.ask(PROPOSE, {"u": uri, "d": LINKS_ONLY}, ann)

    assert proposal["state"] == "ACCEPTED"  # one of one is two thirds
    log = await chorus.ask(LOG, {"u": uri})
    assert [entry["event"] for entry in log] == ["Founded", "ProposalOpened", "DnaChanged", "ProposalClosed"]
    assert log[2]["data"] == {
        "dna": dna_hash(LINKS_ONLY),
        "previous": dna_hash(MAJORITY.program),
        "epoch": 1,
        "proposal": proposal["id"],
    }
    assert log[2]["evaluation"] == log[3]["evaluation"] == proposal["evaluation"]


UNANIMOUS = """register_social_organism("unanimous", o).
dna_change(Hash, o) :- forall(so_member(Did, o), so_vouch(Hash, Did, _)), \\+ so_decline(Hash, _, _).
"""


async def test_the_dna_in_force_decides_on_its_successor(chorus: Society) -> None:
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    uri = await chorus.found(ann, bea, cleo, dna=UNANIMOUS)

    proposal = (await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, ann))["id"]
    two = await chorus.ask(VOTE, {"u": uri, "p": proposal, "v": "VOUCH"}, bea)
    declined = await chorus.ask(VOTE, {"u": uri, "p": proposal, "v": "DECLINE"}, cleo)
    all_of_them = await chorus.ask(VOTE, {"u": uri, "p": proposal, "v": "VOUCH"}, cleo)

    assert (two["state"], declined["state"], all_of_them["state"]) == ("OPEN", "OPEN", "ACCEPTED")
    assert all_of_them["evaluation"]["dna"] == dna_hash(UNANIMOUS)
    assert all_of_them["evaluation"]["verdict"] == "true"


async def test_a_dna_that_forbids_every_change_stays(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    dna = 'register_social_organism("stone", o).\ndna_change(_, o) :- fail.\n'
    uri = await chorus.found(ann, dna=dna)

    assert (await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, ann))["state"] == "OPEN"
    await chorus.tick()
    assert (await chorus.ask(ORGANISM, {"u": uri}))["dnaHash"] == dna_hash(dna)


async def test_members_see_what_would_change(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, bea)
    proposed = MAJORITY.program.replace("2 * Vouches > Members.", "3 * Vouches > Members.")
    proposed = proposed.replace(
        "membrane_exit(Did, o) :- majority(Did).\n", "membrane_exit( Who, o ):- majority( Who ).\n"
    )
    proposed += "\nfriendly(_).\n"

    difference = (await chorus.ask(PROPOSE, {"u": uri, "d": proposed}, ann))["difference"]

    assert (difference["added"], difference["removed"], difference["changed"]) == (["friendly/1"], [], ["majority/1"])
    lines = difference["unified"].splitlines()
    assert lines[:2] == ["--- in force", "+++ proposed"]
    assert "-    2 * Vouches > Members." in lines
    assert "+    3 * Vouches > Members." in lines
    assert [line for line in lines if line.startswith("@@")] == ["@@ -8,9 +8,11 @@"]


async def test_who_proposes_the_same_program_vouches_for_it(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, bea)

    first = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, ann)
    again = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, bea)

    assert (again["id"], again["state"]) == (first["id"], "ACCEPTED")
    assert set(again["vouches"]) == {ann.did, bea.did}


OWN = KeyPair.generate(hashlib.sha256(b"a key of her own").digest())


async def test_agents_with_their_own_keys_propose_and_vote(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    eve = await chorus.own_key(OWN)
    uri = await chorus.found(ann, members=[OWN.did])
    await chorus.ask(JOIN, {"u": uri, "s": chorus.signed(OWN, "join", uri, epoch=0)}, eve)
    subject = dna_hash(OPEN.program)
    wrong = chorus.signed(OWN, "propose", uri, change="dna", subject="0" * 64, epoch=1)
    right = chorus.signed(OWN, "propose", uri, change="dna", subject=subject, epoch=1)

    refusal = await chorus.refusal(PROPOSE, {"u": uri, "d": OPEN.program, "s": wrong}, eve)
    proposal = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program, "s": right}, eve)
    repeated = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program, "s": right}, eve)
    voted = await chorus.ask(VOTE, {"u": uri, "p": proposal["id"], "v": "VOUCH"}, ann)

    assert (refusal["code"], refusal["field"]) == ("STATEMENT_MISMATCH", "subject")
    assert repeated["id"] == proposal["id"]
    assert voted["state"] == "ACCEPTED"


async def test_an_idempotency_key_names_one_program(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, bea)
    first = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program, "k": "one"}, ann)

    again = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program, "k": "one"}, ann)
    other = await chorus.refusal(PROPOSE, {"u": uri, "d": LINKS_ONLY, "k": "one"}, ann)

    assert (again["id"], other["code"]) == (first["id"], "IDEMPOTENCY_KEY_REUSED")


async def test_subscribers_hear_of_proposals_and_of_the_adopted_dna(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, bea)
    proposal = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, ann)
    await chorus.ask(VOTE, {"u": uri, "p": proposal["id"], "v": "VOUCH"}, bea)
    about = "subscription ($u: String, $a: String)"

    changed = await chorus.events(
        about + "{ soDnaChanged(soURI: $u, after: $a) { soURI dnaHash previous epoch proposal { id state } } }",
        1,
        {"u": uri, "a": "0"},
        ann,
    )
    proposals = await chorus.events(
        about + "{ soProposalChanged(soURI: $u, after: $a) { proposal { id } } }", 3, {"u": uri, "a": "0"}, ann
    )

    assert changed == [
        {
            "soURI": uri,
            "dnaHash": dna_hash(OPEN.program),
            "previous": dna_hash(MAJORITY.program),
            "epoch": 2,
            "proposal": {"id": proposal["id"], "state": "ACCEPTED"},
        }
    ]
    assert [each["proposal"]["id"] for each in proposals] == [proposal["id"]] * 3


async def test_the_profile_changes_by_the_same_rule_and_begins_no_epoch(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, bea, description="We grow things.", meta={"colour": "green"})
    wanted = {"name": "Orchard", "meta": {"colour": "red", "n": 1}}

    opened = await chorus.ask(PROFILE, {"u": uri, "p": wanted}, ann)
    voted = await chorus.ask(VOTE, {"u": uri, "p": opened["id"], "v": "VOUCH"}, bea)

    assert (opened["change"], opened["state"], opened["dna"], opened["difference"]) == ("PROFILE", "OPEN", None, None)
    assert opened["profile"] == {"description": None, **wanted}
    assert opened["subject"] == hashlib.sha256(canonical(wanted).encode()).hexdigest()
    assert voted["state"] == "ACCEPTED"
    now = await chorus.ask(ORGANISM, {"u": uri})
    assert (now["name"], now["description"], now["meta"]) == ("Orchard", None, wanted["meta"])
    assert now["epoch"] == 1


async def test_a_signed_profile_must_be_the_one_in_the_arguments(chorus: Society) -> None:
    eve = await chorus.own_key(OWN)
    create = "mutation ($o: SocialOrganismInput!, $s: SignedStatement) { soCreate(socialOrganism: $o, signed: $s) }"
    fields = {"name": "Own", "invited": [], "dna": dna_hash(MAJORITY.program), "nonce": "0" * 16}
    signed = chorus.signed(OWN, "found", "", **fields)
    uri = await chorus.ask(create, {"o": {"name": "Own"}, "s": signed}, eve)
    subject = hashlib.sha256(canonical({"name": "Mine"}).encode()).hexdigest()
    statement = chorus.signed(OWN, "propose", uri, change="profile", subject=subject, epoch=0)

    refusal = await chorus.refusal(PROFILE, {"u": uri, "p": {"name": "Yours"}, "s": statement}, eve)
    accepted = await chorus.ask(PROFILE, {"u": uri, "p": {"name": "Mine"}, "s": statement}, eve)

    assert (refusal["code"], accepted["state"]) == ("STATEMENT_MISMATCH", "ACCEPTED")


SYNTAX = MAJORITY.program + "membrane(Did, o :- so_join(Did, _).\n"
BAD_PROGRAMS: dict[str, tuple[str, str, int | None, int | None]] = {
    "syntax": (SYNTAX, "syntax error", 17, 34),
    "a fact of the server": (MAJORITY.program + "so_member(me, o).\n", "is a fact of the server", 17, None),
    "no registration": ("p.\n", "register_social_organism", None, None),
    "too large": ("%" * 65_537, "more than 65536", None, None),
    "a lone surrogate": ("p.\nq(\ud800).\n", "surrogate", 2, 2),
    "a directive": (":- initialization(halt).\n", "directive", 1, None),
    "empty": ("", "register_social_organism", None, None),
}


@pytest.mark.parametrize("name", BAD_PROGRAMS)
async def test_a_program_that_cannot_be_used_is_refused_with_its_place(chorus: Society, name: str) -> None:
    program, says, line, column = BAD_PROGRAMS[name]
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)
    size = (await chorus.ask(ORGANISM, {"u": uri}))["head"]["size"]

    refusal = await chorus.refusal(PROPOSE, {"u": uri, "d": program}, ann)

    assert refusal["code"] == "DNA_INVALID"
    assert says in refusal["message"]
    assert (refusal["problems"][0]["line"], refusal["problems"][0]["column"]) == (line, column)
    assert (await chorus.ask(ORGANISM, {"u": uri}))["head"]["size"] == size


PROFILES: dict[str, tuple[Json, str]] = {
    "no name": ({"name": ""}, "INVALID_STATEMENT"),
    "a long name": ({"name": "x" * 201}, "INVALID_STATEMENT"),
    "a long description": ({"name": "x", "description": "y" * 4_001}, "INVALID_STATEMENT"),
    "a meta that is no object": ({"name": "x", "meta": [1]}, "INVALID_ARGUMENT"),
    "a fraction": ({"name": "x", "meta": {"a": 1.5}}, "INVALID_JSON"),
    "a large meta": ({"name": "x", "meta": {"a": "x" * 17_000}}, "INVALID_STATEMENT"),
    "the same": ({"name": "Garden club"}, "UNCHANGED"),
    "a lone surrogate": ({"name": "\ud800"}, "INVALID_JSON"),
}


@pytest.mark.parametrize("name", PROFILES)
async def test_a_profile_that_no_organism_can_have_is_refused(chorus: Society, name: str) -> None:
    profile, code = PROFILES[name]
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)

    assert (await chorus.refusal(PROFILE, {"u": uri, "p": profile}, ann))["code"] == code


async def test_what_is_in_force_cannot_be_proposed(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)

    refusal = await chorus.refusal(PROPOSE, {"u": uri, "d": MAJORITY.program}, ann)

    assert (refusal["code"], refusal["subject"]) == ("UNCHANGED", dna_hash(MAJORITY.program))


async def test_strangers_propose_nothing(chorus: Society) -> None:
    ann, stranger = await chorus.people("ann", "stranger")
    uri = await chorus.found(ann)

    assert (await chorus.refusal(PROPOSE, {"u": uri, "d": OPEN.program}, stranger))["code"] == "NOT_A_MEMBER"
    assert (await chorus.refusal(PROFILE, {"u": uri, "p": {"name": "x"}}, stranger))["code"] == "NOT_A_MEMBER"


async def test_a_closed_proposal_takes_no_votes(chorus: Society) -> None:
    ann, bea = await chorus.people("ann", "bea")
    uri = await chorus.found(ann, bea)
    lost = (await chorus.ask(PROPOSE, {"u": uri, "d": LINKS_ONLY}, ann))["id"]
    won = (await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, ann))["id"]
    await chorus.ask(VOTE, {"u": uri, "p": won, "v": "VOUCH"}, bea)

    for closed in (lost, won):
        refusal = await chorus.refusal(VOTE, {"u": uri, "p": closed, "v": "VOUCH"}, bea)
        assert refusal["code"] == "PROPOSAL_CLOSED"


async def test_an_open_change_is_decided_when_somebody_leaves(chorus: Society) -> None:
    """Two of four are not enough; two of three are."""
    people = await chorus.people("ann", "bea", "cleo", "dan")
    uri = await chorus.found(*people)
    proposal = await chorus.ask(PROPOSE, {"u": uri, "d": OPEN.program}, people[0])
    voted = await chorus.ask(VOTE, {"u": uri, "p": proposal["id"], "v": "VOUCH"}, people[1])
    assert voted["state"] == "OPEN"

    left = await chorus.ask("mutation ($u: String!) { soLeave(soURI: $u) { epoch } }", {"u": uri}, people[3])

    assert (await states(chorus, uri))[proposal["id"]] == "ACCEPTED"
    now = await chorus.ask(ORGANISM, {"u": uri})
    assert (now["dnaHash"], now["epoch"]) == (dna_hash(OPEN.program), left["epoch"])


async def test_a_vouch_does_not_outlive_its_voters_stay(chorus: Society) -> None:
    ann, bea, cleo = await chorus.people("ann", "bea", "cleo")
    uri = await chorus.found(ann, bea, cleo, dna=OPEN.program)
    proposal = await chorus.ask(PROPOSE, {"u": uri, "d": LINKS_ONLY}, ann)
    await chorus.ask("mutation ($u: String!) { soLeave(soURI: $u) { epoch } }", {"u": uri}, ann)
    chorus.clock.forward(1)
    await chorus.ask(JOIN, {"u": uri}, ann)

    voted = await chorus.ask(VOTE, {"u": uri, "p": proposal["id"], "v": "VOUCH"}, bea)

    assert voted["state"] == "OPEN"  # her vouch is of an earlier stay: one of three
    again = await chorus.ask(VOTE, {"u": uri, "p": proposal["id"], "v": "VOUCH"}, ann)
    assert again["state"] == "ACCEPTED"
