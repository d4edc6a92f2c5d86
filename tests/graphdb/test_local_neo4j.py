"""A local Neo4j runs, survives a crash with its data, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from neo4j import AsyncGraphDatabase, GraphDatabase
from neo4j.exceptions import AuthError

from graphdb.neo4j.local import CURRENT, LONG_TERM, DidNotStart, LocalNeo4j, PortTaken, UnknownVersion
from graphdb.neo4j.local.port import free_port
from tests.neo4j_server import VERSIONS, short_lived, start, wipe


def query(server: LocalNeo4j, statement: str) -> list[object]:
    with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        return [record[0] for record in driver.execute_query(statement, database_="neo4j").records]


def group_of(pid: int) -> list[psutil.Process]:
    """The processes in the group of that process: the server and its watcher."""
    group = os.getpgid(pid)
    return [each for each in psutil.process_iter() if psutil.pid_exists(each.pid) and os.getpgid(each.pid) == group]


def wait_until_ended(processes: list[psutil.Process]) -> None:
    """Wait for processes that are not our children, so that their status may never be collected."""
    deadline = time.monotonic() + 30
    while any(is_alive(each) for each in processes):
        assert time.monotonic() < deadline, f"still running: {processes}"


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_a_server_answers_a_routing_driver(empty_neo4j: LocalNeo4j) -> None:
    async with AsyncGraphDatabase.driver(empty_neo4j.uri) as driver:
        await driver.verify_connectivity()

        records, _, _ = await driver.execute_query("RETURN 1 AS one", database_="neo4j")

    assert [record["one"] for record in records] == [1]


def test_each_release_runs_in_its_own_language(neo4j_5: LocalNeo4j, neo4j_2026: LocalNeo4j) -> None:
    component = "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions[0]"
    language = "SHOW SETTINGS 'db.query.default_language' YIELD value RETURN value"

    assert query(neo4j_5, component) == [LONG_TERM]
    assert query(neo4j_2026, component) == [CURRENT]
    assert query(neo4j_2026, language) == ["CYPHER_25"]


def test_two_servers_at_once_are_apart(neo4j_5: LocalNeo4j, neo4j_2026: LocalNeo4j) -> None:
    for server in (neo4j_5, neo4j_2026):
        wipe(server)

    query(neo4j_5, "CREATE (:Here)")

    assert neo4j_5.port != neo4j_2026.port
    assert query(neo4j_5, "MATCH (n) RETURN count(n)") == [1]
    assert query(neo4j_2026, "MATCH (n) RETURN count(n)") == [0]


def test_wiping_removes_data_constraints_and_indexes(empty_neo4j: LocalNeo4j) -> None:
    query(empty_neo4j, "CREATE CONSTRAINT key FOR (n:Thing) REQUIRE n.key IS UNIQUE")
    query(empty_neo4j, "CREATE INDEX `an index` FOR ()-[r:TO]-() ON (r.at)")
    query(empty_neo4j, "UNWIND range(1, 25000) AS key CREATE (:Thing {key: key})-[:TO {at: key}]->(:Thing)")

    wipe(empty_neo4j)

    assert query(empty_neo4j, "MATCH (n) RETURN count(n)") == [0]
    assert query(empty_neo4j, "SHOW CONSTRAINTS") == []
    assert query(empty_neo4j, "SHOW INDEXES YIELD type WHERE type <> 'LOOKUP'") == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_killed_server_comes_back_with_what_was_committed_and_leaves_nothing(version: str) -> None:
    with closing(short_lived(version)) as server:
        start(server)
        port, first = server.port, server.pid
        query(server, "CREATE (:Kept {name: 'before the crash'})")

        server.kill()
        was_running = server.running
        server.restart()

        assert not was_running
        assert server.pid != first
        assert server.port == port
        assert query(server, "MATCH (n:Kept) RETURN n.name") == ["before the crash"]
        home, group = server.home, group_of(server.pid)

    assert len(group) == 2
    assert not any(psutil.pid_exists(each.pid) for each in group)
    assert not home.exists()


def test_named_data_and_password_outlive_the_server(tmp_path: Path) -> None:
    data, password = tmp_path / "data", "correct horse"
    with closing(short_lived(data=data, password=password)) as server:
        start(server)
        query(server, "CREATE (:Kept)")

    with short_lived(data=data, password=password) as server:
        assert query(server, "MATCH (n:Kept) RETURN count(n)") == [1]
        with (
            GraphDatabase.driver(server.uri, auth=("neo4j", "neo4j")) as intruder,
            pytest.raises(AuthError),
        ):
            intruder.verify_connectivity()


PARENT = """
import sys
from graphdb.neo4j.local import SHORT_LIVED, LocalNeo4j
server = LocalNeo4j(java_options=SHORT_LIVED)
server.start()
print(server.pid, server.home, flush=True)
sys.stdin.read()
"""


def test_nothing_is_left_when_the_parent_is_killed(neo4j_5: LocalNeo4j) -> None:
    command = (sys.executable, "-c", PARENT)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid, home = parent.stdout.readline().split()
        group = group_of(int(pid))

        parent.send_signal(signal.SIGKILL)

    wait_until_ended(group)
    assert len(group) == 2
    assert not Path(home).exists()


IN_THE_BACKGROUND = ("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh")
"""What a script's shell starts with `&` ignores SIGINT, and so does all that it starts, unless it says otherwise."""


def test_the_command_serves_until_it_is_interrupted(neo4j_5: LocalNeo4j) -> None:
    port = free_port()
    command = (*IN_THE_BACKGROUND, sys.executable, "-m", "graphdb.neo4j.local", "--port", str(port))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(2)]
        uri = lines[1].strip().removeprefix("CHORUS_STORE=")
        with GraphDatabase.driver(uri) as driver:
            driver.verify_connectivity()

        process.send_signal(signal.SIGINT)
        last = process.stdout.read()

    assert uri == f"neo4j://127.0.0.1:{port}"
    assert last == "Stopped.\n"
    assert process.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_wrong_setting_is_named_with_the_servers_own_words(neo4j_5: LocalNeo4j) -> None:
    server = short_lived(settings={"no.such.setting": "1"})

    with closing(server), pytest.raises(DidNotStart, match=r"no\.such\.setting"):
        server.start()


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = LocalNeo4j(port=listener.getsockname()[1])

        with pytest.raises(PortTaken):
            server.start()


def test_an_untried_release_is_refused() -> None:
    with pytest.raises(UnknownVersion, match=r"5\.26\.30"):
        LocalNeo4j("4.4.0")
