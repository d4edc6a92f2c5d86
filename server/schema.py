"""The schema as it is served: documents checked once, errors with codes, mutations that finish."""

import asyncio
import uuid
from typing import Any

import structlog
from graphql import GraphQLError, get_operation_ast
from strawberry import Schema
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionContext, PreExecutionError
from strawberry.types.graphql import OperationType

from domain.errors import CodedError, shown
from schema import CONFIG, Mutation, Query, Subscription
from server.documents import Documents
from server.execution import PlannedExecution
from server.limits import DocumentLimits

log = structlog.get_logger(__name__)

BAD_REQUEST = "BAD_REQUEST"
NOT_EXECUTABLE = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)


def not_executable(error: BaseException) -> str:
    """Why a valid document has nothing to be executed, for a person."""
    if isinstance(error, InvalidOperationTypeError):
        return "Subscriptions need a WebSocket with the sub-protocol graphql-transport-ws"
    return "The request has no operation, or not the one that it names"


class ChorusSchema(Schema):
    """Strawberry's schema with our document cache in place of its parsing and validation.

    The two overridden methods are Strawberry's own steps of an operation; the version is pinned,
    and the tests of the cache and of shielded mutations notice when they move.
    """

    def __init__(self, limits: DocumentLimits | None = None) -> None:
        super().__init__(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            config=CONFIG,
            execution_context_class=PlannedExecution,
        )
        self.documents = Documents(limits or DocumentLimits())
        self.running: set[asyncio.Task[Any]] = set()

    async def _prepare_operation_async(self, context: ExecutionContext, extensions_runner: Any) -> Any:
        if not context.query:
            raise MissingQueryError
        checked = self.documents.check(context.query, self._schema)
        if checked.errors:
            context.pre_execution_errors = list(checked.errors)
            return PreExecutionError(data=None, errors=list(checked.errors))
        assert checked.document is not None
        context.graphql_document = checked.document
        # Strawberry would take the first of several operations where none is named; GraphQL refuses that.
        operation = get_operation_ast(checked.document, context._provided_operation_name)
        if operation is None:
            raise CannotGetOperationTypeError(context.operation_name)
        operation_type = OperationType(operation.operation.value)
        if operation_type not in context.allowed_operations:
            raise InvalidOperationTypeError(operation_type)
        await context.context.authenticate()
        return None

    async def _execute_operation(self, execution_context: ExecutionContext, *rest: Any) -> Any:
        """A mutation runs in a task of its own: it finishes even when its client has gone away."""
        execution = super()._execute_operation(execution_context, *rest)
        if execution_context.operation_type is not OperationType.MUTATION:
            return await execution
        task = asyncio.create_task(execution)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Waits for the mutations under way."""
        while self.running:
            await asyncio.wait(self.running)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        for error in errors:
            _present(error)
        name = None if execution_context is None else execution_context.operation_name
        codes = sorted({str((error.extensions or {}).get("code")) for error in errors})
        log.debug("answered_with_errors", operation=None if name is None else shown(name), codes=codes)


def _present(error: GraphQLError) -> None:
    """An error with a code gets it and its facts; anything unexpected is logged in full and masked."""
    original = error.original_error
    if isinstance(original, CodedError):
        error.message = str(original)
        error.extensions = {**original.facts, "code": original.code}
        if original.__cause__ is not None:
            log.warning("refused", code=original.code, cause=shown(repr(original.__cause__)))
    elif isinstance(original, NOT_EXECUTABLE):
        error.message = not_executable(original)
        error.extensions = {"code": BAD_REQUEST}
    elif original is None or isinstance(original, GraphQLError):
        error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
    elif not (error.extensions or {}).get("errorId"):
        error_id = uuid.uuid4().hex
        log.error("unexpected_error", error_id=error_id, path=error.path, exc_info=original)
        error.message = f"Something went wrong on the server; it is logged as {error_id}"
        error.extensions = {"code": "INTERNAL", "errorId": error_id}
