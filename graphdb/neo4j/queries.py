"""What is asked of the graph. Every query answers with one record; lists are collected into it.

Written for Cypher 5 and Cypher 25. Columns are named by the readers in `rows`.
"""

from collections.abc import Iterable

ORGANISM = (
    "[o.uri, o.name, o.description, o.founder, o.createdAt, o.head, o.meta, o.nucleusNeighbourhood,"
    " o.outputsNeighbourhood, o.inputsDMLanguage]"
)
SPOKEN = (
    "[e.url, s.organism, s.content, s.speaker, s.language, s.epoch, s.roster, s.dna, s.spokenAt, s.receivedAt,"
    " s.concurring, s.members, s.retractedAt]"
)
MEMBER = "[m.did, m.epoch, m.sinceAt, m.untilEpoch]"
ENTRY = "[e.position, e.organism, e.seq, e.text]"
VOTES = (
    "COLLECT { MATCH (p)<-[v:VOUCHED|DECLINED]-(:Agent) WITH v ORDER BY v.receivedAt, v.did"
    " RETURN [v.did, type(v), v.reason, v.timestamp, v.receivedAt] }"
)
PROPOSAL = (
    "[p.id, p.organism, p.change, p.subject, p.author, p.state, p.openedAt, p.note, p.joinedAt, p.closedAt,"
    f" p.evaluation, {VOTES}, p.base, p.profile]"
)
IS_MEMBER = "EXISTS { ()-[:MEMBER_OF {organism: s.organism, did: v.did}]->() }"
SIGNED = f"[n.statement, v.asSpoken, {IS_MEMBER}, n.text]"

# Under the log's lock: everything that the commits of a batch touch.
KNOWN = """
MATCH (l:Log {id: 1}) SET l.turn = l.turn
WITH l.position AS position
RETURN position,
  COLLECT { MATCH (e:Entry {position: $written}) RETURN e.text } AS written,
  COLLECT { UNWIND $organisms AS uri MATCH (o:Organism {uri: uri})
            RETURN [o.uri, o.epoch, o.size, o.factsSize, o.frontier, o.roster, o.memberCount, o.dna] } AS heads,
  COLLECT { UNWIND $statements AS id MATCH (e:Entry {statement: id}) RETURN [id, e.result] } AS statements,
  COLLECT { UNWIND $keys AS id MATCH (k:IdempotencyKey {id: id})
            RETURN [k.agent, k.key, k.result, k.fingerprint] } AS keys,
  COLLECT { UNWIND $places AS place
            MATCH ()-[v:SIGNED {expression: place[0], did: place[1]}]->()
            RETURN [place[2], v.statement, v.verdict, v.asSpoken] } AS verdicts,
  COLLECT { UNWIND $spoken AS place MATCH ()-[s:SPOKE {key: place[0]}]->()
            RETURN place[1] } AS spoken,
  COLLECT { UNWIND $judged AS place MATCH ()-[s:SPOKE {key: place[0]}]->()
            RETURN [place[1], s.concurring] } AS concurring"""

# Under the log's lock too: what a process remembers of expressions and members, so as not to ask again.
REMEMBER = f"""
RETURN
  COLLECT {{ UNWIND $uris AS uri MATCH (o:Organism {{uri: uri}}) RETURN {ORGANISM} }},
  COLLECT {{ UNWIND $keys AS key MATCH ()-[s:SPOKE {{key: key}}]->(e)
            WITH s, e WHERE COUNT {{ (e)<-[:SIGNED]-() }} <= $most
            RETURN [{SPOKEN}, COLLECT {{ MATCH (e)<-[v:SIGNED]-() RETURN v.did }}] }},
  COLLECT {{ UNWIND $members AS place MATCH ()-[m:MEMBER_OF {{organism: place[0], did: place[1]}}]->()
            RETURN [place[0], {MEMBER}] }}"""

