"""What clients sent and what they were told: the other half of the truth about a log."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from domain.expressions import literal_from_url
from domain.organisms.statement import Statement, parse_statement

Json = Any  # Any: variables and answers of GraphQL

Mark = tuple[str, ...]
"""How a request is found again in a log: by its statement's id, or by what the server must have signed for it."""


def signed_mark(statement: Statement) -> Mark:
    return ("signed", statement.id)


def hosted_mark(author: str, kind: str, organism: str, word: str) -> Mark:
    return ("hosted", author, kind, organism, word)


def mark_of(statement: Statement, hosted: frozenset[str]) -> Mark:
    """The mark of a statement in a log."""
    if statement.author not in hosted:
        return signed_mark(statement)
    return hosted_mark(statement.author, str(statement.type), statement.organism, _word(statement))


def _word(statement: Statement) -> str:
    """What a hosted agent's request said beyond its kind, so far as the statement shows it."""
    if "expression" in statement.fields and "roster" in statement.fields:
        spoken: Json = literal_from_url(statement.expression)
        return str(spoken["data"])
    if "verdict" in statement.fields:
        return statement.reason or statement.expression
    return statement.reason or statement.note or ""


@dataclass(slots=True)
class Sent:
    """One request to act, sent as often as it takes; `outcome` is "accepted", a refusal's code, or None: unknown."""

    query: str
    variables: Json
    mark: Mark
    organism: str
    actor: str
    outcome: str | None = None
    answer: Json = None


@dataclass(slots=True)
class Ledger:
    """Everything sent so far."""

    hosted: frozenset[str] = frozenset()
    requests: list[Sent] = field(default_factory=list)

    def pending(self) -> list[Sent]:
        return [each for each in self.requests if each.outcome is None]

    def count(self, outcome: str) -> int:
        return sum(each.outcome == outcome for each in self.requests)

    def check(self, uri: str, texts: list[str]) -> None:
        """Raises AssertionError if the log lacks what was acknowledged, or has what nobody sent."""
        logged = Counter(mark_of(statement, self.hosted) for statement in _stated(texts, automatic=False))
        mine = [each for each in self.requests if each.organism == uri]
        accepted = Counter(each.mark for each in mine if each.outcome == "accepted")
        possible = accepted + Counter(each.mark for each in mine if each.outcome is None)
        lost = accepted - logged - self._said_at_once(texts)
        phantom = logged - possible
        assert not lost, f"{len(lost)} acknowledged statements are not in the log: {lost}"
        assert not phantom, f"{len(phantom)} statements in the log were refused or never sent: {phantom}"

    def _said_at_once(self, texts: list[str]) -> Counter[Mark]:
        """Concurrences of hosted agents that the log may hold once for several requests.

        What the server signs for the same agent about the same expression in the same millisecond, on
        two requests or once by itself, is one and the same statement.
        """
        every = [*_stated(texts, automatic=False), *_stated(texts, automatic=True)]
        marks = {mark_of(statement, self.hosted) for statement in every}
        return Counter(dict.fromkeys((mark for mark in marks if mark[0] == "hosted" and mark[2] == "verdict"), 1 << 30))


def _stated(texts: list[str], *, automatic: bool) -> list[Statement]:
    """The statements that agents caused, or those that the server signed by itself, without the founding."""
    entries = [json.loads(text) for text in texts]
    return [
        parse_statement(entry["statement"], entry["signature"])
        for entry in entries
        if "statement" in entry and entry["event"] != "Founded" and bool(entry["data"].get("automatic")) == automatic
    ]
