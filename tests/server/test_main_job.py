"""The main job in small: two hosted agents and one with its own key, over real sockets."""

import hashlib
from pathlib import Path

from domain.canonical import canonical
from domain.identity import Did, KeyPair, verify
from domain.organisms.statement import make_statement, signed_bytes
from domain.sign_in import SIGN_IN_DOMAIN
from domain.timestamp import format_millis
from server.app import now_millis
from tests.servers import Chorus, Json, chorus, socket

JOIN = "mutation ($u: String!, $s: SignedStatement) { soJoin(soURI: $u, signed: $s) { epoch memberCount } }"
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state } }"
VOUCH = "mutation ($u: String!, $d: String!) { soVouchForNewMember(soURI: $u, did: $d) { state vouches } }"
SPEAK = """mutation ($u: String!, $c: String!, $l: String!) {
  soSpeak(soURI: $u, content: $c, languageAddress: $l) { url content epoch dnaHash } }"""
CONCUR = "mutation ($u: String!, $l: String!, $s: SignedStatement) { soConcur(soURI: $u, url: $l, signed: $s) { url } }"
COHERENCE = "query ($u: String!, $l: String!) { soCoherence(soURI: $u, url: $l) { asSpoken asSpokenConcurring } }"
WATCH = """subscription ($u: String, $a: String) {
  soCoherenceChanged(soURI: $u, after: $a) { cursor url coherence { asSpokenConcurring asSpokenMembers } } }"""
LINK = canonical({"source": "ad4m://self", "predicate": "", "target": "literal://string:hi"})


async def hosted(server: Chorus, name: str) -> tuple[Did, str]:
    query = "mutation ($n: String!) { agentCreateHosted(name: $n, passphrase: $n) { did token } }"
    made = (await server.ask(query, {"n": name}))["agentCreateHosted"]
    return Did(made["did"]), made["token"]


async def sign_in(server: Chorus, keys: KeyPair) -> str:
    query = "mutation ($d: String!) { agentChallenge(did: $d) { did server nonce expiresAt } }"
    challenge = (await server.ask(query, {"d": keys.did}))["agentChallenge"]
    signature = keys.sign(SIGN_IN_DOMAIN + canonical(challenge).encode())
    query = "mutation ($d: String!, $n: String!, $s: String!) { agentSignIn(did: $d, nonce: $n, signature: $s) }"
    answer = await server.ask(query, {"d": keys.did, "n": challenge["nonce"], "s": signature})
    return str(answer["agentSignIn"])


def signed(keys: KeyPair, kind: str, organism: str, **fields: Json) -> Json:
    common = {"type": kind, "organism": organism, "timestamp": format_millis(now_millis())}
    statement = make_statement(keys, {**common, **fields})
    return {"statement": statement.text, "signature": statement.signature}


async def test_an_organism_speaks(tmp_path: Path, on_store: Json) -> None:
    own = KeyPair.generate(hashlib.sha256(b"her own key").digest())
    async with chorus(tmp_path, **on_store) as server:
        _, founder = await hosted(server, "first")
        second_did, second = await hosted(server, "second")
        third = await sign_in(server, own)
        created = {"name": "Garden club", "members": [second_did]}
        query = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
        uri = (await server.ask(query, {"o": created}, founder))["soCreate"]

        await server.ask(JOIN, {"u": uri}, second)
        await server.ask(SUGGEST, {"u": uri, "d": own.did}, founder)
        voted = await server.ask(VOUCH, {"u": uri, "d": own.did}, second)
        assert voted["soVouchForNewMember"]["state"] == "OPEN"
        joined = await server.ask(JOIN, {"u": uri, "s": signed(own, "join", uri, epoch=1)}, third)
        assert joined["soJoin"] == {"epoch": 2, "memberCount": 3}

        async with socket(server, second) as watching:
            await watching.subscribe(WATCH, {"u": uri, "a": "0"})
            for _ in range(2):  # the two admissions
                assert (await watching.event())["soCoherenceChanged"]["url"] is None
            spoken = (await server.ask(SPEAK, {"u": uri, "c": LINK, "l": "link"}, founder))["soSpeak"]
            url = spoken["url"]
            verdict = signed(
                own,
                "verdict",
                uri,
                expression=url,
                content=spoken["content"],
                epoch=spoken["epoch"],
                verdict="concur",
                dna=spoken["dnaHash"],
            )
            await watching.event()  # spoken
            await watching.event()  # the second concurs by itself
            await server.ask(CONCUR, {"u": uri, "l": url, "s": verdict}, third)
            last = (await watching.event())["soCoherenceChanged"]

        assert last["coherence"] == {"asSpokenConcurring": 3, "asSpokenMembers": 3}
        await _an_outsider_checks(server, uri, url)
        _, outsider = await hosted(server, "outsider")
        assert await server.refusal(SPEAK, {"u": uri, "c": LINK, "l": "link"}, outsider) == "NOT_A_MEMBER"


async def _an_outsider_checks(server: Chorus, uri: str, url: str) -> None:
    query = """query ($u: String!, $l: String!) {
      soSignatures(soURI: $u, url: $l) { did statement signature automatic }
      expression(url: $l) { socialOrganismSource proof { valid socialOrganismCoherence } } }"""
    found = await server.ask(query, {"u": uri, "l": url})
    assert found["expression"] == {
        "socialOrganismSource": uri,
        "proof": {"valid": True, "socialOrganismCoherence": 1.0},
    }
    assert [each["automatic"] for each in found["soSignatures"]] == [False, True, False]
    for each in found["soSignatures"]:
        verify(each["did"], signed_bytes(each["statement"]), each["signature"])


async def test_a_program_that_allows_links_only_refuses_a_literal_with_the_reason(
    tmp_path: Path, on_store: Json
) -> None:
    dna = 'register_social_organism("links", o).\noutput_expression(Url, o) :- so_link(Url, _, _, _).\n'
    async with chorus(tmp_path, **on_store) as server:
        _, founder = await hosted(server, "founder")
        query = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
        uri = (await server.ask(query, {"o": {"name": "Links", "dna": dna}}, founder))["soCreate"]

        answer = await server.post(SPEAK, {"u": uri, "c": '"hello"', "l": "literal"}, founder)

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "DNA_REFUSED"
        assert "output_expression" in error["extensions"]["reason"]
        assert "url" in (await server.ask(SPEAK, {"u": uri, "c": LINK, "l": "link"}, founder))["soSpeak"]


async def test_a_subscriber_that_was_away_resumes_without_gap_or_duplicate(tmp_path: Path, on_store: Json) -> None:
    query = "subscription ($u: String, $a: String) { soEvents(soURI: $u, after: $a) { cursor entry { seq } } }"
    async with chorus(tmp_path, **on_store) as server:
        _, founder = await hosted(server, "founder")
        created = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
        uri = (await server.ask(created, {"o": {"name": "Garden club"}}, founder))["soCreate"]
        async with socket(server, founder) as watching:
            await watching.subscribe(query, {"u": uri, "a": "0"})
            cursor = (await watching.event())["soEvents"]["cursor"]
        for number in range(3):
            link = canonical({"source": f"s{number}", "predicate": None, "target": "t"})
            await server.ask(SPEAK, {"u": uri, "c": link, "l": "link"}, founder)

        async with socket(server, founder) as again:
            await again.subscribe(query, {"u": uri, "a": cursor})
            seen = [(await again.event())["soEvents"]["entry"]["seq"] for _ in range(3)]

        assert seen == [2, 3, 4]
