-- People: the registry that all observers share. `state` is 'known', 'merged' or 'forgotten'.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    merged_into TEXT,
    record TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX person_known ON person (position) WHERE state = 'known';
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;

-- `kind` is 'account' for channel:sender_id and 'did' for an agent.
CREATE TABLE person_identity (
    kind TEXT NOT NULL,
    identity TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (kind, identity)
) WITHOUT ROWID;

-- The keys of names: two names are confusable when they share one.
CREATE TABLE person_name (key TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (key, person)) WITHOUT ROWID;

CREATE TABLE person_event (
    person TEXT NOT NULL,
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (person, number)
) WITHOUT ROWID;

-- What an observer holds about a person hangs together here. `rows` counts the history, `interactions` what counts of
-- it; `era` moves with whatever changes older parts of it. Trust is a projection.
CREATE TABLE relation (
    id INTEGER PRIMARY KEY,
    observer TEXT NOT NULL,
    person TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    era INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    interactions INTEGER NOT NULL DEFAULT 0,
    override TEXT,
    score REAL,
    tier TEXT,
    at INTEGER,
    valid_until INTEGER,
    summary TEXT,
    with_subject INTEGER NOT NULL DEFAULT 0,
    with_everybody INTEGER NOT NULL DEFAULT 0,
    marks TEXT NOT NULL DEFAULT '[]',
    UNIQUE (observer, person)
);
CREATE INDEX relation_person ON relation (person);
CREATE INDEX relation_score ON relation (observer, -score, person) WHERE score IS NOT NULL;
CREATE INDEX relation_due ON relation (valid_until, observer) WHERE valid_until IS NOT NULL;

-- The history. `counted` says whether the running signals took it in when it came; a retracted row counts no more.
CREATE TABLE interaction (
    relation INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    done_by TEXT NOT NULL,
    at INTEGER NOT NULL,
    context TEXT,
    source TEXT,
    weight REAL NOT NULL,
    severity REAL,
    code TEXT,
    pardoned_at INTEGER,
    sentiment REAL,
    recorded_at INTEGER NOT NULL,
    retracted_at INTEGER,
    counted INTEGER NOT NULL,
    likeness BLOB,
    PRIMARY KEY (relation, sequence)
) WITHOUT ROWID;
CREATE UNIQUE INDEX interaction_id ON interaction (relation, id);
CREATE INDEX interaction_at ON interaction (relation, at, id) WHERE retracted_at IS NULL;
CREATE INDEX interaction_alike ON interaction (relation, likeness, at, id)
    WHERE likeness IS NOT NULL AND retracted_at IS NULL;

-- What a client's own key was first answered with.
CREATE TABLE interaction_key (
    observer TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (observer, key)
) WITHOUT ROWID;

-- Running signals as of a head, with a checksum. They are no truth: the history is.
CREATE TABLE signals (
    relation INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL,
    era INTEGER NOT NULL,
    signals BLOB NOT NULL
);

CREATE TABLE tier_change (
    observer TEXT NOT NULL,
    position INTEGER NOT NULL,
    person TEXT NOT NULL,
    at INTEGER NOT NULL,
    score REAL NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    PRIMARY KEY (observer, position)
) WITHOUT ROWID;
CREATE INDEX tier_change_person ON tier_change (person);

CREATE TABLE note (
    relation INTEGER NOT NULL,
    id TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    content TEXT NOT NULL,
    author TEXT NOT NULL,
    source TEXT,
    PRIMARY KEY (relation, id)
) WITHOUT ROWID;

CREATE TABLE opinion (relation INTEGER PRIMARY KEY, r REAL NOT NULL, s REAL NOT NULL, at INTEGER NOT NULL);

CREATE TABLE trust_snapshot (
    relation INTEGER NOT NULL,
    date INTEGER NOT NULL,
    score REAL NOT NULL,
    tier TEXT NOT NULL,
    profile TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (relation, date)
) WITHOUT ROWID;

CREATE TABLE appeal (
    number INTEGER PRIMARY KEY,
    relation INTEGER NOT NULL,
    observer TEXT NOT NULL,
    id TEXT NOT NULL,
    appellant TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    interaction TEXT,
    answer TEXT,
    answered_by TEXT,
    answered_at INTEGER,
    UNIQUE (observer, id)
);
CREATE INDEX appeal_relation ON appeal (relation, number);
CREATE INDEX appeal_observer ON appeal (observer, number);

-- Who did what about whom; without an observer it was done to the registry.
CREATE TABLE people_audit (
    number INTEGER PRIMARY KEY,
    observer TEXT,
    person TEXT NOT NULL,
    deed TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    about TEXT
);
CREATE INDEX people_audit_observer ON people_audit (observer, number);
CREATE INDEX people_audit_person ON people_audit (observer, person, number);

-- Violations of forgotten people, found again by a salted fingerprint of what they were known by.
CREATE TABLE people_salt (id INTEGER PRIMARY KEY CHECK (id = 1), salt BLOB NOT NULL);
INSERT INTO people_salt VALUES (1, randomblob(32));
CREATE TABLE kept_violation (
    fingerprint BLOB NOT NULL,
    observer TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    severity REAL,
    code TEXT,
    pardoned_at INTEGER,
    PRIMARY KEY (fingerprint, observer, id)
) WITHOUT ROWID;
