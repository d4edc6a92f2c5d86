// How organisms change their own rules. FOLLOWS is the Social DNA of now, FOLLOWED what it was before.

CREATE CONSTRAINT follows IF NOT EXISTS FOR ()-[f:FOLLOWS]-() REQUIRE f.organism IS UNIQUE;
CREATE CONSTRAINT followed IF NOT EXISTS FOR ()-[f:FOLLOWED]-() REQUIRE (f.organism, f.epoch) IS UNIQUE;

// Social DNA that a member accepts though it did not vouch for it, for what the server signs in its name;
// expressions that the server evaluated for a member and did not sign.
CREATE CONSTRAINT dna_confirmed IF NOT EXISTS FOR (n:DnaConfirmed) REQUIRE (n.did, n.organism, n.dna) IS UNIQUE;
CREATE CONSTRAINT unsigned_once IF NOT EXISTS FOR (n:Unsigned) REQUIRE (n.did, n.key) IS UNIQUE;

// What recorded evaluations looked at, by the hash of their facts, of the newest ones of each organism.
CREATE CONSTRAINT kept_facts IF NOT EXISTS FOR (f:Facts) REQUIRE (f.organism, f.hash) IS UNIQUE;
CREATE INDEX kept_facts_position IF NOT EXISTS FOR (f:Facts) ON (f.organism, f.position);

CALL db.awaitIndexes(60);
