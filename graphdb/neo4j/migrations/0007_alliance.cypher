// What observers hold of people. A relation's `regard` is the relationship last found, in one property; REGARDS tells
// the same to whoever reads the graph. `relationships` of the PeopleLog numbers the changes of all observers.

CREATE CONSTRAINT regards IF NOT EXISTS FOR ()-[r:REGARDS]-() REQUIRE (r.observer, r.person) IS UNIQUE;
CREATE CONSTRAINT relationship_change IF NOT EXISTS FOR (c:RelationshipChange) REQUIRE c.position IS UNIQUE;
CREATE INDEX relationship_change_observer IF NOT EXISTS FOR (c:RelationshipChange) ON (c.observer, c.position);
CREATE INDEX relationship_change_person IF NOT EXISTS FOR (c:RelationshipChange) ON (c.observer, c.person);

CALL db.awaitIndexes(60);
