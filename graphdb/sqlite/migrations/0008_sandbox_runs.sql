-- Runs of the sandbox: the header says what is run, the epochs what came of it.
CREATE TABLE sandbox_run (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    server TEXT NOT NULL,
    header TEXT NOT NULL,
    epochs INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    settled INTEGER NOT NULL,
    problem TEXT
);
CREATE INDEX sandbox_run_owner ON sandbox_run (owner, number);
CREATE INDEX sandbox_run_open ON sandbox_run (server, number) WHERE state IN ('queued', 'running');

CREATE TABLE sandbox_epoch (
    run TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    metrics TEXT NOT NULL,
    PRIMARY KEY (run, epoch)
) WITHOUT ROWID;
