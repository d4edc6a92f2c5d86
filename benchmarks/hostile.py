"""How long others wait while a program that never ends is being evaluated: a server process, real sockets.

The load is open: requests begin when they are due, at 30 % of what the server answers at most, and their time counts
from when they were due. Every run measures the idle server and the one with a hostile evaluation always in flight.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count, cycle
from statistics import median, quantiles
from time import perf_counter

import orjson

from benchmarks.report import Measured
from domain.canonical import canonical

RUNS, SECONDS, LOAD = 5, 6.0, 0.3
CLIENTS = 16
CREATE = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
HOST = 'mutation { agentCreateHosted(name: "bench", passphrase: "open") { token } }'
READ = "query ($u: String!) { so(uri: $u) { uri name memberCount epoch } }"
MEMBERS = "query ($u: String!) { soMembers(soURI: $u) }"
SPEAK = 'mutation ($u: String!, $c: String!) { soSpeak(soURI: $u, content: $c, languageAddress: "json") { url } }'
HOSTILE = 'register_social_organism("hostile", o).\noutput_expression(_, o) :- repeat, fail.\n'


class Connection:
    """One kept-alive connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str = "") -> None:
        self._reader, self._writer, self._token = reader, writer, token

    async def post(self, query: str, **variables: object) -> dict[str, object]:
        body = orjson.dumps({"query": query, "variables": variables})
        head = "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        head += f"authorization: {self._token}\r\ncontent-length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        headers = await self._reader.readuntil(b"\r\n\r\n")
        length = int(headers.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answer: dict[str, object] = orjson.loads(await self._reader.readexactly(length))
        return answer

    async def ask(self, query: str, **variables: object) -> object:
        """The one field of an answer without errors."""
        answer = await self.post(query, **variables)
        assert "errors" not in answer, answer["errors"]
        (value,) = answer["data"].values()  # type: ignore[attr-defined]  # an object
        return value


@dataclass(frozen=True)
class Place:
    """A running server with one friendly and one hostile organism of one agent."""

    port: int
    token: str
    friendly: str
    hostile: str

    async def connect(self) -> Connection:
        return Connection(*await asyncio.open_connection("127.0.0.1", self.port), self.token)


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        environment = {**os.environ, "CHORUS_DATA": folder, "CHORUS_PORT": "0", "CHORUS_STORE": ""}
        environment |= {"CHORUS_LOG_LEVEL": "ERROR", "CHORUS_LOG_FORMAT": "json"}
        serving = subprocess.Popen(  # noqa: ASYNC220 -- nothing else runs yet
            [sys.executable, "-m", "server", "serve"], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert serving.stdout is not None
            port = int(serving.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
            stranger = Connection(*await asyncio.open_connection("127.0.0.1", port))
            made = await stranger.ask(HOST)
            token = str(made["token"])  # type: ignore[index]  # an object
            own = Connection(*await asyncio.open_connection("127.0.0.1", port), token)
            friendly = str(await own.ask(CREATE, o={"name": "Friendly"}))
            hostile = str(await own.ask(CREATE, o={"name": "Hostile", "dna": HOSTILE}))
            yield Place(port, token, friendly, hostile)
        finally:
            serving.terminate()
            serving.wait()


class Load:
    """Nine reads to one speak, which evaluates a program too."""

    def __init__(self, at: Place) -> None:
        self._at = at
        self._numbers = count()
        self._kinds = cycle([READ] * 5 + [MEMBERS] * 4 + [SPEAK])

    async def once(self, connection: Connection) -> None:
        query = next(self._kinds)
        said = {"c": canonical(f"words {next(self._numbers)}")} if query is SPEAK else {}
        await connection.ask(query, u=self._at.friendly, **said)

    async def most(self, connections: list[Connection]) -> float:
        """Requests a second that the server answers at most."""
        stop, done = perf_counter() + 3.0, 0

        async def client(connection: Connection) -> None:
            nonlocal done
            while perf_counter() < stop:
                await self.once(connection)
                done += 1

        await asyncio.gather(*map(client, connections))
        return done / 3.0

    async def waits(self, connections: list[Connection], rate: float) -> list[float]:
        """Seconds from when each request was due to its answer."""
        free: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in connections:
            free.put_nowait(connection)
        waits: list[float] = []
        start = perf_counter()

        async def one(due: float) -> None:
            connection = await free.get()
            await self.once(connection)
            waits.append(perf_counter() - due)
            free.put_nowait(connection)

        async with asyncio.TaskGroup() as running:
            for number in range(round(SECONDS * rate)):
                due = start + number / rate
                await asyncio.sleep(max(0.0, due - perf_counter()))
                running.create_task(one(due))
        return waits


async def _hostile(at: Place) -> None:
    """One evaluation that runs into its limit after the other."""
    connection = await at.connect()
    for number in count():
        answer = await connection.post(SPEAK, u=at.hostile, c=canonical(f"hostile {number}"))
        assert "DNA_UNDECIDED" in str(answer)


def p99(waits: list[float]) -> float:
    """In milliseconds."""
    return quantiles(waits, n=100)[98] * 1000


async def beside_a_hostile_evaluation() -> list[Measured]:
    async with place() as at:
        load, connections = Load(at), [await at.connect() for _ in range(CLIENTS)]
        rate = LOAD * await load.most(connections)
        runs = []
        for _ in range(RUNS):
            idle = p99(await load.waits(connections, rate))
            hostile = asyncio.ensure_future(_hostile(at))
            beside = p99(await load.waits(connections, rate))
            hostile.cancel()
            await asyncio.gather(hostile, return_exceptions=True)
            runs.append((beside / max(2 * idle, idle + 10), idle, beside))
    _, idle, beside = sorted(runs)[RUNS // 2]
    allowed = max(2 * idle, idle + 10)
    figures = [Measured("requests", rate, "/s"), Measured("p99 without, of the median run", idle, "ms")]
    name = f"p99 beside it, median of {RUNS} runs"
    worst = median(run[0] for run in runs)
    return [*figures, Measured(name, beside, "ms", allowed, "allowed", f"ratio ≤ 1, median {worst:.2f}")]
