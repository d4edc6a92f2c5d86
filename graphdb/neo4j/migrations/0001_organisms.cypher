// Organisms, their logs, and what the logs decide.
//
// An expression's key is the SHA-256 of its URL in hex: a URL may be longer than an index entry (8 kB).
// `turn` never changes: setting it to itself takes the node's write lock (see connection.py).
// Times end in `At` as milliseconds since 1970, and are ISO texts otherwise.

CREATE CONSTRAINT log_id IF NOT EXISTS FOR (l:Log) REQUIRE l.id IS UNIQUE;
CREATE CONSTRAINT organism_uri IF NOT EXISTS FOR (o:Organism) REQUIRE o.uri IS UNIQUE;
CREATE CONSTRAINT organism_position IF NOT EXISTS FOR (o:Organism) REQUIRE o.position IS UNIQUE;
CREATE CONSTRAINT dna_hash IF NOT EXISTS FOR (d:Dna) REQUIRE d.hash IS UNIQUE;
CREATE CONSTRAINT agent_did IF NOT EXISTS FOR (a:Agent) REQUIRE a.did IS UNIQUE;

// An entry carries the id of its statement, and the DID it admits or removes as `member`, where it has one.
CREATE CONSTRAINT entry_position IF NOT EXISTS FOR (e:Entry) REQUIRE e.position IS UNIQUE;
CREATE CONSTRAINT entry_seq IF NOT EXISTS FOR (e:Entry) REQUIRE (e.organism, e.seq) IS UNIQUE;
CREATE CONSTRAINT entry_statement IF NOT EXISTS FOR (e:Entry) REQUIRE e.statement IS UNIQUE;
CREATE INDEX entry_organism IF NOT EXISTS FOR (e:Entry) ON (e.organism, e.position);
CREATE INDEX entry_member IF NOT EXISTS FOR (e:Entry) ON (e.member, e.position);
CREATE CONSTRAINT idempotency_id IF NOT EXISTS FOR (k:IdempotencyKey) REQUIRE k.id IS UNIQUE;

CREATE CONSTRAINT member_of IF NOT EXISTS FOR ()-[m:MEMBER_OF]-() REQUIRE (m.organism, m.did) IS UNIQUE;
CREATE CONSTRAINT was_member_of IF NOT EXISTS FOR ()-[m:WAS_MEMBER_OF]-() REQUIRE (m.organism, m.did, m.epoch) IS UNIQUE;
CREATE CONSTRAINT invited IF NOT EXISTS FOR ()-[i:INVITED]-() REQUIRE (i.organism, i.did) IS UNIQUE;

CREATE CONSTRAINT expression_key IF NOT EXISTS FOR (e:Expression) REQUIRE e.key IS UNIQUE;
CREATE CONSTRAINT spoke_key IF NOT EXISTS FOR ()-[s:SPOKE]-() REQUIRE s.key IS UNIQUE;
CREATE CONSTRAINT spoke_position IF NOT EXISTS FOR ()-[s:SPOKE]-() REQUIRE (s.organism, s.position) IS UNIQUE;
CREATE CONSTRAINT signed_once IF NOT EXISTS FOR ()-[s:SIGNED]-() REQUIRE (s.expression, s.did) IS UNIQUE;
CREATE INDEX signed_automatic IF NOT EXISTS FOR ()-[s:SIGNED]-() ON (s.automatic, s.did, s.position);

// `open` is true while a proposal is open and absent afterwards: one open proposal per change and subject.
CREATE CONSTRAINT proposal_id IF NOT EXISTS FOR (p:Proposal) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT proposal_open IF NOT EXISTS FOR (p:Proposal) REQUIRE (p.open, p.organism, p.change, p.subject) IS UNIQUE;
CREATE INDEX proposal_position IF NOT EXISTS FOR (p:Proposal) ON (p.organism, p.position);
CREATE INDEX proposal_subject IF NOT EXISTS FOR (p:Proposal) ON (p.open, p.subject, p.position);
CREATE CONSTRAINT vouched IF NOT EXISTS FOR ()-[v:VOUCHED]-() REQUIRE (v.proposal, v.did) IS UNIQUE;
CREATE CONSTRAINT declined IF NOT EXISTS FOR ()-[v:DECLINED]-() REQUIRE (v.proposal, v.did) IS UNIQUE;

CREATE CONSTRAINT auto_concur_off IF NOT EXISTS FOR (n:AutoConcurOff) REQUIRE (n.did, n.organism) IS UNIQUE;

CALL db.awaitIndexes(60);

MERGE (l:Log {id: 1}) ON CREATE SET l.position = 0, l.turn = 0;
