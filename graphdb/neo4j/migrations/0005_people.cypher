// People: the registry that all observers share, and what each observer recorded and keeps.
//
// `PeopleLog` holds the lock of every write about people, and the salt of fingerprints. A person's `state` is 'known',
// 'merged' or 'forgotten'; `record` is the whole record as JSON. A relation's `head` is where its history stands
// (sequence, era, rows, interactions) and `trust` what was projected of it, each in one property, so that nobody sees
// half of it.

CREATE CONSTRAINT people_log IF NOT EXISTS FOR (l:PeopleLog) REQUIRE l.id IS UNIQUE;
CREATE CONSTRAINT person_id IF NOT EXISTS FOR (p:Person) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT person_position IF NOT EXISTS FOR (p:Person) REQUIRE p.position IS UNIQUE;
CREATE INDEX person_known IF NOT EXISTS FOR (p:Person) ON (p.state, p.position);
CREATE INDEX person_merged IF NOT EXISTS FOR (p:Person) ON (p.mergedInto);
CREATE CONSTRAINT identity IF NOT EXISTS FOR (i:Identity) REQUIRE (i.kind, i.identity) IS UNIQUE;
CREATE CONSTRAINT person_name IF NOT EXISTS FOR (n:PersonName) REQUIRE (n.key, n.person) IS UNIQUE;
CREATE CONSTRAINT person_event IF NOT EXISTS FOR (e:PersonEvent) REQUIRE (e.person, e.number) IS UNIQUE;

CREATE CONSTRAINT relation IF NOT EXISTS FOR (r:Relation) REQUIRE (r.observer, r.person) IS UNIQUE;
CREATE INDEX relation_person IF NOT EXISTS FOR (r:Relation) ON (r.person);
CREATE INDEX relation_below IF NOT EXISTS FOR (r:Relation) ON (r.observer, r.below);
CREATE INDEX relation_due IF NOT EXISTS FOR (r:Relation) ON (r.validUntilAt);
CREATE INDEX relation_marked IF NOT EXISTS FOR (r:Relation) ON (r.observer, r.marked);
CREATE CONSTRAINT trusts IF NOT EXISTS FOR ()-[t:TRUSTS]-() REQUIRE (t.observer, t.person) IS UNIQUE;

CREATE CONSTRAINT interaction_seq IF NOT EXISTS FOR (i:Interaction) REQUIRE (i.observer, i.person, i.seq) IS UNIQUE;
CREATE CONSTRAINT interaction_id IF NOT EXISTS FOR (i:Interaction) REQUIRE (i.observer, i.person, i.id) IS UNIQUE;
CREATE INDEX interaction_at IF NOT EXISTS FOR (i:Interaction) ON (i.observer, i.person, i.happenedAt);
CREATE INDEX interaction_alike IF NOT EXISTS FOR (i:Interaction) ON (i.observer, i.person, i.likeness);
CREATE CONSTRAINT interaction_key IF NOT EXISTS FOR (k:InteractionKey) REQUIRE k.id IS UNIQUE;
CREATE INDEX interaction_key_person IF NOT EXISTS FOR (k:InteractionKey) ON (k.observer, k.person);
CREATE CONSTRAINT signals IF NOT EXISTS FOR (s:Signals) REQUIRE (s.observer, s.person) IS UNIQUE;
CREATE CONSTRAINT tier_change IF NOT EXISTS FOR (c:TierChange) REQUIRE (c.observer, c.position) IS UNIQUE;
CREATE INDEX tier_change_person IF NOT EXISTS FOR (c:TierChange) ON (c.observer, c.person);

CREATE CONSTRAINT note_id IF NOT EXISTS FOR (n:Note) REQUIRE (n.observer, n.person, n.id) IS UNIQUE;
CREATE CONSTRAINT opinion IF NOT EXISTS FOR (o:Opinion) REQUIRE (o.observer, o.person) IS UNIQUE;
CREATE INDEX opinion_person IF NOT EXISTS FOR (o:Opinion) ON (o.person);
CREATE CONSTRAINT trust_snapshot IF NOT EXISTS FOR (s:TrustSnapshot) REQUIRE (s.observer, s.person, s.date) IS UNIQUE;
CREATE CONSTRAINT appeal_id IF NOT EXISTS FOR (a:Appeal) REQUIRE (a.observer, a.id) IS UNIQUE;
CREATE INDEX appeal_number IF NOT EXISTS FOR (a:Appeal) ON (a.observer, a.number);
CREATE CONSTRAINT people_audit IF NOT EXISTS FOR (e:PeopleAudit) REQUIRE e.number IS UNIQUE;
CREATE INDEX people_audit_observer IF NOT EXISTS FOR (e:PeopleAudit) ON (e.observer, e.number);
CREATE INDEX people_audit_person IF NOT EXISTS FOR (e:PeopleAudit) ON (e.observer, e.person);
CREATE INDEX kept_violation IF NOT EXISTS FOR (v:KeptViolation) ON (v.fingerprint);

CALL db.awaitIndexes(60);

MERGE (l:PeopleLog {id: 1})
ON CREATE SET l.turn = 0, l.persons = 0, l.appeals = 0, l.audited = 0, l.salt = randomUUID() + randomUUID();
