"""Documents parsed and validated once: a bounded cache by their text.

Without it parsing and validation are most of the work of a small mutation.
"""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, specified_rules, validate

from server.limits import DocumentLimits, check_document

CACHED = 1_000
CACHED_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A document ready to be executed, or what is wrong with it."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class Documents:
    """The newest `CACHED` documents of at most `CACHED_LENGTH` characters, least recently used first."""

    def __init__(self, limits: DocumentLimits) -> None:
        self._limits = limits
        self._cache: OrderedDict[str, Checked] = OrderedDict()

    def check(self, text: str, schema: GraphQLSchema) -> Checked:
        known = self._cache.get(text)
        if known is not None:
            self._cache.move_to_end(text)
            return known
        checked = self._parse(text, schema)
        if len(text) <= CACHED_LENGTH:
            self._cache[text] = checked
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return checked

    def _parse(self, text: str, schema: GraphQLSchema) -> Checked:
        try:
            document = parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as exc:
            exc.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            return Checked(None, (exc,))
        except RecursionError:
            error = GraphQLError("The document is nested too deeply", extensions={"code": "DOCUMENT_TOO_LARGE"})
            return Checked(None, (error,))
        errors = validate(schema, document, specified_rules)
        for error in errors:
            error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
        errors = errors or check_document(document, self._limits)
        return Checked(document, tuple(errors))
