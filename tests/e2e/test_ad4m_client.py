"""The released ad4m client, unmodified, against a real server: `test/with-server/ad4m-client.test.ts`."""

from tests.e2e import needs
from tests.e2e.commands import run
from tests.faults.process import ServerProcess


async def test_the_released_ad4m_client_works(chorus_server: ServerProcess) -> None:
    folder = needs.typescript()

    await run("npm", "run", "test:server", cwd=folder, env={"CHORUS_SERVER": chorus_server.url})
