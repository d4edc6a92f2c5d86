"""How the graph is changed: one statement for each kind of change, over a list of rows.

    (:Agent)-[:MEMBER_OF]->(:Organism)-[:SPOKE]->(:Expression)<-[:SIGNED]-(:Agent)
    (:Agent)-[:WAS_MEMBER_OF]->(:Organism)-[:INVITED]->(:Agent), (:Organism)-[:FOLLOWS | FOLLOWED]->(:Dna)
    (:Agent)-[:VOUCHED | DECLINED]->(:Proposal)-[:IN]->(:Organism), (:Proposal)-[:ABOUT]->(:Agent)
    (:Entry {organism, seq, position}), (:Log), (:IdempotencyKey)

What the log says is new is created, never merged. What is known of people is in `relations` and `registry`.
"""

from graphdb.store import KEPT_FACTS

AGENTS = "UNWIND $rows AS r MERGE (:Agent {did: r[0]})"

ORGANISMS = """
UNWIND $rows AS r
CREATE (:Organism {uri: r[0], position: r[1], name: r[2], description: r[3], founder: r[4], createdAt: r[5],
                   created: r[6], dna: r[7], meta: r[8], nucleusNeighbourhood: r[9], outputsNeighbourhood: r[10],
                   inputsDMLanguage: r[11], turn: 0})"""

PROGRAMS = "UNWIND $rows AS r MERGE (d:Dna {hash: r[0]}) ON CREATE SET d.program = r[1]"

FOLLOWED = """
UNWIND $rows AS r
MATCH (o:Organism {uri: r[0]})-[f:FOLLOWS]->(d)
CREATE (o)-[:FOLLOWED {organism: r[0], epoch: f.epoch, proposal: f.proposal, sinceAt: f.sinceAt, since: f.since,
                       untilEpoch: r[1], until: r[2]}]->(d)
DELETE f"""

FOLLOWS = """
UNWIND $rows AS r
MATCH (o:Organism {uri: r[0]}) MATCH (d:Dna {hash: r[1]})
CREATE (o)-[:FOLLOWS {organism: r[0], epoch: r[2], proposal: r[3], sinceAt: r[4], since: r[5]}]->(d)"""

FACTS = f"""
UNWIND $rows AS r
MERGE (f:Facts {{organism: r[0], hash: r[1]}})
SET f.position = r[2], f.facts = r[3]
WITH r
CALL (r) {{
  MATCH (old:Facts) WHERE old.organism = r[0] AND old.position > 0
  WITH old ORDER BY old.position DESC SKIP {KEPT_FACTS}
  DELETE old
}}"""

PROFILES = """
UNWIND $rows AS r
MATCH (o:Organism {uri: r[0]})
SET o.name = r[1], o.description = r[2], o.meta = r[3]"""

INVITATIONS = """
UNWIND $rows AS r
MATCH (o:Organism {uri: r[0]}) MATCH (a:Agent {did: r[1]})
CREATE (o)-[:INVITED {organism: r[0], did: r[1], at: r[2]}]->(a)"""

UNINVITED = "UNWIND $rows AS r MATCH ()-[i:INVITED {organism: r[0], did: r[1]}]->() DELETE i"

MEMBERS = """
UNWIND $rows AS r
MATCH (a:Agent {did: r[1]}) MATCH (o:Organism {uri: r[0]})
CREATE (a)-[:MEMBER_OF {organism: r[0], did: r[1], epoch: r[2], sinceAt: r[3], since: r[4], position: r[5]}]->(o)"""

FORMER_MEMBERS = """
UNWIND $rows AS r
MATCH (a)-[m:MEMBER_OF {organism: r[0], did: r[1]}]->(o)
CREATE (a)-[:WAS_MEMBER_OF {organism: r[0], did: r[1], epoch: m.epoch, sinceAt: m.sinceAt, since: m.since,
                            position: m.position, untilEpoch: r[2], until: r[3], untilPosition: r[4]}]->(o)"""

REMOVED = "UNWIND $rows AS r MATCH ()-[m:MEMBER_OF {organism: r[0], did: r[1]}]->() DELETE m"

# An expression that was kept before, or erased, stays as it is.
EXPRESSIONS = """
UNWIND $rows AS r
MERGE (e:Expression {key: r[0]})
ON CREATE SET e.url = r[1], e.language = r[2]
SET e.language = CASE WHEN r[4] AND e.kept IS NULL THEN r[2] ELSE e.language END,
    e.text = CASE WHEN r[4] AND e.kept IS NULL THEN r[3] ELSE e.text END,
    e.kept = CASE WHEN r[4] THEN true ELSE e.kept END"""

SPOKEN = """
UNWIND $rows AS r
MATCH (o:Organism {uri: r[0]}) MATCH (e:Expression {key: r[1]})
CREATE (o)-[:SPOKE {organism: r[0], key: r[1], position: r[2], content: r[3], speaker: r[4], language: r[5],
                    epoch: r[6], roster: r[7], dna: r[8], spokenAt: r[9], at: r[10], receivedAt: r[11],
                    concurring: 1, members: r[12]}]->(e)"""

