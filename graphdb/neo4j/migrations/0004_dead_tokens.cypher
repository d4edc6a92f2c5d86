// Tokens that died are numbered, so that a process reads only what is new to it.

MATCH (t:DeadToken) WHERE t.number IS NULL
WITH t ORDER BY t.id
WITH collect(t) AS dead
UNWIND range(0, size(dead) - 1) AS i
WITH dead[i] AS t, i
SET t.number = i + 1;
CREATE CONSTRAINT dead_token_number IF NOT EXISTS FOR (t:DeadToken) REQUIRE t.number IS UNIQUE;

CALL db.awaitIndexes(60);
