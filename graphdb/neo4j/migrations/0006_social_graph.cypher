// Who is connected to whom: (:Person)-[:KNOWS]->(:Person), once for each observer and pair, from the lesser id.
//
// `circle` is the observer's number: searches compare it on every connection they pass, and a DID takes three times as long.

CREATE CONSTRAINT circle_observer IF NOT EXISTS FOR (c:Circle) REQUIRE c.observer IS UNIQUE;
CREATE CONSTRAINT circle_number IF NOT EXISTS FOR (c:Circle) REQUIRE c.number IS UNIQUE;
CREATE CONSTRAINT knows_once IF NOT EXISTS FOR ()-[k:KNOWS]-() REQUIRE (k.circle, k.one, k.other) IS UNIQUE;
CREATE INDEX knows_other IF NOT EXISTS FOR ()-[k:KNOWS]-() ON (k.circle, k.other, k.one);

CALL db.awaitIndexes(60);
