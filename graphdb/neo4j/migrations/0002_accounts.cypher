// Hosted agents and the tokens that agents granted.

CREATE CONSTRAINT hosted_agent_did IF NOT EXISTS FOR (h:HostedAgent) REQUIRE h.did IS UNIQUE;
CREATE CONSTRAINT hosted_agent_number IF NOT EXISTS FOR (h:HostedAgent) REQUIRE h.number IS UNIQUE;
CREATE CONSTRAINT app_request IF NOT EXISTS FOR (a:App) REQUIRE a.requestId IS UNIQUE;
CREATE INDEX app_agent IF NOT EXISTS FOR (a:App) ON (a.agent, a.issuedAt);
CREATE CONSTRAINT dead_token IF NOT EXISTS FOR (t:DeadToken) REQUIRE t.id IS UNIQUE;

CALL db.awaitIndexes(60);
