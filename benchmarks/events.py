"""How long an event takes from its commit to a subscriber's socket, on the embedded store.

The clock starts when the commit is durable and stops when the subscriber has read the message from its own real
socket; both ends run in this one process, so the client's work is in the figure.
Run: python -m benchmarks.events
"""

import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import uvicorn
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.populations import Population, found, speak
from benchmarks.report import Measured, show
from graphdb.store import Store
from server.app import create_app
from server.settings import Settings
from subscriptions.bus import Bus

EVENTS, SUBSCRIBERS = 300, 10
PROTOCOL = Subprotocol("graphql-transport-ws")
WATCH = 'subscription { soEvents(soURI: "%s") { cursor entry { seq event } } }'


async def main() -> None:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        app = create_app(Settings(data=Path(folder), port=0))
        server = uvicorn.Server(uvicorn.Config(app, port=0, ws="websockets-sansio", log_config=None, lifespan="on"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            waits = await measure(app.state.services.store, app.state.services.bus, port)
        finally:
            server.should_exit = True
            await serving
    rows = [
        Measured("commit to socket, p50", median(waits) * 1000, "ms", 5.0, "allowed", "≤ 5 ms"),
        Measured("commit to socket, p99", quantiles(waits, n=100)[98] * 1000, "ms"),
    ]
    show(f"Events, {SUBSCRIBERS} subscribers, one event at a time", rows)


async def measure(store: Store, bus: Bus, port: int) -> list[float]:
    population: Population = await found(store, 3, "benchmark events")
    sockets = [await _subscriber(port, population.uri) for _ in range(SUBSCRIBERS)]
    waits: list[float] = []
    for number in range(EVENTS):
        await speak(store, population, number)
        committed = perf_counter()
        bus.wake()
        for socket in sockets:
            await socket.recv()
            waits.append(perf_counter() - committed)
    for socket in sockets:
        await socket.close()
    return waits


async def _subscriber(port: int, uri: str) -> ClientConnection:
    socket = await connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=[PROTOCOL], compression=None)
    await socket.send(json.dumps({"type": "connection_init", "payload": {}}))
    await socket.recv()
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": WATCH % uri}}))
    await socket.send(json.dumps({"type": "ping"}))
    await socket.recv()
    return socket


if __name__ == "__main__":
    uvloop.run(main())
