"""`/graphql`: GraphQL over HTTP, and graphql-transport-ws over WebSockets."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import structlog
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from resolvers.context import Context, Services
from server.metrics import Metrics
from server.origins import Origins
from server.schema import ChorusSchema
from server.settings import Settings

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
CONNECTION_INIT_TIMEOUT = timedelta(seconds=10)


class BadRequest(Exception):
    """A request that is not GraphQL over HTTP."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of one request."""

    query: str
    variables: dict[str, Any] | None  # Any: whatever JSON the client sends; GraphQL checks it against the types
    operation_name: str | None


class Endpoint:
    """One ASGI application for both protocols."""

    def __init__(self, services: Services, schema: ChorusSchema, settings: Settings, metrics: Metrics) -> None:
        self._services = services
        self._schema = schema
        self._settings = settings
        self._metrics = metrics
        self._origins = Origins(settings)
        self._sockets = SocketEndpoint(services, schema, settings, self._origins, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
            return
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            if request.method == "GET":
                return _probe()
            if request.method != "POST":
                raise BadRequest(405, "METHOD_NOT_ALLOWED", "GraphQL is asked with POST")
            asked = await self._asked(request)
            return await self._answer(asked, request)
        except BadRequest as exc:
            return _errors(exc.status, exc.code, exc.message)

    async def _asked(self, request: Request) -> Asked:
        if not self._origins.allowed(request.headers):
            raise BadRequest(403, "ORIGIN_NOT_ALLOWED", "Pages of this origin may not use the server")
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != JSON:
            raise BadRequest(415, "UNSUPPORTED_MEDIA_TYPE", f"The body must be {JSON}")
        return _parse(await _body(request, self._settings.body_size))

    async def _answer(self, asked: Asked, request: Request) -> Response:
        token = request.headers.get("authorization", "")
        context = Context(self._services, token)
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex)
        try:
            result = await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=(OperationType.QUERY, OperationType.MUTATION),
            )
        except (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError) as exc:
            raise BadRequest(400, "BAD_REQUEST", _why(exc)) from exc
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        self._metrics.answered(result.errors)
        return _response(result, request.headers)


def _why(error: Exception) -> str:
    if isinstance(error, InvalidOperationTypeError):
        return "Subscriptions need a WebSocket with the sub-protocol graphql-transport-ws"
    return "The request has no operation, or not the one that it names"


def _probe() -> Response:
    """Programs look for a server on this port with a GET; any page may know that it is there."""
    return PlainTextResponse("Chorus: a GraphQL endpoint", headers={"access-control-allow-origin": "*"})


async def _body(request: Request, limit: int) -> bytes:
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > limit:
                raise BadRequest(413, "BODY_TOO_LARGE", f"A request may have {limit} bytes")
    except ClientDisconnect as exc:
        raise BadRequest(400, "BAD_REQUEST", "The request ended early") from exc
    return bytes(received)


def _parse(body: bytes) -> Asked:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise BadRequest(400, "BAD_REQUEST", "The body is not JSON") from exc
    if not isinstance(value, dict):
        raise BadRequest(400, "BAD_REQUEST", "The body must be a JSON object; batches are not supported")
    query, variables, name = value.get("query"), value.get("variables"), value.get("operationName")
    if not isinstance(query, str) or not query:
        raise BadRequest(400, "BAD_REQUEST", "`query` must be a GraphQL document")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "BAD_REQUEST", "`variables` must be an object")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "BAD_REQUEST", "`operationName` must be a string")
    return Asked(query, variables, name)


def _response(result: ExecutionResult, headers: Headers) -> Response:
    """GraphQL over HTTP: with the newer media type a document that was not executed is a 400."""
    newer = GRAPHQL_RESPONSE in headers.get("accept", "")
    refused = isinstance(result, PreExecutionError)
    payload: dict[str, Any] = {} if refused else {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    return Response(
        orjson.dumps(payload),
        status_code=400 if newer and refused else 200,
        media_type=GRAPHQL_RESPONSE if newer else JSON,
    )


def _errors(status: int, code: str, message: str) -> Response:
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
    headers = {"allow": "GET, POST"} if status == 405 else None
    return Response(body, status_code=status, media_type=JSON, headers=headers)


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Answers a document that cannot be parsed with an error instead of closing the whole socket."""

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        return None


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
            connection_init_wait_timeout=CONNECTION_INIT_TIMEOUT,
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

    def encode_json(self, data: object) -> str:
        """Text, not bytes: bytes would become a binary frame, which clients of the protocol refuse."""
        return orjson.dumps(data).decode()


def _token(params: Any) -> str:  # Any: the payload of connection_init, whatever JSON the client sends
    headers = params.get("headers") if isinstance(params, dict) else None
    token = headers.get("authorization") if isinstance(headers, dict) else None
    return token if isinstance(token, str) else ""
