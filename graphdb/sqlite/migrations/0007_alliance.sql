-- What an observer held of a person when it was last looked at: a projection.
ALTER TABLE relation ADD COLUMN relationship TEXT;
ALTER TABLE relation ADD COLUMN regard_score INTEGER;
ALTER TABLE relation ADD COLUMN regard_at INTEGER;
ALTER TABLE relation ADD COLUMN regard_until INTEGER;
ALTER TABLE relation ADD COLUMN regard_basis TEXT;

-- Positions are never used twice: a cursor outlives what was forgotten.
CREATE TABLE relationship_change (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    observer TEXT NOT NULL,
    person TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    score INTEGER NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX relationship_change_observer ON relationship_change (observer, position);
CREATE INDEX relationship_change_person ON relationship_change (person);
