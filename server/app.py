"""The application: everything is wired here, opened by the lifespan and closed by it."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import DomainError
from graphdb.errors import StoreUnavailable
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Store
from resolvers.alliance.relations import AllianceRelations, EveryRelation
from resolvers.context import Observatory, Services
from resolvers.people.maintain import Daily, refresh_due
from resolvers.people.relations import TrustRelations
from resolvers.so.automatic import catch_up_owed, catch_up_unlocked
from resolvers.so.membership import settle_everything
from server.allowances import Allowances
from server.authority import Authority
from server.background import Background, Guards
from server.dna.engine import Engine
from server.dna.judge import Judge
from server.endpoint import Endpoint
from server.identity import load_identity
from server.keyring import StoreKeyring
from server.mcp import endpoint as mcp
from server.metrics import Metrics
from server.notices import LocalNotices
from server.randomness import RandomBytes
from server.sandbox.runner import Runner
from server.schema import ChorusSchema
from server.settings import NEO4J, SQLITE, Settings, no_store
from server.signatures.verifier import Verifier
from subscriptions.bus import Bus

WEB = Path(__file__).parent.parent / "client-examples" / "web" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class UnknownStore(DomainError):
    code = "UNKNOWN_STORE"

    def __init__(self, url: str) -> None:
        super().__init__(no_store(url))


async def open_store(settings: Settings, *, record_aside: bool = False) -> Store:
    """The store that the settings name, opened and migrated; `record_aside` is for the embedded one."""
    url = settings.store_url
    if url.startswith(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        path.parent.mkdir(parents=True, exist_ok=True)
        return await SqliteStore.open(str(path), record_aside=record_aside)
    if url.startswith(NEO4J):
        from graphdb.neo4j.store import Neo4jStore

        user, password = settings.store_user or None, settings.store_password or None
        return await Neo4jStore.open(url, user, password, settings.store_database)
    raise UnknownStore(url)


@asynccontextmanager
async def open_observatory(settings: Settings) -> AsyncIterator[Observatory]:
    """What trust needs of a server, without one."""
    store = await open_store(settings)
    try:
        yield Observatory(store, now_millis, settings.people)
    finally:
        await store.close()


@asynccontextmanager
async def open_services(settings: Settings, *, by_itself: bool = True) -> AsyncIterator[Services]:
    """Everything that lives as long as the process, closed in the opposite order.

    A server also does things by itself: it takes up what its last process left open and settles what time decides.
    A process beside one does not (`by_itself=False`), or both would take up the same.
    """
    async with AsyncExitStack() as stack:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = await open_store(settings, record_aside=settings.records_aside)
        stack.push_async_callback(store.close)
        identity = load_identity(settings.data / "server.key")
        keyring = StoreKeyring(store.accounts, now_millis, os.urandom)
        authority = Authority(store.accounts, keyring, identity, settings.admin_credential, now_millis)
        await stack.enter_async_context(authority)
        engine = await asyncio.to_thread(lambda: Engine(workers=settings.dna_workers))
        stack.callback(engine.close)
        verifier = Verifier(aside=settings.verifies_aside)
        stack.push_async_callback(verifier.close)
        background = Background()
        stack.push_async_callback(background.close)
        observatory = Observatory(store, now_millis, settings.people)
        bus = Bus()
        runner = Runner(
            store, bus, identity.keys.did, settings.data / "runs", now_millis, secrets.token_bytes, settings.sandbox
        )
        stack.push_async_callback(runner.close)
        services = Services(
            store=store,
            engine=Judge(engine),
            keyring=keyring,
            authority=authority,
            bus=bus,
            notices=LocalNotices(),
            server=identity.keys,
            clock=now_millis,
            random=RandomBytes(),
            spawn=background.spawn,
            guard=Guards(),
            limits=settings.limits,
            relations=EveryRelation(TrustRelations(observatory), AllianceRelations(observatory)),
            people=settings.people,
            standings=observatory.standings,
            sandbox=runner,
            verify=verifier.verify,
            allow=Allowances(settings.dna_requests, now_millis),
            version=version("chorus-graphql"),
        )
        if by_itself:
            await runner.recover()
            _work_by_itself(services, background, settings)
        yield services


def _work_by_itself(services: Services, background: Background, settings: Settings) -> None:
    background.spawn(catch_up_unlocked(services))
    background.every(settings.settle_interval, lambda: settle_everything(services))
    background.every(settings.settle_interval, lambda: catch_up_owed(services))
    background.every(settings.people_interval, lambda: refresh_due(services))
    background.every(settings.people_interval, Daily(services))


def now_millis() -> int:
    return time.time_ns() // 1_000_000


class _Opened:
    """What answers a path, once the lifespan has opened what stands behind it."""

    def __init__(self) -> None:
        self.endpoint: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.endpoint is not None
        await self.endpoint(scope, receive, send)


def create_app(settings: Settings) -> Starlette:
    """The ASGI application; nothing is opened before its lifespan begins."""
    graphql, tools, metrics = _Opened(), _Opened(), Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services(settings) as services, mcp.endpoint(services, settings) as tools.endpoint:
            schema = ChorusSchema(settings.documents)
            app.state.services = services
            graphql.endpoint = Endpoint(services, schema, settings, metrics)
            yield
            await schema.finish()

    async def ready(request: Request) -> Response:
        return await _ready(getattr(request.app.state, "services", None))

    async def measured(request: Request) -> Response:
        services: Services | None = getattr(request.app.state, "services", None)
        if services is not None:
            with suppress(StoreUnavailable):  # the rest is of use all the more, and the position stays what it was
                metrics.entries.set(await services.store.organisms.position())
        return Response(metrics.page(), media_type="text/plain; version=0.0.4")

    routes: list[BaseRoute] = [
        Route("/healthz", _healthy),
        Route("/readyz", ready),
        Route("/metrics", measured),
        Route("/graphql", graphql),
        WebSocketRoute("/graphql", graphql),
        Route(mcp.PATH, tools),
        _pages(),
    ]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(settings.allowed_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type"],
    )
    return Starlette(routes=routes, middleware=[cors], lifespan=lifespan)


async def _healthy(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _ready(services: Services | None) -> Response:
    if services is None:
        return JSONResponse({"status": "starting"}, status_code=503)
    try:
        await services.store.ready()
    except StoreUnavailable as exc:
        return JSONResponse({"status": "store unavailable", "code": exc.code}, status_code=503)
    return JSONResponse({"status": "ready"})


def _pages() -> BaseRoute:
    """GraphiQL where it was built; else a page that says how."""
    if WEB.is_dir():
        return Mount("/", app=_Pages(directory=WEB, html=True))

    async def unbuilt(request: Request) -> Response:
        return HTMLResponse(
            "<h1>Chorus</h1><p>GraphQL is at <code>/graphql</code>; <code>make web</code> builds GraphiQL.</p>"
        )

    return Route("/", unbuilt)


class _Pages(StaticFiles):
    """Static files with a strict content security policy; hashed assets may be kept for ever."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they are
        response.headers["content-security-policy"] = POLICY
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["referrer-policy"] = "no-referrer"
        full_path = str(args[0])
        kept = "assets" in Path(full_path).parts
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response
