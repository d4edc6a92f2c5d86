"""The tools over standard input and output, for a program that starts Chorus itself."""

from typing import Any

from mcp.server.mcpserver import Context as Call

from resolvers.context import Context
from server.app import open_services
from server.mcp.endpoint import signed_in
from server.mcp.tools import people_server
from server.settings import Settings


async def serve(settings: Settings, token: str) -> None:
    """Until the input ends. Raises what is wrong with the token before anything is answered."""
    async with open_services(settings, by_itself=False) as services:
        await signed_in(services, token)

        async def opened(_: Call[Any, Any]) -> Context:
            return await signed_in(services, token)

        await people_server(opened, services.version).run_stdio_async()
