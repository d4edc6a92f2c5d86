"""`/mcp`: the tools over streamable HTTP, for whoever shows an agent's token."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import DomainError
from graphdb.errors import StoreUnavailable
from resolvers.context import Context, Services
from resolvers.errors import NoAgent
from server.origins import Origins
from server.settings import Settings

PATH = "/mcp"
BEARER = "bearer "
CONTEXT = "chorus.context"
"""Where a request carries who was let in."""


class Endpoint:
    """Lets in whoever a token stands for, from a page that may; every request looks the token up again."""

    def __init__(self, services: Services, settings: Settings, tools: ASGIApp) -> None:
        self._services = services
        self._origins = Origins(settings)
        self._tools = tools

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._let_in(Headers(scope=scope))
        if isinstance(answer, Response):
            await answer(scope, receive, send)
        else:
            await self._tools({**scope, CONTEXT: answer}, receive, send)

    async def _let_in(self, headers: Headers) -> Context | Response:
        if not self._origins.allowed(headers):
            return _refusal(403, "ORIGIN_NOT_ALLOWED", "This host or page may not use the server")
        try:
            return await authenticated(self._services, headers)
        except StoreUnavailable as away:
            return _refusal(503, away.code, str(away))
        except DomainError as refusal:
            return _refusal(401, refusal.code, refusal.message)


class _WhenAsked:
    """The tools, opened by the first request: to import the protocol is a third of a server's start."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        self._settings = settings
        self._opened: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
        self._serving: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        tools = await asyncio.shield(self._opened)
        await tools(scope, receive, send)

    async def close(self) -> None:
        self._closing.set()
        if self._serving is not None:
            await self._serving

    async def _serve(self) -> None:
        """In a task of its own, because the protocol's own tasks end where they began."""
        try:
            streamable = await asyncio.to_thread(import_module, "server.mcp.streamable")
            async with streamable.tools(self._services, self._settings) as tools:
                self._opened.set_result(tools)
                await self._closing.wait()
        except Exception as exc:  # whatever keeps the tools from opening is the answer to whoever asked for them
            if self._opened.done():
                raise
            self._opened.set_exception(exc)


@asynccontextmanager
async def endpoint(services: Services, settings: Settings) -> AsyncIterator[Endpoint]:
    tools = _WhenAsked(services, settings)
    try:
        yield Endpoint(services, settings, tools)
    finally:
        await tools.close()


async def authenticated(services: Services, headers: Headers) -> Context:
    """Raises what is wrong with the token, and `NoAgent` where no agent stands behind it."""
    given = headers.get("authorization", "")
    token = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else given
    return await signed_in(services, token)


async def signed_in(services: Services, token: str) -> Context:
    context = Context(services, token)
    await context.authenticate()
    if context.session.agent is None:
        raise NoAgent
    return context


def _refusal(status: int, code: str, message: str) -> Response:
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)
