"""`/graphql`: GraphQL over HTTP; WebSockets are passed on."""

from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from domain.errors import shown
from resolvers.context import Context, Services
from server.metrics import Metrics
from server.origins import Origins
from server.schema import BAD_REQUEST, NOT_EXECUTABLE, ChorusSchema, not_executable
from server.settings import Settings
from server.sockets import SocketEndpoint

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"


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
        self._check_sender(request.headers)
        given = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if given != JSON:
            raise BadRequest(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type: expected {JSON}, got {shown(given)}")
        return _parse(await _body(request, self._settings.body_size))

    def _check_sender(self, headers: Headers) -> None:
        if not self._origins.host_allowed(headers):
            host = shown(headers.get("host", ""))
            raise BadRequest(
                403, "HOST_NOT_ALLOWED", f"Host {host} is not this server's: CHORUS_ALLOWED_HOSTS names more"
            )
        if not self._origins.origin_allowed(headers):
            origin = shown(headers.get("origin", ""))
            raise BadRequest(
                403,
                "ORIGIN_NOT_ALLOWED",
                f"Pages of {origin} may not use the server: CHORUS_ALLOWED_ORIGINS names more",
            )

    async def _answer(self, asked: Asked, request: Request) -> Response:
        token = request.headers.get("authorization", "")
        context = Context(self._services, token)
        structlog.contextvars.bind_contextvars(request_id=self._services.random(16).hex())
        try:
            result = await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=(OperationType.QUERY, OperationType.MUTATION),
            )
        except NOT_EXECUTABLE as exc:
            raise BadRequest(400, BAD_REQUEST, not_executable(exc)) from exc
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        self._metrics.answered(result.errors)
        return _response(result, request.headers)


def _probe() -> Response:
    """Programs look for a server on this port with a GET; any page may know that it is there."""
    return PlainTextResponse("Chorus: a GraphQL endpoint", headers={"access-control-allow-origin": "*"})


async def _body(request: Request, limit: int) -> bytes:
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > limit:
                raise BadRequest(413, "BODY_TOO_LARGE", f"The body has more than {limit} bytes")
    except ClientDisconnect as exc:
        raise BadRequest(400, BAD_REQUEST, "The request ended early") from exc
    return bytes(received)


def _parse(body: bytes) -> Asked:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise BadRequest(400, BAD_REQUEST, "The body is not JSON") from exc
    if not isinstance(value, dict):
        raise BadRequest(400, BAD_REQUEST, "The body must be a JSON object; batches are not supported")
    query, variables, name = value.get("query"), value.get("variables"), value.get("operationName")
    if not isinstance(query, str) or not query:
        raise BadRequest(400, BAD_REQUEST, "`query` must be a GraphQL document")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, BAD_REQUEST, "`variables` must be an object")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, BAD_REQUEST, "`operationName` must be a string")
    return Asked(query, variables, name)


def _response(result: ExecutionResult, headers: Headers) -> Response:
    """GraphQL over HTTP: with the newer media type a document that was not executed is a 400."""
    newer = GRAPHQL_RESPONSE in headers.get("accept", "").lower()
    refused = isinstance(result, PreExecutionError) or _never_began(result)
    payload: dict[str, Any] = {} if refused else {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    return Response(
        orjson.dumps(payload),
        status_code=400 if newer and refused else 200,
        media_type=GRAPHQL_RESPONSE if newer else JSON,
    )


def _never_began(result: ExecutionResult) -> bool:
    """Variables that do not fit their types: errors of the request, of no field."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def _errors(status: int, code: str, message: str) -> Response:
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
    headers = {"allow": "GET, POST"} if status == 405 else None
    return Response(body, status_code=status, media_type=JSON, headers=headers)
