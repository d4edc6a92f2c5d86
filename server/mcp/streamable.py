"""The tools over streamable HTTP, behind `server.mcp.endpoint`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.mcpserver import Context as Call
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from resolvers.context import Context, Services
from server.mcp.endpoint import CONTEXT, PATH
from server.mcp.tools import people_server
from server.settings import Settings


@asynccontextmanager
async def tools(services: Services, settings: Settings) -> AsyncIterator[ASGIApp]:
    """Without sessions: any process answers any request."""

    async def opened(call: Call[Any, Any]) -> Context:
        request = call.request_context.request
        assert request is not None, "over HTTP every call comes with its request"
        let_in: Context = request.scope[CONTEXT]
        return let_in

    server = people_server(opened, services.version)
    application = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=settings.body_size,
        # `Endpoint` has checked host and origin by the server's own settings.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    async with server.session_manager.run():
        yield application
