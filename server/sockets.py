"""graphql-transport-ws over WebSockets."""

from datetime import timedelta
from typing import Any

import orjson
import structlog
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message, SubscribeMessage

from resolvers.context import Context, Services
from server.metrics import Metrics
from server.origins import Origins
from server.schema import ChorusSchema
from server.settings import Settings

log = structlog.get_logger(__name__)


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Answers a document that cannot be executed with an error instead of closing the whole socket."""

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        return None

    async def handle_message(self, message: Any) -> None:  # Any: whatever JSON the client sends
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Not a message of graphql-transport-ws")

    async def send_message(self, message: Message) -> None:
        """To a socket that it has itself closed, a server may call sending a mistake: the socket has gone, no more."""
        try:
            await super().send_message(message)
        except RuntimeError as exc:
            raise WebSocketDisconnected from exc

    async def handle_task_exception(self, error: Exception) -> None:
        """Whoever has gone misses the answer, which is no failure; what is one is logged as others are."""
        if not isinstance(error, WebSocketDisconnected):
            log.error("socket_operation_failed", exc_info=error)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """One operation more than allowed is refused by itself, as Strawberry does, and with a code."""
        most, name = self.max_subscriptions_per_connection, message["id"]
        if most is None or not self.connection_acknowledged or name in self.operations or len(self.operations) < most:
            # The task of the operation begins with what is bound here.
            with structlog.contextvars.bound_contextvars(request_id=self.context.services.random(16).hex()):
                await super().handle_subscribe(message)
            return
        error = GraphQLError(
            f"At most {most} operations at once are allowed on one socket",
            extensions={"code": "LIMIT_EXCEEDED", "limit": most},
        )
        await self.send_message({"id": name, "type": "error", "payload": [error.formatted]})


def _is_message(message: Any) -> bool:  # Any: whatever JSON the client sends
    """Whether the types are those of the protocol; the values are looked at later."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] in ("subscribe", "complete") and not isinstance(message.get("id"), str):
        return False
    return message["type"] != "subscribe" or _is_request(message.get("payload"))


def _is_request(payload: Any) -> bool:  # Any: as above
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )


class SocketEndpoint(GraphQL[Context, None]):
    """graphql-transport-ws only: the older protocol let clients skip authorisation."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self, services: Services, schema: ChorusSchema, settings: Settings, origins: Origins, metrics: Metrics
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=settings.socket_init),
            max_subscriptions_per_connection=settings.subscriptions,
        )
        self._services = services
        self._origins = origins
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._metrics.sockets.track_inprogress():
            try:
                await super().__call__(scope, receive, send)
            except HTTPException:
                await WebSocket(scope, receive, send).close(1002)

    def _check_websocket_origin(self, request: WebSocket) -> bool:
        return self._origins.allowed(request.headers)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        return Context(self._services, "")

    async def on_ws_connect(self, context: Context) -> Any:  # Any: Strawberry's own marker for "no payload"
        context.token = _token(context.connection_params or {})
        return await super().on_ws_connect(context)

    def decode_json(self, data: str | bytes) -> object:
        """Strict, unlike Python's own: no NaN, no lone surrogates."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        """Text, not bytes: bytes would become a binary frame, which clients of the protocol refuse."""
        return orjson.dumps(data).decode()


def _token(params: Any) -> str:  # Any: the payload of connection_init, whatever JSON the client sends
    """As with HTTP the header's name may be written in any case. What is no text is a token, and not a valid one."""
    headers = params.get("headers") if isinstance(params, dict) else None
    given = headers.items() if isinstance(headers, dict) else ()
    token = next((value for name, value in given if name.lower() == "authorization"), None)
    return "" if token is None else str(token)
