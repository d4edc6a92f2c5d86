# ruff: noqa: E501  one case a line
"""Whatever is wrong with a request is answered with its own code and in words, and nothing is written."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from domain.canonical import canonical
from domain.expressions import sign_expression
from domain.organisms.log import sign_head
from domain.timestamp import format_millis
from server.app import now_millis
from tests.domain.curve import L
from tests.server.acts import CREATE, SPEAK
from tests.server.bad_input import DNA, OWN, STRANGER, Case, World, build, forced, founding, signed
from tests.servers import Json, chorus

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEGABYTE = "x" * 1_000_000
HERE = {"u": lambda world: world.here}
NOWHERE = "so://QmzSYwdexVtzt8GEY37qzRy15mNL59XrpjvZJjgYXa43j6CewKE"

CONCUR = """mutation ($u: String!, $l: String!, $s: SignedStatement, $k: String) {
  soConcur(soURI: $u, url: $l, signed: $s, idempotencyKey: $k) { url } }"""
REJECT = "mutation ($u: String!, $l: String!, $r: String) { soReject(soURI: $u, url: $l, reason: $r) { url } }"
RETRACT = "mutation ($u: String!, $l: String!, $r: String) { soRetract(soURI: $u, url: $l, reason: $r) { url } }"
ADD = """mutation ($u: String!, $d: String!, $n: String, $k: String) {
  soSuggestMemberAddition(soURI: $u, did: $d, note: $n, idempotencyKey: $k) { id } }"""
REMOVE = (
    "mutation ($u: String!, $d: String!, $n: String) { soSuggestMemberRemoval(soURI: $u, did: $d, note: $n) { id } }"
)
VOUCH = "mutation ($u: String!, $d: String!) { soVouchForNewMember(soURI: $u, did: $d) { id } }"
DECLINE = "mutation ($u: String!, $d: String!, $r: String) { soRejectNewMember(soURI: $u, did: $d, reason: $r) { id } }"
VOTE = """mutation ($u: String!, $p: String!, $v: SoVote!, $r: String, $s: SignedStatement) {
  soVote(soURI: $u, proposal: $p, vote: $v, reason: $r, signed: $s) { id } }"""
WITHDRAW = "mutation ($u: String!, $p: String!) { soWithdrawProposal(soURI: $u, proposal: $p) { id } }"
SETTLE = "mutation ($u: String!, $p: String!) { soSettle(soURI: $u, proposal: $p) { id } }"
JOIN = "mutation ($u: String!, $p: String, $s: SignedStatement) { soJoin(soURI: $u, proposal: $p, signed: $s) { uri } }"
LEAVE = "mutation ($u: String!, $s: SignedStatement) { soLeave(soURI: $u, signed: $s) { uri } }"
AUTO = "mutation ($u: String) { soSetAutoConcur(soURI: $u, on: true) }"
MEMBERS = """query ($u: String!, $f: Int, $a: String, $e: Int) {
  soMemberPage(soURI: $u, first: $f, after: $a, epoch: $e) { totalCount } }"""
EXPRESSIONS = """query ($u: String!, $f: Int, $a: String, $m: Float, $d: String) {
  soExpressions(soURI: $u, first: $f, after: $a, minCoherence: $m, author: $d) { totalCount } }"""
PROPOSALS = "query ($u: String!, $f: Int, $a: String) { soProposals(soURI: $u, first: $f, after: $a) { totalCount } }"
ALL = "query ($f: Int, $a: String, $d: String, $q: String) { soAll(first: $f, after: $a, member: $d, search: $q) { totalCount } }"
LOG = "query ($u: String!, $f: Int, $n: Int!) { soLog(uri: $u, first: $f, after: $n) { seq } }"
PENDING = {
    name: f"query ($f: Int, $a: String) {{ soPending {{ {name}(first: $f, after: $a) {{ totalCount }} }} }}"
    for name in ("verdicts", "votes", "joins")
}
MINE = "query ($f: Int, $a: String) { soSignedInMyName(first: $f, after: $a) { totalCount } }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    data = tmp_path_factory.mktemp("data")
    async with chorus(data, body_size=4_000_000) as server:
        yield await build(server, data)


async def check(world: World, case: Case) -> None:
    before = world.rows()

    answer = await world.server.post(case.query, case.filled(world), getattr(world, case.token))

    assert len(json.dumps(answer)) < 5_000
    (error,) = answer.get("errors") or [{"message": f"no error but {answer}", "extensions": {}}]
    assert (error["extensions"].get("code"), error["message"]) == (case.code, error["message"])
    assert case.says in error["message"]
    assert 10 < len(error["message"]) < 1_000
    assert world.rows() == before


# DIDs

NO_DIDS = {
    "empty": "",
    "a word": "ada",
    "no key": "did:key:",
    "another method": "did:web:example.org",
    "another curve": "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
    "another multibase": f"did:key:f{OWN.did.removeprefix('did:key:z')}",
    "a fragment": f"{OWN.did}#key",
    "in upper case": OWN.did.upper(),
    "with a space": f" {OWN.did}",
    "cut": OWN.did[:-1],
    "too long": OWN.did + "1",
    "of small order": "did:key:z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP",
    "1 MB": MEGABYTE,
}
TAKE_DIDS: dict[str, tuple[str, Callable[[str], dict[str, Json]]]] = {
    "soCreate": (CREATE, lambda did: {"o": {"name": "N", "members": [did]}}),
    "soSuggestMemberAddition": (ADD, lambda did: HERE | {"d": did}),
    "soSuggestMemberRemoval": (REMOVE, lambda did: HERE | {"d": did}),
    "soVouchForNewMember": (VOUCH, lambda did: HERE | {"d": did}),
    "soRejectNewMember": (DECLINE, lambda did: HERE | {"d": did}),
    "soAll": (ALL, lambda did: {"d": did}),
    "soExpressions": (EXPRESSIONS, lambda did: HERE | {"d": did}),
    "agentChallenge": ("mutation ($d: String!) { agentChallenge(did: $d) { nonce } }", lambda did: {"d": did}),
}


@pytest.mark.parametrize("field", TAKE_DIDS)
@pytest.mark.parametrize("name", NO_DIDS)
async def test_what_is_no_did_is_refused_by_every_field_that_takes_one(world: World, field: str, name: str) -> None:
    query, variables = TAKE_DIDS[field]

    await check(world, Case(query, variables(NO_DIDS[name]), "INVALID_DID", NO_DIDS[name][:100]))


# Signatures


def changed_s(signature: str) -> str:
    """The same R with S + L: mathematically valid, and another text."""
    s = int.from_bytes(bytes.fromhex(signature[64:]), "little") + L
    return signature[:64] + s.to_bytes(32, "little").hex()


BAD_SIGNATURES: dict[str, Callable[[str], str]] = {
    "empty": lambda good: "",
    "short": lambda good: good[:-2],
    "odd": lambda good: good[:-1],
    "long": lambda good: good + "00",
    "upper case": lambda good: good.upper(),
    "no hex": lambda good: "z" * 128,
    "with spaces": lambda good: " " + good[1:],
    "zero": lambda good: "0" * 128,
    "a flipped bit": lambda good: ("0" if good[0] != "0" else "1") + good[1:],
    "S beyond the group order": changed_s,
    "R of small order": lambda good: "01" + "00" * 31 + good[64:],
    "R not canonical": lambda good: "ee" + "ff" * 30 + "7f" + good[64:],
    "1 MB": lambda good: "a" * 1_000_000,
}


@pytest.mark.parametrize("name", BAD_SIGNATURES)
async def test_signatures_that_are_not_strict_are_refused(world: World, name: str) -> None:
    statement = signed(OWN, world.verdict())
    statement["signature"] = BAD_SIGNATURES[name](statement["signature"])

    variables = HERE | {"l": world.said["expression"], "s": statement}
    await check(world, Case(CONCUR, variables, "INVALID_SIGNATURE", "expected", "own_token"))


async def test_another_keys_signature_is_refused(world: World) -> None:
    statement = forced(STRANGER, canonical(world.verdict()))

    variables = HERE | {"l": world.said["expression"], "s": statement}
    await check(world, Case(CONCUR, variables, "INVALID_SIGNATURE", OWN.did, "own_token"))


# Texts of statements


def with_text(change: Any) -> Any:  # Any: a function of the world and a text
    """A verdict whose text is changed and then signed all the same."""
    return lambda world: forced(OWN, change(canonical(world.verdict())))


def with_fields(**changes: Json) -> Any:  # Any: a function of the world
    return lambda world: forced(OWN, json.dumps({**world.verdict(), **changes}, separators=(",", ":"), sort_keys=True))


def without(field: str) -> Any:  # Any: as above
    def make(world: World) -> Json:
        fields = world.verdict()
        del fields[field]
        return forced(OWN, canonical(fields))

    return make


def at(seconds: int) -> Any:  # Any: as above
    return lambda world: forced(OWN, canonical(world.verdict(timestamp=format_millis(now_millis() + seconds * 1000))))


def with_head(keys: Any, size: int, there: bool = False) -> Any:  # Any: as above
    def make(world: World) -> Json:
        of = world.there if there else world.here
        head = sign_head(keys, of, size, "0" * 64, 1, format_millis(now_millis()))
        return forced(OWN, canonical(world.verdict(head=head.as_json())))

    return make


STATEMENTS: dict[str, tuple[Any, str, str]] = {
    "empty": (with_text(lambda text: ""), "INVALID_STATEMENT", "$"),
    "no JSON": (with_text(lambda text: text[:-1]), "INVALID_STATEMENT", "expected JSON"),
    "a list": (with_text(lambda text: "[]"), "INVALID_STATEMENT", "an object"),
    "a space": (with_text(lambda text: text.replace(",", ", ", 1)), "INVALID_STATEMENT", "canonical"),
    "another order": (with_text(lambda text: re.sub(r"\{(.*?),(.*)\}$", r"{\2,\1}", text)), "INVALID_STATEMENT", "canonical"),
    "a key twice": (with_text(lambda text: '{"author":"x",' + text[1:]), "INVALID_STATEMENT", "$.author: expected each key once"),
    "a fraction": (with_text(lambda text: text.replace('"epoch":1', '"epoch":1.5')), "INVALID_STATEMENT", "$.epoch"),
    "a whole fraction": (with_text(lambda text: text.replace('"epoch":1', '"epoch":1.0')), "INVALID_STATEMENT", "$.epoch"),
    "NaN": (with_text(lambda text: text.replace('"epoch":1', '"epoch":NaN')), "INVALID_STATEMENT", "NaN"),
    "Infinity": (with_text(lambda text: text.replace('"epoch":1', '"epoch":Infinity')), "INVALID_STATEMENT", "Infinity"),
    "2^53": (with_text(lambda text: text.replace('"epoch":1', '"epoch":9007199254740992')), "INVALID_STATEMENT", "9007199254740992"),
    "a huge number": (with_text(lambda text: text.replace('"epoch":1', '"epoch":' + "9" * 9_000)), "INVALID_STATEMENT", "$.epoch"),
    "a negative epoch": (with_fields(epoch=-1), "INVALID_STATEMENT", "an integer from 0, got -1"),
    "an epoch as text": (with_fields(epoch="1"), "INVALID_STATEMENT", "an integer from 0, got 1"),
    "an epoch that is true": (with_fields(epoch=True), "INVALID_STATEMENT", "True"),
    "a lone surrogate": (with_text(lambda text: text.replace('"concur"', '"\\ud800"')), "INVALID_STATEMENT", "surrogates"),
    "nested too deeply": (with_text(lambda text: "[" * 500 + "]" * 500), "INVALID_STATEMENT", "levels"),
    "1 MB": (with_text(lambda text: '{"a":"' + MEGABYTE + '"}'), "INVALID_STATEMENT", "at most 262144 characters"),
    "an extra field": (with_fields(extra=1), "INVALID_STATEMENT", "$.extra: expected no such field in verdict"),
    "no type": (without("type"), "INVALID_STATEMENT", "$.type"),
    "an unknown type": (with_fields(type="shout"), "INVALID_STATEMENT", "shout"),
    **{f"no {field}": (without(field), "INVALID_STATEMENT", f"$.{field}")
       for field in ("organism", "author", "timestamp", "expression", "content", "epoch", "verdict", "dna")},
    "an organism that is no URI": (with_fields(organism="so://x"), "INVALID_STATEMENT", "so://Qmz"),
    "an author that is no DID": (with_fields(author="ada"), "INVALID_DID", "ada"),
    "a date without milliseconds": (with_fields(timestamp="2026-01-01T00:00:00Z"), "INVALID_STATEMENT", "$.timestamp"),
    "a date of no calendar": (with_fields(timestamp="2026-02-30T00:00:00.000Z"), "INVALID_STATEMENT", "calendar"),
    "a date in another zone": (with_fields(timestamp="2026-01-01T00:00:00.000+01:00"), "INVALID_STATEMENT", "UTC"),
    "an expression without scheme": (with_fields(expression="x"), "INVALID_STATEMENT", "an expression URL"),
    "a content that is no hash": (with_fields(content="x"), "INVALID_STATEMENT", "$.content"),
    "a hash in upper case": (with_fields(dna="A" * 64), "INVALID_STATEMENT", "$.dna"),
    "an unknown verdict": (with_fields(verdict="perhaps"), "INVALID_STATEMENT", "concur or reject, got perhaps"),
    "a verdict that is no string": (with_fields(verdict=["concur"]), "INVALID_STATEMENT", "concur or reject"),
    "a reason too long": (with_fields(reason="x" * 2_001), "INVALID_STATEMENT", "$.reason"),
    "a head that is none": (with_fields(head={}), "INVALID_STATEMENT", "$.head"),
    "another server's head": (with_head(STRANGER, 1), "HEAD_REFUSED", "did not sign"),
    "another organism's head": (with_head(STRANGER, 1, there=True), "INVALID_STATEMENT", "$.head.organism"),
    "a head of the future": (with_head(STRANGER, 10_000), "HEAD_REFUSED", "10000"),
    "too early": (at(-86_500), "CLOCK_SKEW", "accepted are"),
    "too late": (at(100), "CLOCK_SKEW", "accepted are"),
    "the wrong epoch": (with_fields(epoch=0), "EPOCH_MISMATCH", "epoch 0; expected 1"),
    "an epoch of the future": (with_fields(epoch=9), "EPOCH_MISMATCH", "epoch 9; expected 1"),
    "the wrong DNA": (with_fields(dna="0" * 64), "DNA_MISMATCH", "0" * 64),
    "the wrong content": (with_fields(content="0" * 64), "EXPRESSION_MISMATCH", "0" * 64),
    "another organism": (lambda world: signed(OWN, world.verdict(organism=world.there)), "STATEMENT_MISMATCH", "organism"),
    "another expression": (with_fields(expression="link:0"), "STATEMENT_MISMATCH", "link:0"),
    "the other verdict": (with_fields(verdict="reject"), "STATEMENT_MISMATCH", "verdict 'reject'"),
    "another mutation": (lambda world: signed(OWN, {"type": "leave", "organism": world.here, "epoch": 1,
        "timestamp": format_millis(now_millis())}), "STATEMENT_MISMATCH", "type 'leave'"),
    "another author": (lambda world: signed(STRANGER, world.verdict(STRANGER)), "NOT_THIS_AGENT", STRANGER.did),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
async def test_statements_that_are_not_what_they_should_be_are_refused(world: World, name: str) -> None:
    make, code, says = STATEMENTS[name]

    variables = HERE | {"l": world.said["expression"], "s": make(world)}
    await check(world, Case(CONCUR, variables, code, says, "own_token"))


def speaking(given: Any = None, **changes: Json) -> Any:  # Any: functions of the world
    """A speak with another content or changed fields, properly signed."""

    def make(world: World) -> Json:
        good, fields = world.speak(**changes)
        return {"u": world.here, "c": good if given is None else given, "l": "link", "s": signed(OWN, fields)}

    return make


BARE = canonical(
    sign_expression(OWN, {"source": "a", "predicate": None, "target": "b"}, "2026-01-01T00:00:00.000Z").as_json()
)
SPEAKS: dict[str, tuple[Any, str, str]] = {
    "data only": (speaking('"data"'), "INVALID_EXPRESSION", "author, data, proof, timestamp"),
    "no JSON": (speaking("{"), "INVALID_JSON", "expected JSON"),
    "no proof": (speaking('{"author":"a","data":1,"timestamp":"t"}'), "INVALID_EXPRESSION", "author, data, proof, timestamp"),
    "a proof of another shape": (speaking('{"author":"a","data":1,"timestamp":"t","proof":{}}'), "INVALID_EXPRESSION", "$.proof"),
    "no date": (speaking(BARE.replace("2026-01-01T00:00:00.000Z", "today")), "INVALID_TIMESTAMP", "today"),
    "another link": (speaking(BARE), "STATEMENT_MISMATCH", "expression"),
    "another epoch": (speaking(epoch=0), "EPOCH_MOVED", "epoch 0; the organism is at 1"),
    "another roster": (speaking(roster="0" * 64), "ROSTER_MISMATCH", "0" * 64),
    "another DNA": (speaking(dna="0" * 64), "DNA_MISMATCH", "0" * 64),
    "another content": (speaking(content="0" * 64), "STATEMENT_MISMATCH", "content"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPEAKS)
async def test_self_custody_agents_speak_complete_expressions_only(world: World, name: str) -> None:
    make, code, says = SPEAKS[name]

    await check(world, Case(SPEAK, make(world), code, says, "own_token"))


async def test_an_expression_with_a_broken_proof_is_refused(world: World) -> None:
    content, fields = world.speak()
    expression = json.loads(content)
    expression["proof"]["signature"] = "00" * 64
    broken = sign_expression(OWN, expression["data"], expression["timestamp"])
    text = canonical(broken.as_json() | {"proof": expression["proof"]})
    hashed = __import__("hashlib").sha256(text.encode()).hexdigest()

    variables = HERE | {"c": text, "l": "link", "s": signed(OWN, fields | {"content": hashed})}
    await check(world, Case(SPEAK, variables, "INVALID_EXPRESSION", "a valid signature of the author", "own_token"))


# Everything else

CURSORS = {"garbage": "garbage", "not ASCII": "ü", "empty": "", "a number": "1", "a DID": OWN.did, "1 MB": MEGABYTE,
           "another prefix": "b3RoZXI6MQ", "no number": "Y2hvcnVzOng", "with noise": "Y2hvcnVz!!OjE", "padded": "Y2hvcnVzOjE="}  # fmt: skip
SIZES = {"zero": 0, "negative": -1, "too large": 101, "huge": 2**31 - 1}
LISTS = {
    "soAll": (ALL, {}),
    "soMemberPage": (MEMBERS, HERE),
    "soExpressions": (EXPRESSIONS, HERE),
    "soProposals": (PROPOSALS, HERE),
    **{f"soPending {name}": (query, {}) for name, query in PENDING.items()},
    "soSignedInMyName": (MINE, {}),
}


@pytest.mark.parametrize("field", LISTS)
@pytest.mark.parametrize("name", CURSORS)
async def test_cursors_that_no_answer_gave_are_refused(world: World, field: str, name: str) -> None:
    query, variables = LISTS[field]

    await check(
        world, Case(query, variables | {"a": CURSORS[name]}, "INVALID_CURSOR", "a cursor from an earlier answer")
    )


@pytest.mark.parametrize("field", [*LISTS, "soLog"])
@pytest.mark.parametrize("name", SIZES)
async def test_pages_have_one_to_a_hundred_items(world: World, field: str, name: str) -> None:
    query, variables = LISTS.get(field, (LOG, HERE | {"n": 0}))

    await check(world, Case(query, variables | {"f": SIZES[name]}, "INVALID_ARGUMENT", f"1 to 100, got {SIZES[name]}"))


async def test_another_lists_cursor_is_refused_or_a_place_in_this_one(world: World) -> None:
    query = "query ($u: String!) { soMemberPage(soURI: $u, first: 1) { edges { cursor } } }"
    cursor = (await world.server.ask(query, {"u": world.here}))["soMemberPage"]["edges"][0]["cursor"]

    await check(world, Case(ALL, {"a": cursor}, "INVALID_CURSOR", cursor[:20]))


async def test_beyond_the_end_of_a_list_there_is_an_empty_page(world: World) -> None:
    query = "query ($a: String) { soAll(after: $a) { edges { cursor } totalCount pageInfo { hasNextPage endCursor } } }"

    page = (await world.server.ask(query, {"a": "Y2hvcnVzOjk5OTk5OTk5"}))["soAll"]

    assert page == {"edges": [], "totalCount": 2, "pageInfo": {"hasNextPage": False, "endCursor": None}}


TAKE_URIS: dict[str, tuple[str, dict[str, Json]]] = {
    "soSpeak": (SPEAK, {"c": '"a"', "l": "literal"}),
    "soConcur": (CONCUR, {"l": "x:y"}),
    "soReject": (REJECT, {"l": "x:y"}),
    "soRetract": (RETRACT, {"l": "x:y"}),
    "soSuggestMemberAddition": (ADD, {"d": STRANGER.did}),
    "soSuggestMemberRemoval": (REMOVE, {"d": STRANGER.did}),
    "soVouchForNewMember": (VOUCH, {"d": STRANGER.did}),
    "soRejectNewMember": (DECLINE, {"d": STRANGER.did}),
    "soVote": (VOTE, {"p": "0" * 64, "v": "VOUCH"}),
    "soWithdrawProposal": (WITHDRAW, {"p": "0" * 64}),
    "soJoin": (JOIN, {}),
    "soLeave": (LEAVE, {}),
    "soSetAutoConcur": (AUTO, {}),
    "soMembers": ("query ($u: String!) { soMembers(soURI: $u) }", {}),
    "soMemberPage": (MEMBERS, {}),
    "soInvited": ("query ($u: String!) { soInvited(soURI: $u) }", {}),
    "soExpressions": (EXPRESSIONS, {}),
    "soExpression": ('query ($u: String!) { soExpression(soURI: $u, url: "x:y") { url } }', {}),
    "soSignatures": ('query ($u: String!) { soSignatures(soURI: $u, url: "x:y") { did } }', {}),
    "soCoherence": ('query ($u: String!) { soCoherence(soURI: $u, url: "x:y") { current } }', {}),
    "soProposals": (PROPOSALS, {}),
    "soLog": (LOG, {"n": 0}),
    "soHead": ("query ($u: String!) { soHead(uri: $u) { size } }", {}),
}
NO_URIS = {"empty": "", "a word": "club", "no address": "so://", "not there": NOWHERE, "1 MB": f"so://{MEGABYTE}", "a NUL": "so://\0"}  # fmt: skip


@pytest.mark.parametrize("field", TAKE_URIS)
@pytest.mark.parametrize("name", NO_URIS)
async def test_organisms_that_do_not_exist_are_unknown_to_every_field(world: World, field: str, name: str) -> None:
    query, variables = TAKE_URIS[field]

    says = repr(NO_URIS[name])[1:80].rstrip("'")
    await check(world, Case(query, variables | {"u": NO_URIS[name]}, "UNKNOWN_ORGANISM", says))


DEEP: Json = 1
for _ in range(900):
    DEEP = {"a": DEEP}
MIXED = '{"a": 1, "a": 2}'
CASES: dict[str, Case] = {
    # expressions
    **{f"{name} of an unknown expression": Case(query, HERE | {"l": "link:0"}, "UNKNOWN_EXPRESSION", "link:0")
       for name, query in (("concur", CONCUR), ("reject", REJECT), ("retract", RETRACT))},
    **{f"{name} of another organism's expression": Case(query, HERE | {"l": lambda w: w.hosted_url}, "UNKNOWN_EXPRESSION", "json://")
       for name, query in (("concur", CONCUR), ("reject", REJECT), ("retract", RETRACT))},
    **{f"{name} of a URL of 1 MB": Case(query, HERE | {"l": f"x:{MEGABYTE}"}, "UNKNOWN_EXPRESSION", "x:xxx")
       for name, query in (("concur", CONCUR), ("reject", REJECT), ("retract", RETRACT))},
    "concur with no URL": Case(CONCUR, HERE | {"l": ""}, "UNKNOWN_EXPRESSION"),
    "an expression with a NUL": Case(CONCUR, HERE | {"l": "link:\0"}, "UNKNOWN_EXPRESSION"),
    "retracting what another said": Case(RETRACT, HERE | {"l": lambda w: w.said["expression"]}, "NOT_THE_AUTHOR", token="stranger_token"),
    "a verdict of no member": Case(CONCUR, HERE | {"l": lambda w: w.said["expression"]}, "NOT_A_MEMBER", token="stranger_token"),
    "a reason of 1 MB": Case(REJECT, HERE | {"l": lambda w: w.said["expression"], "r": MEGABYTE}, "INVALID_STATEMENT", "$.reason"),
    "a reason of 1 MB to retract": Case(RETRACT, HERE | {"l": lambda w: w.said["expression"], "r": MEGABYTE}, "INVALID_STATEMENT", "$.reason"),
    # content
    "content that is no JSON": Case(SPEAK, HERE | {"c": "hello", "l": "literal"}, "INVALID_JSON", "hello"),
    "empty content": Case(SPEAK, HERE | {"c": "", "l": "literal"}, "INVALID_JSON"),
    "content with a key twice": Case(SPEAK, HERE | {"c": MIXED, "l": "json"}, "INVALID_JSON", "each key once"),
    "content with NaN": Case(SPEAK, HERE | {"c": "NaN", "l": "json"}, "INVALID_JSON", "NaN"),
    "content with a huge number": Case(SPEAK, HERE | {"c": "1e400", "l": "json"}, "INVALID_JSON"),
    "content with a surrogate": Case(SPEAK, HERE | {"c": '"\\ud800"', "l": "json"}, "INVALID_JSON", "surrogates"),
    "content nested too deeply": Case(SPEAK, HERE | {"c": "[" * 5_000 + "]" * 5_000, "l": "json"}, "INVALID_JSON", "levels"),
    "content too long": Case(SPEAK, HERE | {"c": f'"{MEGABYTE}"', "l": "json"}, "INVALID_JSON", "at most 1000000 characters"),
    "a literal too long": Case(SPEAK, HERE | {"c": '"' + "x" * 100_000 + '"', "l": "literal"}, "INVALID_STATEMENT", "$.expression"),
    "a link that is a string": Case(SPEAK, HERE | {"c": '"a"', "l": "link"}, "INVALID_EXPRESSION", "source, target and predicate"),
    "a link without target": Case(SPEAK, HERE | {"c": '{"source": "a"}', "l": "link"}, "INVALID_EXPRESSION", "$.data.target"),
    "a link with a number": Case(SPEAK, HERE | {"c": '{"source": 1, "target": "a"}', "l": "link"}, "INVALID_EXPRESSION", "$.data.source"),
    "a link with more": Case(SPEAK, HERE | {"c": '{"source": "a", "target": "a", "x": 1}', "l": "link"}, "INVALID_EXPRESSION", "only"),
    "an unknown language": Case(SPEAK, HERE | {"c": '"a"', "l": "klingon"}, "INVALID_ARGUMENT", "link, literal or json, got klingon"),
    "a language of 1 MB": Case(SPEAK, HERE | {"c": '"a"', "l": MEGABYTE}, "INVALID_ARGUMENT", "link, literal or json"),
    "speaking as no member": Case(SPEAK, HERE | {"c": '"a"', "l": "literal"}, "NOT_A_MEMBER", token="stranger_token"),
    "expressionCreate of no JSON": Case('mutation { expressionCreate(content: "{", languageAddress: "json") }', {}, "INVALID_JSON"),
    "expressionCreate of no link": Case('mutation { expressionCreate(content: "1", languageAddress: "link") }', {}, "INVALID_EXPRESSION"),
    "expressionCreate in no language": Case('mutation { expressionCreate(content: "1", languageAddress: "x") }', {}, "INVALID_ARGUMENT"),
    "expressionCreate of 1 MB": Case('mutation ($c: String!) { expressionCreate(content: $c, languageAddress: "json") }', {"c": f'"{MEGABYTE}"'}, "INVALID_JSON"),
    "too many URLs": Case("query ($u: [String!]!) { expressionMany(urls: $u) { author } }", {"u": ["x:y"] * 101}, "INVALID_ARGUMENT", "at most 100"),
    # proposals
    **{f"{name} that is no proposal": Case(query, HERE | more | {"p": "perhaps"}, "UNKNOWN_PROPOSAL", "perhaps")
       for name, query, more in (("a vote", VOTE, {"v": "VOUCH"}), ("a withdrawal", WITHDRAW, {}), ("settling", SETTLE, {}))},
    **{f"{name} of an unknown proposal": Case(query, HERE | more | {"p": "0" * 64}, "UNKNOWN_PROPOSAL", "0" * 64)
       for name, query, more in (("a vote", VOTE, {"v": "DECLINE"}), ("a withdrawal", WITHDRAW, {}), ("settling", SETTLE, {}))},
    **{f"{name} of another organism's proposal": Case(query, more | {"u": lambda w: w.there, "p": lambda w: w.proposal}, "UNKNOWN_PROPOSAL")
       for name, query, more in (("a vote", VOTE, {"v": "VOUCH"}), ("a withdrawal", WITHDRAW, {}), ("settling", SETTLE, {}))},
    **{f"{name} of 1 MB": Case(query, HERE | more | {"p": MEGABYTE}, "UNKNOWN_PROPOSAL", "xxx")
       for name, query, more in (("a vote", VOTE, {"v": "VOUCH"}), ("a withdrawal", WITHDRAW, {}), ("settling", SETTLE, {}))},
    "a vote of no kind": Case(VOTE, HERE | {"p": "0" * 64, "v": "PERHAPS"}, "BAD_USER_INPUT", "PERHAPS"),
    "a reason of 1 MB to vote": Case(VOTE, HERE | {"p": lambda w: w.proposal, "v": "DECLINE", "r": MEGABYTE}, "INVALID_STATEMENT", "$.reason"),
    "a reason of 1 MB to decline": Case(DECLINE, HERE | {"d": STRANGER.did, "r": MEGABYTE}, "INVALID_STATEMENT", "$.reason"),
    "a note of 1 MB": Case(ADD, HERE | {"d": OWN.did, "n": MEGABYTE}, "INVALID_STATEMENT", "$.note"),
    "a note of 1 MB to remove": Case(REMOVE, HERE | {"d": OWN.did, "n": MEGABYTE}, "INVALID_STATEMENT", "$.note"),
    "adding a member": Case(ADD, HERE | {"d": OWN.did}, "ALREADY_A_MEMBER", OWN.did),
    "removing a stranger": Case(REMOVE, HERE | {"d": STRANGER.did}, "NOT_A_MEMBER", STRANGER.did),
    "removing oneself": Case(REMOVE, HERE | {"d": lambda w: w.hosted}, "SUBJECT_CANNOT_VOTE", "did:key"),
    "vouching for nobody proposed": Case(VOUCH, {"u": lambda w: w.there, "d": STRANGER.did}, "UNKNOWN_PROPOSAL", STRANGER.did),
    "voting as no member": Case(VOUCH, HERE | {"d": STRANGER.did}, "NOT_A_MEMBER", token="stranger_token"),
    "withdrawing another's proposal": Case(WITHDRAW, HERE | {"p": lambda w: w.proposal}, "NOT_THE_AUTHOR", token="stranger_token"),
    "joining twice": Case(JOIN, HERE, "ALREADY_A_MEMBER"),
    "joining by no proposal": Case(JOIN, HERE | {"p": "perhaps"}, "INVALID_STATEMENT", "$.proposal", "stranger_token"),
    "joining by an unknown proposal": Case(JOIN, HERE | {"p": "0" * 64}, "UNKNOWN_PROPOSAL", "0" * 64, "stranger_token"),
    "joining by another's proposal": Case(JOIN, HERE | {"p": lambda w: w.proposal}, "UNKNOWN_PROPOSAL", token="stranger_token"),
    "leaving as no member": Case(LEAVE, HERE, "NOT_A_MEMBER", token="stranger_token"),
    # founding
    "no name": Case(CREATE, {"o": {"name": ""}}, "INVALID_STATEMENT", "$.name"),
    "a name too long": Case(CREATE, {"o": {"name": "x" * 201}}, "INVALID_STATEMENT", "at most 200 characters"),
    "a name of 1 MB": Case(CREATE, {"o": {"name": MEGABYTE}}, "INVALID_STATEMENT", "at most"),
    "a description too long": Case(CREATE, {"o": {"name": "N", "description": "x" * 4_001}}, "INVALID_STATEMENT", "$.description"),
    "a description of 1 MB": Case(CREATE, {"o": {"name": "N", "description": MEGABYTE}}, "INVALID_STATEMENT", "at most"),
    **{f"an empty {field}": Case(CREATE, {"o": {"name": "N", field: ""}}, "INVALID_STATEMENT", f"$.{field}")
       for field in ("nucleusNeighbourhood", "outputsNeighbourhood", "inputsDMLanguage")},
    **{f"a {field} of 1 MB": Case(CREATE, {"o": {"name": "N", field: MEGABYTE}}, "INVALID_STATEMENT", "at most")
       for field in ("nucleusNeighbourhood", "outputsNeighbourhood", "inputsDMLanguage")},
    "a member twice": Case(CREATE, {"o": {"name": "N", "members": [OWN.did] * 2}}, "INVALID_STATEMENT", "each DID once"),
    "too many members": Case(CREATE, {"o": {"name": "N", "members": [OWN.did] * 1_001}}, "INVALID_STATEMENT", "at most 1000 DIDs"),
    "meta that is a list": Case(CREATE, {"o": {"name": "N", "meta": [1]}}, "INVALID_ARGUMENT", "a JSON object"),
    "meta that is a string": Case(CREATE, {"o": {"name": "N", "meta": "m"}}, "INVALID_ARGUMENT", "a JSON object, got m"),
    "meta with a fraction": Case(CREATE, {"o": {"name": "N", "meta": {"a": 1.5}}}, "INVALID_STATEMENT", "$.meta.a"),
    "meta with a huge number": Case(CREATE, {"o": {"name": "N", "meta": {"a": 2**60}}}, "INVALID_JSON", str(2**60)),
    "meta too long": Case(CREATE, {"o": {"name": "N", "meta": {"a": "x" * 20_000}}}, "INVALID_STATEMENT", "16384 bytes"),
    "meta of 1 MB": Case(CREATE, {"o": {"name": "N", "meta": {MEGABYTE: 1}}}, "INVALID_STATEMENT", "at most"),
    "meta nested too deeply": Case(CREATE, {"o": {"name": "N", "meta": DEEP}}, "INVALID_STATEMENT", "levels"),
    "a program and a template": Case(CREATE, {"o": {"name": "N", "dna": "a.", "template": "open"}}, "INVALID_ARGUMENT", "not both"),
    "an unknown template": Case(CREATE, {"o": {"name": "N", "template": "anarchy"}}, "UNKNOWN_TEMPLATE", "anarchy"),
    "a template of 1 MB": Case(CREATE, {"o": {"name": "N", "template": MEGABYTE}}, "UNKNOWN_TEMPLATE", "open"),
    "an empty program": Case(CREATE, {"o": {"name": "N", "dna": ""}}, "DNA_INVALID", "register_social_organism"),
    "a program of 1 MB": Case(CREATE, {"o": {"name": "N", "dna": f"% {MEGABYTE}"}}, "DNA_INVALID", "65536"),
    "a program with a NUL": Case(CREATE, {"o": {"name": "N", "dna": "a.\0"}}, "DNA_INVALID"),
    "fields of another type": Case(CREATE, {"o": {"name": 1}}, "BAD_USER_INPUT", "String cannot represent"),
    "no such field": Case(CREATE, {"o": {"name": "N", "nme": 1}}, "BAD_USER_INPUT", "nme"),
    "a founding statement of another name": Case(CREATE, {"o": {"name": "M"}, "s": lambda w: founding(OWN)[1]}, "STATEMENT_MISMATCH", "name 'N'", "own_token"),
    "a founding statement of another program": Case(CREATE, {"o": {"name": "N"}, "s": lambda w: founding(OWN, dna="0" * 64)[1]}, "STATEMENT_MISMATCH", DNA[:20], "own_token"),
    "a founding statement of other members": Case(CREATE, {"o": {"name": "N", "members": [STRANGER.did]}, "s": lambda w: founding(OWN)[1]}, "STATEMENT_MISMATCH", "invited", "own_token"),
    "a founding statement of another agent": Case(CREATE, {"o": {"name": "N"}, "s": lambda w: founding(STRANGER)[1]}, "NOT_THIS_AGENT", STRANGER.did, "own_token"),
    "a founding statement from yesterday": Case(CREATE, {"o": {"name": "N"}, "s": lambda w: founding(OWN, timestamp="2020-01-01T00:00:00.000Z")[1]}, "CLOCK_SKEW", "2020", "own_token"),
    "self-custody without a statement": Case(CREATE, {"o": {"name": "N"}}, "SIGNATURE_REQUIRED", OWN.did, "own_token"),
    # reading
    "an epoch of the future": Case(MEMBERS, HERE | {"e": 2}, "INVALID_ARGUMENT", "0 to 1, got 2"),
    "a negative epoch": Case(MEMBERS, HERE | {"e": -1}, "INVALID_ARGUMENT", "0 to 1, got -1"),
    "a coherence beyond one": Case(EXPRESSIONS, HERE | {"m": 1.1}, "INVALID_ARGUMENT", "0 to 1, got 1.1"),
    "a negative coherence": Case(EXPRESSIONS, HERE | {"m": -0.1}, "INVALID_ARGUMENT", "0 to 1, got -0.1"),
    "a negative seq": Case(LOG, HERE | {"n": -1}, "INVALID_ARGUMENT", "-1"),
    "a number beyond 32 bits": Case(LOG, HERE | {"n": 2**40}, "BAD_USER_INPUT", "32-bit"),
    "an empty search": Case(ALL, {"q": ""}, "INVALID_ARGUMENT", "1 to 200 characters"),
    "a search of 1 MB": Case(ALL, {"q": MEGABYTE}, "INVALID_ARGUMENT", "1 to 200 characters"),
    "signatures of an unknown expression": Case('query ($u: String!) { soSignatures(soURI: $u, url: "x:y") { did } }', HERE, "UNKNOWN_EXPRESSION", "x:y"),
    "coherence of another organism's expression": Case("query ($u: String!, $l: String!) { soCoherence(soURI: $u, url: $l) { current } }", HERE | {"l": lambda w: w.hosted_url}, "UNKNOWN_EXPRESSION", "json://"),
    # idempotency keys
    "an empty key": Case(ADD, HERE | {"d": STRANGER.did, "k": ""}, "INVALID_ARGUMENT", "1 to 200 characters"),
    "a key of 1 MB": Case(ADD, HERE | {"d": STRANGER.did, "k": MEGABYTE}, "INVALID_ARGUMENT", "1 to 200 characters"),
    # agents
    "an empty agent's name": Case('mutation { agentCreateHosted(name: "", passphrase: "p") { did } }', {}, "CAPABILITY_NOT_MATCHED"),
    "a message of 1 MB and one": Case("mutation ($m: String!) { agentSignMessage(message: $m) { signature } }", {"m": MEGABYTE + "x"}, "INVALID_ARGUMENT", "at most 1000000"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_bad_input_is_refused_and_nothing_is_written(world: World, name: str) -> None:
    await check(world, CASES[name])


async def test_a_program_that_does_not_compile_is_refused_with_line_and_column(world: World) -> None:
    program = 'register_social_organism("x", o).\noutput_expression(Url, o) :- so_link(Url _).\n'
    before = world.rows()

    answer = await world.server.post(CREATE, {"o": {"name": "N", "dna": program}}, world.token)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "DNA_INVALID"
    first = error["extensions"]["problems"][0]
    assert (first["line"], first["column"]) == (2, 41)
    assert "line 2, column 41: " in error["message"]
    assert world.rows() == before


async def test_an_idempotency_key_names_one_request_only(world: World) -> None:
    variables = {"u": world.here, "d": STRANGER.did, "k": "first"}
    first = await world.server.ask(ADD, variables | {"u": world.there}, world.token)
    before = world.rows()

    again = await world.server.ask(ADD, variables | {"u": world.there}, world.token)

    assert again == first
    assert world.rows() == before
    await check(world, Case(ADD, variables, "IDEMPOTENCY_KEY_REUSED", "first"))
    await check(world, Case(CONCUR, HERE | {"l": "x:y", "k": "first"}, "IDEMPOTENCY_KEY_REUSED", "first"))


async def test_reading_what_is_unknown_is_null(world: World) -> None:
    query = """query ($u: String!, $l: String!) { so(uri: $l) { uri } soExpression(soURI: $u, url: $l) { url }
      expression(url: $l) { author } expressionMany(urls: [$l]) { author } expressionRaw(url: $l) }"""
    nothing = {"so": None, "soExpression": None, "expression": None, "expressionMany": [None], "expressionRaw": "null"}

    for url in ("", "x", "x:y", NOWHERE, "literal://", "literal://json:{", "literal://number:x", MEGABYTE, "link:\0"):
        assert await world.server.ask(query, {"u": world.here, "l": url}) == nothing