LOCK_LOG = "MATCH (l:Log {id: 1}) SET l.turn = l.turn RETURN l.position"
POSITION = "MATCH (l:Log {id: 1}) RETURN l.position"

REPEAT = """
RETURN COLLECT { MATCH (k:IdempotencyKey {id: $key}) RETURN [k.result, k.fingerprint] },
       COLLECT { MATCH (e:Entry {statement: $statement}) RETURN [e.result, null] }"""

# A call is [uri, expression key, DID, statement id]; what calls share is answered once.
STANDING = f"""
RETURN
  COLLECT {{ UNWIND $uris AS uri MATCH (o:Organism {{uri: uri}}) RETURN {ORGANISM} }},
  COLLECT {{ UNWIND $keys AS key MATCH ()-[s:SPOKE {{key: key}}]->(e) RETURN {SPOKEN} }},
  COLLECT {{
    UNWIND range(0, size($calls) - 1) AS i
    WITH i, $calls[i] AS call
    OPTIONAL MATCH ()-[m:MEMBER_OF {{organism: call[0], did: call[2]}}]->()
    OPTIONAL MATCH ()-[s:SPOKE {{key: call[1]}}]->(e)
    OPTIONAL MATCH ()-[v:SIGNED {{expression: call[1], did: call[2]}}]->()
    OPTIONAL MATCH (n:Entry {{position: v.position}})
    OPTIONAL MATCH (repeated:Entry {{statement: call[3]}})
    WITH i, call, m, s, v, n, repeated ORDER BY i
    RETURN [
      CASE WHEN m IS NULL THEN null ELSE {MEMBER} END,
      CASE WHEN n IS NULL THEN null ELSE {SIGNED} END,
      coalesce(m.epoch <= s.epoch, false) OR EXISTS {{
        ()-[w:WAS_MEMBER_OF]->()
        WHERE w.organism = call[0] AND w.did = call[2] AND w.epoch <= s.epoch AND s.epoch < w.untilEpoch }},
      repeated.result] }}"""

GATHERING = f"""
RETURN
  COLLECT {{ MATCH (o:Organism {{uri: $uri}}) RETURN {ORGANISM} }},
  COLLECT {{ MATCH ()-[m:MEMBER_OF]->() WHERE m.organism = $uri AND m.did > ''
             WITH m ORDER BY m.did RETURN {MEMBER} }},
  COLLECT {{ MATCH ()-[i:INVITED]->() WHERE i.organism = $uri AND i.did > '' WITH i ORDER BY i.did RETURN i.did }},
  COLLECT {{ MATCH (p:Proposal) WHERE p.open = true AND p.organism = $uri AND p.change > '' AND p.subject > ''
             WITH p ORDER BY p.position RETURN {PROPOSAL} }}"""

ORGANISMS = f"RETURN COLLECT {{ UNWIND $uris AS uri MATCH (o:Organism {{uri: uri}}) RETURN {ORGANISM} }}"
ADOPTIONS = """
RETURN COLLECT { MATCH (o:Organism {uri: $uri})-[f:FOLLOWS|FOLLOWED]->(d)
                 WITH f, d ORDER BY f.epoch RETURN [f.epoch, d.hash, f.proposal, f.sinceAt] }"""
ROSTER = f"""
RETURN COLLECT {{ MATCH (o:Organism {{uri: $uri}}) WHERE o.head IS NOT NULL RETURN o.head }},
  COLLECT {{ MATCH ()-[m:MEMBER_OF]->() WHERE m.organism = $uri AND m.did > ''
             WITH m ORDER BY m.did LIMIT $limit RETURN {MEMBER} }}"""
PROGRAM = "RETURN COLLECT { MATCH (d:Dna {hash: $hash}) RETURN d.program }"
INVITED = (
    "RETURN COLLECT { MATCH ()-[i:INVITED]->() WHERE i.organism = $uri AND i.did > '' RETURN i.did ORDER BY i.did }"
)
MEMBERSHIPS = f"""
RETURN COLLECT {{ MATCH (:Agent {{did: $did}})-[m:MEMBER_OF]->() WITH m ORDER BY m.organism
                  RETURN [m.organism, {MEMBER}] }}"""

