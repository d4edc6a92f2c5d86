// How organisms change their own rules. FOLLOWS is the Social DNA of now, FOLLOWED what it was before.

CREATE CONSTRAINT follows IF NOT EXISTS FOR ()-[f:FOLLOWS]-() REQUIRE f.organism IS UNIQUE;
CREATE CONSTRAINT followed IF NOT EXISTS FOR ()-[f:FOLLOWED]-() REQUIRE (f.organism, f.epoch) IS UNIQUE;

CALL db.awaitIndexes(60);
