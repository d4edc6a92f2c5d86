-- Organisms, their logs, and what the logs decide.
CREATE TABLE log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL
);
INSERT INTO log VALUES (1, 0);

CREATE TABLE organism (
    uri TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    founder TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    size INTEGER NOT NULL,
    facts_size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    root TEXT NOT NULL,
    roster TEXT NOT NULL,
    member_count INTEGER NOT NULL,
    dna TEXT NOT NULL,
    meta TEXT,
    nucleus_neighbourhood TEXT,
    outputs_neighbourhood TEXT,
    inputs_dm_language TEXT
) WITHOUT ROWID;

CREATE TABLE dna (hash TEXT PRIMARY KEY, program TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE entry (
    position INTEGER PRIMARY KEY,
    organism TEXT NOT NULL,
    seq INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    text TEXT NOT NULL
);
CREATE UNIQUE INDEX entry_seq ON entry (organism, seq);

CREATE TABLE statement (id TEXT PRIMARY KEY, result TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE idempotency (
    agent TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (agent, key)
) WITHOUT ROWID;

CREATE TABLE membership (
    organism TEXT NOT NULL,
    did TEXT NOT NULL,
    since_epoch INTEGER NOT NULL,
    since INTEGER NOT NULL,
    since_position INTEGER NOT NULL,
    until_epoch INTEGER,
    until_position INTEGER,
    PRIMARY KEY (organism, did, since_epoch)
) WITHOUT ROWID;
CREATE INDEX membership_did ON membership (did);
CREATE UNIQUE INDEX membership_present ON membership (organism, did) WHERE until_epoch IS NULL;

CREATE TABLE invitation (organism TEXT NOT NULL, did TEXT NOT NULL, PRIMARY KEY (organism, did)) WITHOUT ROWID;
CREATE INDEX invitation_did ON invitation (did);

CREATE TABLE spoken (
    url TEXT PRIMARY KEY,
    organism TEXT NOT NULL,
    position INTEGER NOT NULL,
    content TEXT NOT NULL,
    speaker TEXT NOT NULL,
    language TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    roster TEXT NOT NULL,
    dna TEXT NOT NULL,
    spoken_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    concurring INTEGER NOT NULL,
    members INTEGER NOT NULL,
    retracted_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX spoken_position ON spoken (organism, position);

CREATE TABLE verdict (
    url TEXT NOT NULL,
    did TEXT NOT NULL,
    verdict TEXT NOT NULL,
    position INTEGER NOT NULL,
    statement_id TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    automatic INTEGER NOT NULL,
    as_spoken INTEGER NOT NULL,
    PRIMARY KEY (url, did)
) WITHOUT ROWID;
CREATE INDEX verdict_automatic ON verdict (did, position) WHERE automatic;

CREATE TABLE proposal (
    id TEXT PRIMARY KEY,
    organism TEXT NOT NULL,
    position INTEGER NOT NULL,
    change TEXT NOT NULL,
    subject TEXT NOT NULL,
    author TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    note TEXT,
    joined_at INTEGER,
    closed_at INTEGER,
    evaluation TEXT
) WITHOUT ROWID;
CREATE INDEX proposal_position ON proposal (organism, position);
CREATE UNIQUE INDEX proposal_open ON proposal (organism, change, subject) WHERE state = 'OPEN';
CREATE INDEX proposal_subject ON proposal (subject) WHERE state = 'OPEN';

CREATE TABLE vote (
    proposal TEXT NOT NULL,
    did TEXT NOT NULL,
    vote TEXT NOT NULL,
    reason TEXT,
    timestamp INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (proposal, did)
) WITHOUT ROWID;

CREATE TABLE auto_concur_off (did TEXT NOT NULL, organism TEXT NOT NULL, PRIMARY KEY (did, organism)) WITHOUT ROWID;

CREATE TABLE expression (
    url TEXT PRIMARY KEY,
    language TEXT NOT NULL,
    text TEXT
) WITHOUT ROWID;