SPOKEN_BY_URL = f"RETURN COLLECT {{ UNWIND $keys AS key MATCH ()-[s:SPOKE {{key: key}}]->(e) RETURN {SPOKEN} }}"
SPEAKING = "RETURN COLLECT { UNWIND $keys AS key MATCH ()-[s:SPOKE {key: key}]->() RETURN s.organism }"
NEWEST = f"""
RETURN COLLECT {{ MATCH ()-[s:SPOKE]->(e) WHERE s.organism = $uri AND s.position > 0 AND e.text IS NOT NULL
                  WITH s, e ORDER BY s.position DESC LIMIT $count RETURN [{SPOKEN}, e.text] }}"""

GIVEN = """
RETURN COLLECT {
  UNWIND $keys AS key
  MATCH (e:Expression {key: key})<-[v:SIGNED]-()
  WITH e, v ORDER BY e.url, v.did LIMIT $most
  MATCH (n:Entry {position: v.position})
  RETURN [e.url, v.did, v.verdict, n.at] }"""

COHERENCE = """
RETURN COLLECT {
  UNWIND $keys AS key
  MATCH ()-[s:SPOKE {key: key}]->(e)
  MATCH (o:Organism {uri: s.organism})
  CALL (s, e) {
    MATCH (e)<-[v:SIGNED]-()
    WITH v, EXISTS { ()-[:MEMBER_OF {organism: s.organism, did: v.did}]->() } AS member
    RETURN sum(CASE WHEN member AND v.verdict = 'concur' THEN 1 ELSE 0 END) AS present,
           sum(CASE WHEN v.verdict = 'reject' THEN 1 ELSE 0 END) AS rejecting
  }
  RETURN [e.url, o.uri, s.concurring, s.members, present, o.memberCount, rejecting, s.epoch, s.roster] }"""

PROPOSALS = f"RETURN COLLECT {{ UNWIND $ids AS id MATCH (p:Proposal {{id: id}}) RETURN {PROPOSAL} }}"
PROPOSING = "RETURN COLLECT { UNWIND $ids AS id MATCH (p:Proposal {id: id}) RETURN p.organism }"
OPEN_PROPOSALS = """
RETURN COLLECT { MATCH (p:Proposal) WHERE p.open = true AND p.subject > '' AND p.position > 0
                 WITH p ORDER BY p.position RETURN [p.organism, p.id] }"""

STAYS = """
RETURN COLLECT { MATCH (e:Entry) WHERE e.member = $did AND e.position > 0 AND e.position <= $settled
                 WITH e ORDER BY e.position RETURN [e.organism, e.event, e.position] }"""


# Entries are read up to $settled only, with the newest position there is.
_NEWEST = "MATCH (l:Log {id: 1}) RETURN l.position,"
ENTRIES_SINCE = f"""
{_NEWEST} COLLECT {{
  MATCH (e:Entry) WHERE e.position > $position AND e.position <= $settled
  WITH e ORDER BY e.position LIMIT $first RETURN {ENTRY} }}"""
ENTRIES_OF = f"""
{_NEWEST} COLLECT {{
  MATCH (e:Entry) WHERE e.organism = $uri AND e.position > $position AND e.position <= $settled
  WITH e ORDER BY e.position LIMIT $first RETURN {ENTRY} }}"""
ENTRIES_AFTER_SEQ = f"""
MATCH (l:Log {{id: 1}}) OPTIONAL MATCH (o:Organism {{uri: $uri}})
WITH l.position AS newest, coalesce(toInteger(split(o.head, ' ')[6]), 0) AS own
RETURN CASE WHEN own > newest THEN own ELSE newest END, COLLECT {{
  MATCH (e:Entry) WHERE e.organism = $uri AND e.seq > $seq AND e.seq <= $seq + $first
  WITH e ORDER BY e.seq WHERE e.position <= $settled RETURN {ENTRY} }}"""
