"""`/mcp`: the tools over streamable HTTP, for whoever shows an agent's token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.mcpserver import Context as Call
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import DomainError
from graphdb.errors import StoreUnavailable
from resolvers.context import Context, Services
from resolvers.errors import NoAgent
from server.mcp.tools import people_server
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


@asynccontextmanager
async def endpoint(services: Services, settings: Settings) -> AsyncIterator[Endpoint]:
    """Without sessions: any process answers any request."""

    async def opened(call: Call[Any, Any]) -> Context:
        request = call.request_context.request
        assert request is not None, "over HTTP every call comes with its request"
        let_in: Context = request.scope[CONTEXT]
        return let_in

    server = people_server(opened, services.version)
    tools = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=settings.body_size,
        # `Endpoint` has checked host and origin by the server's own settings.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    async with server.session_manager.run():
        yield Endpoint(services, settings, tools)


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
