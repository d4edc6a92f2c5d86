"""Documents parsed and validated once: a bounded cache by their text.

Without it parsing and validation are most of the work of a small mutation.
"""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, specified_rules, validate

from server.limits import DocumentLimits, check_document, too_large

CACHED_CHARACTERS = 250_000
"""A parsed document takes some 200 bytes for each character of its text, with the plans of `server.operations` 300."""

CACHED_LENGTH = 20_000
MESSAGE_LENGTH = 500
_TOO_MANY_TOKENS = "tokens. Parsing aborted."
_TOO_DEEP = "nested too deeply. Parsing aborted."


@dataclass(frozen=True, slots=True)
class Checked:
    """A document ready to be executed, or what is wrong with it."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class Documents:
    """The most recently used valid documents, `CACHED_CHARACTERS` in all, each of at most `CACHED_LENGTH`.

    Refused ones are not kept: their errors would hold on to more than their text.
    """

    def __init__(self, limits: DocumentLimits) -> None:
        self._limits = limits
        self._cache: OrderedDict[str, Checked] = OrderedDict()
        self._characters = 0

    def __contains__(self, text: str) -> bool:
        return text in self._cache

    @property
    def characters(self) -> int:
        """How much text is cached."""
        return self._characters

    def check(self, text: str, schema: GraphQLSchema) -> Checked:
        known = self._cache.get(text)
        if known is not None:
            self._cache.move_to_end(text)
            return known
        checked = self._parse(text, schema)
        if not checked.errors and len(text) <= CACHED_LENGTH:
            self._keep(text, checked)
        return checked

    def _keep(self, text: str, checked: Checked) -> None:
        self._cache[text] = checked
        self._characters += len(text)
        while self._characters > CACHED_CHARACTERS:
            oldest, _ = self._cache.popitem(last=False)
            self._characters -= len(oldest)

    def _parse(self, text: str, schema: GraphQLSchema) -> Checked:
        try:
            document = parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as exc:
            return Checked(None, (_unparsed(exc, self._limits),))
        # The size first: validation compares every field with every other one of its name.
        too_large = check_document(document, self._limits)
        if too_large:
            return Checked(document, tuple(too_large))
        errors = validate(schema, document, specified_rules)
        for error in errors:
            error.message = error.message[:MESSAGE_LENGTH]  # names in it are as long as their sender likes
            error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
        return Checked(document, tuple(errors))


def _unparsed(error: GraphQLSyntaxError, limits: DocumentLimits) -> GraphQLError:
    if error.message.endswith(_TOO_MANY_TOKENS):
        return too_large("tokens", None, limits.tokens)
    if error.message.endswith(_TOO_DEEP):
        return too_large("depth", None, limits.depth)
    error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
    return error