# A stay is [uri, position before its first entry, position of its last].
ENTRIES_OF_STAYS = f"""
RETURN COLLECT {{
  UNWIND $stays AS stay
  CALL (stay) {{
    MATCH (e:Entry) WHERE e.organism = stay[0] AND e.position > stay[1] AND e.position <= stay[2]
    RETURN e ORDER BY e.position LIMIT $first
  }}
  WITH e ORDER BY e.position LIMIT $first RETURN {ENTRY} }}"""

# Who was invited joined without an evaluation.
EVALUATED = f"""
RETURN COLLECT {{
  CALL () {{
    MATCH ()-[s:SPOKE]->() WHERE s.organism = $uri AND s.position > 0
    WITH s ORDER BY s.position DESC LIMIT $count
    RETURN s.position AS position
    UNION ALL
    MATCH (:Organism {{uri: $uri}})<-[m:MEMBER_OF|WAS_MEMBER_OF]-()
    MATCH (n:Entry {{position: m.position}}) WHERE n.text CONTAINS '"evaluation":'
    WITH m ORDER BY m.position DESC LIMIT $count
    RETURN m.position AS position
  }}
  MATCH (e:Entry {{position: position}})
  WITH e ORDER BY e.position DESC LIMIT $count RETURN {ENTRY} }}"""
KEPT = """
RETURN COLLECT { UNWIND $hashes AS hash MATCH (f:Facts {organism: $uri, hash: hash}) RETURN [f.hash, f.facts] }"""

AUTOMATIC_FOR = """
OPTIONAL MATCH (:Organism {uri: $uri})-[f:FOLLOWS|FOLLOWED]->(d) WHERE f.epoch <= $epoch
WITH f, d ORDER BY f.epoch DESC LIMIT 1
RETURN COLLECT {
  UNWIND $dids AS did
  MATCH ()-[m:MEMBER_OF {organism: $uri, did: did}]->() WHERE f IS NOT NULL
  RETURN [did,
    EXISTS { (:AutoConcurOff {did: did, organism: $uri}) } OR EXISTS { (:AutoConcurOff {did: did, organism: ''}) },
    m.epoch >= f.epoch OR EXISTS { ()-[:VOUCHED {proposal: f.proposal, did: did}]->() }
      OR EXISTS { (:DnaConfirmed {did: did, organism: $uri, dna: d.hash}) }] }"""
CONFIRM_DNA = "MERGE (:DnaConfirmed {did: $did, organism: $uri, dna: $dna})"
LEAVE_UNSIGNED = "MERGE (n:Unsigned {did: $did, key: $key}) SET n.verdict = $verdict"
UNSIGNED = """
RETURN COLLECT { UNWIND $keys AS key MATCH (n:Unsigned {did: $did, key: key}) RETURN [n.key, n.verdict] }"""
AUTO_CONCUR_OFF = "MERGE (:AutoConcurOff {did: $did, organism: $uri})"
AUTO_CONCUR_ON = "MATCH (n:AutoConcurOff {did: $did, organism: $uri}) DELETE n"


def page(pattern: str, key: str, columns: str, detail: str = "") -> str:
    """A slice of a list in the order of `key`, which is its cursor too, and how long the whole list is.

    `pattern` is MATCH … WHERE …; `detail` is matched for the rows of the slice only.
    """
    return f"""
RETURN COUNT {{ {pattern} }},
  COLLECT {{ {pattern} AND {key} > $after
             WITH * ORDER BY {key} LIMIT $limit {detail} RETURN [{key}, {columns}] }}"""


_FOUND = " AND (toLower(o.name) CONTAINS toLower($search) OR toLower(o.description) CONTAINS toLower($search))"
_OF_MEMBER = "MATCH (:Agent {did: $member})-[:MEMBER_OF]->(o:Organism) WHERE o.position > 0"


