"""SQLite when its file system takes no more: clear errors, nothing lost, and on again once there is room."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from tests.faults.audit import audit
from tests.faults.process import ServerProcess, serving
from tests.faults.watcher import Watcher
from tests.faults.world import found

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit another process")

BALLAST = 64 << 20


def limit_files(server: ServerProcess, size: int) -> None:
    """No file of the server may grow beyond `size` bytes: writing there fails as on a full disk."""
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def ballast(path: Path) -> Iterator[Path]:
    """A write-ahead log that is longer than `BALLAST` and cannot begin anew while this lasts; gives its path.

    The limit on files holds for the engine's snapshots in memory too; the log must reach it first.
    """
    reader, writer = apsw.Connection(str(path)), apsw.Connection(str(path))
    writer.execute("PRAGMA journal_mode = WAL").fetchall()
    writer.execute("CREATE TABLE ballast (bytes BLOB)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM ballast").fetchall()
    writer.execute("INSERT INTO ballast VALUES (zeroblob(?))", (BALLAST,))
    try:
        yield path.with_name(f"{path.name}-wal")
    finally:
        reader.close(force=True)
        writer.close(force=True)


async def test_a_full_disk_loses_nothing_and_the_server_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with ballast(tmp_path / "chorus.db") as log:
        async with serving(tmp_path, settle_interval=1) as server:
            world = await found(server.connect, seed=2)
            fleet, watcher = world.fleet, Watcher(world.organisms[0], world.fleet.actors[0].token)
            watching = asyncio.ensure_future(watcher.watch(server))
            load = asyncio.ensure_future(fleet.run(server.connect))
            await fleet.answers(60, load)

            for _ in range(3):
                limit_files(server, log.stat().st_size)
                await fleet.refusals("STORE_UNAVAILABLE", 20, load)
                async with server.connect() as opened:
                    assert (await opened.ask("{ soAll { totalCount } }"))["soAll"]["totalCount"] == len(world.organisms)
                limit_files(server, resource.RLIM_INFINITY)
                await fleet.acceptances(30, load)

            assert "INTERNAL" not in fleet.codes, "".join(server.output)
            await server.kill()
            await asyncio.gather(load, watching)
            assert not server.unexpected(), server.unexpected()
    async with serving(tmp_path) as server:
        await world.unlock(server.connect)
        await fleet.settle(server.connect)
        async with server.connect() as opened:
            audited = [await audit(opened, uri, fleet.ledger) for uri in world.organisms]
        await watcher.watch(server, until=audited[0].counted.size)
        assert watcher.seen == audited[0].texts
