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
