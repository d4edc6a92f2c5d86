-- Tokens that died are numbered, so that a process reads only what is new to it.
CREATE TABLE died (
    number INTEGER PRIMARY KEY,
    token_id TEXT NOT NULL UNIQUE
);
INSERT INTO died (token_id) SELECT token_id FROM dead_token ORDER BY token_id;
DROP TABLE dead_token;
ALTER TABLE died RENAME TO dead_token;