RETRACTED = """
UNWIND $rows AS r
MATCH ()-[s:SPOKE {key: r[0]}]->()
SET s.retractedAt = r[1], s.retracted = r[2]"""

PROPOSALS = """
UNWIND $rows AS r
MATCH (o:Organism {uri: r[1]})
CREATE (:Proposal {id: r[0], organism: r[1], position: r[2], change: r[3], subject: r[4], author: r[5],
                   openedAt: r[6], opened: r[7], note: r[8], joinedAt: r[9], base: r[10], profile: r[11],
                   state: 'OPEN', open: true})-[:IN]->(o)"""

ABOUT = """
UNWIND $rows AS r
MATCH (p:Proposal {id: r[0]}) MATCH (a:Agent {did: r[1]})
CREATE (p)-[:ABOUT]->(a)"""

UNVOTED = """
UNWIND $rows AS r
MATCH (p:Proposal {id: r[0]})<-[v:VOUCHED|DECLINED]-(:Agent {did: r[1]})
DELETE v"""

_VOTE = """
UNWIND $rows AS r
MATCH (p:Proposal {{id: r[0]}}) MATCH (a:Agent {{did: r[1]}})
CREATE (a)-[:{kind} {{proposal: r[0], did: r[1], reason: r[2], timestamp: r[3], at: r[4], receivedAt: r[5]}}]->(p)"""

VOUCHED = _VOTE.format(kind="VOUCHED")
DECLINED = _VOTE.format(kind="DECLINED")

JOINED = "UNWIND $rows AS r MATCH (p:Proposal {id: r[0]}) SET p.joinedAt = r[1], p.joined = r[2]"

CLOSED = """
UNWIND $rows AS r
MATCH (p:Proposal {id: r[0]})
SET p.state = r[1], p.closedAt = r[2], p.closed = r[3], p.evaluation = r[4]
REMOVE p.open"""

# What a wave changes besides the log, in this order: nodes before the relationships that end at them.
ORDER = (
    AGENTS,
    ORGANISMS,
    PROGRAMS,
    FOLLOWED,
    FOLLOWS,
    PROFILES,
    INVITATIONS,
    EXPRESSIONS,
    SPOKEN,
    RETRACTED,
    PROPOSALS,
    ABOUT,
    UNVOTED,
    VOUCHED,
    DECLINED,
    JOINED,
    FORMER_MEMBERS,
    REMOVED,
    UNINVITED,
    MEMBERS,
    CLOSED,
    FACTS,
)

# What every batch writes, and all that a batch of first verdicts writes.
# Whatever else was read of an organism, `head` is its state in one property, so that nobody sees half of it.
_APPENDED = """
CALL () {
  UNWIND $keys AS r
  CREATE (:IdempotencyKey {id: r[0], agent: r[1], key: r[2], fingerprint: r[3], result: r[4]})
}
CALL () {
  UNWIND $entries AS r
  CREATE (:Entry {organism: r[0], seq: r[1], position: r[2], event: r[3], at: r[4], text: r[5],
                  statement: r[6], result: r[7], member: r[8]})
}
CALL () {
  UNWIND $signed AS r
  MATCH (a:Agent {did: r[1]}) MATCH (e:Expression {key: r[0]})
  CREATE (a)-[:SIGNED {expression: r[0], did: r[1], verdict: r[2], position: r[3], statement: r[4],
                       signature: r[5], at: r[6], automatic: r[7], asSpoken: r[8]}]->(e)
}
CALL () {
  UNWIND $counts AS r
  MATCH (:Organism)-[s:SPOKE {key: r[0]}]->(:Expression)
  SET s.concurring = s.concurring + r[1]
}
CALL () {
  UNWIND $heads AS r
  MATCH (o:Organism {uri: r[0]})
  SET o.head = r[1], o.epoch = r[2], o.size = r[3], o.factsSize = r[4], o.memberCount = r[5], o.root = r[6],
      o.roster = r[7], o.dna = r[8], o.frontier = r[9]
}
"""

APPEND = f"{_APPENDED}MATCH (l:Log {{id: 1}}) SET l.position = $position"

# In one round trip, and with a row to show for it, where the log is still at the position that was planned from.
APPEND_AT = f"""
MATCH (l:Log {{id: 1}}) SET l.turn = l.turn
WITH l WHERE l.position = $planned
SET l.position = $position
WITH l{_APPENDED}RETURN l.id"""

RESIGNED = """
UNWIND $rows AS r
MATCH (:Agent)-[s:SIGNED {expression: r[0], did: r[1]}]->(:Expression)
SET s.verdict = r[2], s.position = r[3], s.statement = r[4], s.signature = r[5], s.at = r[6],
    s.automatic = r[7], s.asSpoken = r[8]"""
