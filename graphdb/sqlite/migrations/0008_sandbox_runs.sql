-- Runs and sweeps of the sandbox: the header says what is run, the results what came of it.
CREATE TABLE sandbox_run (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    server TEXT NOT NULL,
    kind TEXT NOT NULL,
    header TEXT NOT NULL,
    results INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    settled INTEGER NOT NULL,
    problem TEXT
);
CREATE INDEX sandbox_run_owner ON sandbox_run (owner, kind, number);
CREATE INDEX sandbox_run_open ON sandbox_run (server, number) WHERE state IN ('queued', 'running');
CREATE INDEX sandbox_run_unfinished ON sandbox_run (owner) WHERE state IN ('queued', 'running');

CREATE TABLE sandbox_result (
    run TEXT NOT NULL,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
