// Runs and sweeps of the sandbox: (:SandboxRun) says what is run, each (:SandboxResult) what came of it. `open` is true until it is over.

CREATE CONSTRAINT sandbox_run_id IF NOT EXISTS FOR (r:SandboxRun) REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT sandbox_run_number IF NOT EXISTS FOR (r:SandboxRun) REQUIRE r.number IS UNIQUE;
CREATE INDEX sandbox_run_owner IF NOT EXISTS FOR (r:SandboxRun) ON (r.owner, r.kind, r.number);
CREATE INDEX sandbox_run_open IF NOT EXISTS FOR (r:SandboxRun) ON (r.server, r.open);
CREATE INDEX sandbox_run_unfinished IF NOT EXISTS FOR (r:SandboxRun) ON (r.owner, r.open);
CREATE CONSTRAINT sandbox_result IF NOT EXISTS FOR (e:SandboxResult) REQUIRE (e.run, e.number) IS UNIQUE;

CALL db.awaitIndexes(60);
