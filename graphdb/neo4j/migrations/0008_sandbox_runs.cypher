// Runs of the sandbox: (:SandboxRun) says what is run, a (:SandboxEpoch) what came of each epoch. `open` is true until it is over.

CREATE CONSTRAINT sandbox_run_id IF NOT EXISTS FOR (r:SandboxRun) REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT sandbox_run_number IF NOT EXISTS FOR (r:SandboxRun) REQUIRE r.number IS UNIQUE;
CREATE INDEX sandbox_run_owner IF NOT EXISTS FOR (r:SandboxRun) ON (r.owner, r.number);
CREATE INDEX sandbox_run_open IF NOT EXISTS FOR (r:SandboxRun) ON (r.server, r.open);
CREATE CONSTRAINT sandbox_epoch IF NOT EXISTS FOR (e:SandboxEpoch) REQUIRE (e.run, e.epoch) IS UNIQUE;

CALL db.awaitIndexes(60);