def organisms(*, member: bool, search: bool) -> str:
    pattern = _OF_MEMBER if member else "MATCH (o:Organism) WHERE o.position > 0"
    return page(pattern + (_FOUND if search else ""), "o.position", "o.uri")


MEMBERS = page("MATCH ()-[m:MEMBER_OF]->() WHERE m.organism = $uri AND m.did > ''", "m.did", MEMBER)
MEMBERS_AT = page(
    "MATCH (:Organism {uri: $uri})<-[m:MEMBER_OF|WAS_MEMBER_OF]-()"
    " WHERE m.epoch <= $epoch AND (m.untilEpoch IS NULL OR m.untilEpoch > $epoch)",
    "m.did",
    MEMBER,
)

_WANTED = {
    "minCoherence": " AND toFloat(s.concurring) / s.members >= $minCoherence",
    "author": " AND s.speaker = $author",
    "language": " AND s.language = $language",
}


def expressions(wanted: Iterable[str]) -> str:
    """`wanted` names the filters: minCoherence, author, language."""
    filters = "".join(_WANTED[name] for name in wanted)
    return page(f"MATCH ()-[s:SPOKE]->(e) WHERE s.organism = $uri AND s.position > 0{filters}", "s.position", SPOKEN)


_SIGNED_DETAIL = "MATCH (n:Entry {position: v.position}) MATCH ()-[s:SPOKE {key: v.expression}]->()"
VERDICTS = page(
    "MATCH (:Expression {key: $key})<-[v:SIGNED]-() WHERE v.position > 0", "v.position", SIGNED, _SIGNED_DETAIL
)
AUTOMATIC = page(
    "MATCH ()-[v:SIGNED]->() WHERE v.automatic = true AND v.did = $did AND v.position > 0",
    "v.position",
    SIGNED,
    _SIGNED_DETAIL,
)
_AWAITING = (
    "MATCH (:Agent {did: $did})-[m:MEMBER_OF]->(:Organism)-[s:SPOKE]->(e)"
    " WHERE s.position > m.position AND s.retractedAt IS NULL"
    " AND NOT EXISTS { ()-[:SIGNED {expression: s.key, did: $did}]->() }"
)
AWAITING_VERDICT = page(_AWAITING, "s.position", SPOKEN)
AWAITING_TRY = page(_AWAITING + " AND NOT EXISTS { (:Unsigned {did: $did, key: s.key}) }", "s.position", SPOKEN)
# The proposals of a page are read again with all their votes, their organisms locked.
AWAITING_VOTE = page(
    "MATCH (a:Agent {did: $did})-[m:MEMBER_OF]->()"
    " MATCH (p:Proposal) WHERE p.open = true AND p.organism = m.organism AND p.change > '' AND p.subject > ''"
    " AND p.subject <> $did AND NOT EXISTS { (a)-[:VOUCHED|DECLINED]->(p) }",
    "p.position",
    "[p.organism, p.id]",
)
AWAITING_JOIN = page(
    "CALL () {"
    " MATCH (:Agent {did: $did})<-[:INVITED]-(o:Organism) RETURN o.position AS position, o.uri AS uri, null AS id"
    " UNION ALL MATCH (p:Proposal) WHERE p.open = true AND p.subject = $did AND p.position > 0"
    " AND p.change = 'add' AND p.joinedAt IS NULL RETURN p.position AS position, p.organism AS uri, p.id AS id }"
    " WITH * WHERE position > 0",
    "position",
    "[uri, id]",
)


def proposals(open_only: bool | None) -> str:
    state = {None: "", True: " AND p.open = true", False: " AND p.open IS NULL"}[open_only]
    return page(f"MATCH (p:Proposal) WHERE p.organism = $uri AND p.position > 0{state}", "p.position", PROPOSAL)
