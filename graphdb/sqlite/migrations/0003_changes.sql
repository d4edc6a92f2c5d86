-- How organisms change their own rules, and what members let be signed in their name.
ALTER TABLE proposal ADD COLUMN base TEXT;
ALTER TABLE proposal ADD COLUMN profile TEXT;

-- Which Social DNA an organism followed from which epoch on.
CREATE TABLE adoption (
    organism TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    dna TEXT NOT NULL,
    proposal TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (organism, epoch)
) WITHOUT ROWID;
INSERT INTO adoption SELECT uri, 0, dna, NULL, created_at FROM organism;

-- Social DNA that a member accepts though it did not vouch for it, for what the server signs in its name.
CREATE TABLE dna_confirmed (
    did TEXT NOT NULL,
    organism TEXT NOT NULL,
    dna TEXT NOT NULL,
    PRIMARY KEY (did, organism, dna)
) WITHOUT ROWID;

-- Expressions that the server evaluated for a member and did not sign: "false" or "undecided".
CREATE TABLE unsigned (
    did TEXT NOT NULL,
    url TEXT NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (did, url)
) WITHOUT ROWID;

-- What recorded evaluations looked at, by the hash of their facts, of the newest ones of each organism.
CREATE TABLE kept_facts (
    organism TEXT NOT NULL,
    hash TEXT NOT NULL,
    position INTEGER NOT NULL,
    facts BLOB NOT NULL,
    PRIMARY KEY (organism, hash)
) WITHOUT ROWID;
CREATE INDEX kept_facts_position ON kept_facts (organism, position);
