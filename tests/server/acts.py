"""What agents do in most tests of the server, over its real endpoint."""

from domain.canonical import canonical
from domain.identity import Did, KeyPair
from domain.organisms.statement import make_statement
from domain.sign_in import SIGN_IN_DOMAIN
from domain.timestamp import format_millis
from server.app import now_millis
from tests.servers import Chorus, Json

CREATE = "mutation ($o: SocialOrganismInput!, $s: SignedStatement) { soCreate(socialOrganism: $o, signed: $s) }"
SPEAK = """mutation ($u: String!, $c: String!, $l: String!, $s: SignedStatement) {
  soSpeak(soURI: $u, content: $c, languageAddress: $l, signed: $s) { url content epoch dnaHash rosterRoot } }"""
CONCUR = "mutation ($u: String!, $l: String!) { soConcur(soURI: $u, url: $l) { url } }"
JOIN = "mutation ($u: String!, $s: SignedStatement) { soJoin(soURI: $u, signed: $s) { epoch memberCount } }"
LEAVE = "mutation ($u: String!) { soLeave(soURI: $u) { epoch memberCount } }"
SUGGEST = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id state } }"


async def hosted(server: Chorus, name: str) -> tuple[Did, str]:
    """A hosted agent's DID and token."""
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


async def limited(server: Chorus, token: str, *can: str, domain: str = "social-organism") -> tuple[str, str]:
    """A token that the agent of `token` grants an app, for these operations only, and its request's id."""
    capabilities = [{"with": {"domain": domain, "pointers": ["*"]}, "can": list(can)}]
    app: Json = {"appName": "app", "appDesc": "an app", "capabilities": capabilities}
    query = "mutation ($a: AuthInfoInput!) { agentRequestCapability(authInfo: $a) }"
    request = (await server.ask(query, {"a": app}, token))["agentRequestCapability"]
    query = "mutation ($a: String!) { agentPermitCapability(auth: $a) }"
    permit = canonical({"requestId": request, "auth": app})
    code = (await server.ask(query, {"a": permit}, token))["agentPermitCapability"]
    query = "mutation ($i: String!, $r: String!) { agentGenerateJwt(requestId: $i, rand: $r) }"
    return str((await server.ask(query, {"i": request, "r": code}, token))["agentGenerateJwt"]), request


def signed(keys: KeyPair, kind: str, organism: str, **fields: Json) -> Json:
    common = {"type": kind, "organism": organism, "timestamp": format_millis(now_millis())}
    statement = make_statement(keys, {**common, **fields})
    return {"statement": statement.text, "signature": statement.signature}


async def create(server: Chorus, token: str, **organism: Json) -> str:
    answer = await server.ask(CREATE, {"o": {"name": "Garden club", **organism}}, token)
    return str(answer["soCreate"])


async def say(server: Chorus, uri: str, token: str, words: str) -> str:
    """The URL of a literal said for the organism."""
    answer = await server.ask(SPEAK, {"u": uri, "c": canonical(words), "l": "json"}, token)
    return str(answer["soSpeak"]["url"])
