-- Hosted agents and the tokens that agents granted.
CREATE TABLE hosted_agent (
    number INTEGER PRIMARY KEY,
    did TEXT NOT NULL UNIQUE,
    name TEXT,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE app (
    request_id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    auth TEXT NOT NULL,
    token_id TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX app_agent ON app (agent, issued_at);

CREATE TABLE dead_token (token_id TEXT PRIMARY KEY) WITHOUT ROWID;
