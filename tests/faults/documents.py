"""The GraphQL documents that the fault tests send."""

ORGANISM = """query ($u: String!) { so(uri: $u) {
  epoch memberCount rosterRoot dnaHash dormant head { size root epoch }
  members { totalCount edges { node { did } } } } }"""
LOG = "query ($u: String!, $a: Int!) { soLog(uri: $u, after: $a) { seq text leaf } }"
EXPRESSIONS = """query ($u: String!, $a: String) { soExpressions(soURI: $u, after: $a) {
  totalCount pageInfo { hasNextPage endCursor } edges { node {
    url content speaker epoch retractedAt expression { author } coherence {
      asSpoken asSpokenConcurring asSpokenMembers current currentConcurring currentMembers rejecting epoch rosterRoot
    } } } } }"""
SIGNATURES = (
    "query ($u: String!, $l: String!) { soSignatures(soURI: $u, url: $l) { did verdict statementId automatic } }"
)
PROPOSALS = """query ($u: String!, $a: String) { soProposals(soURI: $u, after: $a) {
  totalCount pageInfo { hasNextPage endCursor } edges { node {
    id change subject author state vouches declines joined } } } }"""
EVENTS = (
    """subscription ($u: String, $a: String) { soEvents(soURI: $u, after: $a) { cursor soURI entry { seq text } } }"""
)

CREATE = "mutation ($o: SocialOrganismInput!, $s: SignedStatement) { soCreate(socialOrganism: $o, signed: $s) }"
_ACT = """mutation ($u: String!{declared}, $s: SignedStatement, $k: String) {{
  {field}(soURI: $u{given}, signed: $s, idempotencyKey: $k) {{ {wanted} }} }}"""


def _act(field: str, wanted: str, **arguments: str) -> str:
    """A mutation with these further arguments (name: type) beside `signed` and `idempotencyKey`."""
    declared = "".join(f", ${name}: {kind}" for name, kind in arguments.items())
    given = "".join(f", {name}: ${name}" for name in arguments)
    return _ACT.format(field=field, wanted=wanted, declared=declared, given=given)


_COUNTS = """asSpoken asSpokenConcurring asSpokenMembers current currentConcurring currentMembers rejecting
  epoch rosterRoot"""
COHERENCE = f"query ($u: String!, $l: String!) {{ soCoherence(soURI: $u, url: $l) {{ {_COUNTS} }} }}"

_SAID = f"url content epoch dnaHash coherence {{ {_COUNTS} }}"
SPEAK = _act("soSpeak", _SAID, content="String!", languageAddress="String!")
CONCUR = _act("soConcur", _SAID, url="String!")
REJECT = _act("soReject", _SAID, url="String!", reason="String")
JOIN = _act("soJoin", "epoch", proposal="String")
LEAVE = _act("soLeave", "epoch")
ADD = _act("soSuggestMemberAddition", "id", did="String!", note="String")
REMOVE = _act("soSuggestMemberRemoval", "id", did="String!", note="String")
RETRACT = _act("soRetract", "url", url="String!", reason="String")
VOUCH = _act("soVouchForNewMember", "id", did="String!")
DECLINE = _act("soRejectNewMember", "id", did="String!", reason="String")
WITHDRAW = _act("soWithdrawProposal", "id state", proposal="String!")
VOTE = _act("soVote", "id state", proposal="String!", vote="SoVote!", reason="String")

HOST = "mutation ($n: String!) { agentCreateHosted(name: $n, passphrase: $n) { did token } }"
UNLOCK = "mutation ($p: String!) { agentUnlock(passphrase: $p) { isUnlocked } }"
CHALLENGE = "mutation ($d: String!) { agentChallenge(did: $d) { did server nonce expiresAt } }"
SIGN_IN = """mutation ($d: String!, $n: String!, $s: String!) { agentSignIn(did: $d, nonce: $n, signature: $s) }"""
