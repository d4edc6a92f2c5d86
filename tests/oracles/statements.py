"""Checks of statements.json.gz: statements, rosters, trees, expressions and heads of the protocol."""

import hashlib
from typing import Any

from domain.canonical import canonical, parse
from domain.errors import DomainError
from domain.expressions import from_json, proof_valid, sign_expression
from domain.identity import KeyPair
from domain.organisms.log import EMPTY, head_from_json, leaf_hash, sign_head, verify_head
from domain.organisms.roster import roster_root
from domain.organisms.statement import StatementType, make_statement, organism_uri, parse_statement

Rows = list[dict[str, Any]]  # Any: rows as the file documents them in `meta`
Content = dict[str, Any]  # Any: as above


def vector_keys(number: int) -> KeyPair:
    """The private keys that the file's `meta` documents."""
    return KeyPair.generate(hashlib.sha256(f"vector key {number}".encode()).digest())


def check_statements(rows: Rows, _content: Content) -> None:
    for row in rows:
        statement = parse_statement(row["statement"], row["signature"])
        assert statement.id == row["id"]
        assert make_statement(vector_keys(row["signer"]), parse(row["statement"])) == statement  # type: ignore[arg-type]
        assert (statement.type == StatementType.FOUND) == ("uri" in row)
        if "uri" in row:
            assert organism_uri(statement) == row["uri"]


def check_rosters(rows: Rows, _content: Content) -> None:
    for row in rows:
        assert roster_root(row["members"]) == row["root"]
        assert roster_root(reversed(row["members"])) == row["root"]


def check_trees(rows: Rows, _content: Content) -> None:
    for row in rows:
        assert all(canonical(parse(entry)) == entry for entry in row["entries"])
        assert EMPTY.extend(map(leaf_hash, row["entries"])).root().hex() == row["root"]


def check_expressions(rows: Rows, _content: Content) -> None:
    signers: dict[str, KeyPair] = {keys.did: keys for keys in map(vector_keys, range(128))}
    for row in rows:
        expression = from_json(row["expression"])
        assert proof_valid(expression)
        assert expression.content == row["content"]
        assert sign_expression(signers[expression.author], expression.data, expression.timestamp) == expression


def check_heads(rows: Rows, _content: Content) -> None:
    for row in rows:
        head, server = head_from_json(row["head"]), vector_keys(row["signer"])
        verify_head(head, server.did)
        assert sign_head(server, head.organism, head.size, head.root, head.epoch, head.timestamp) == head


def check_invalid(rows: Rows, _content: Content) -> None:
    accepted = [row["why"] for row in rows if _is_accepted(row["statement"], row["signature"])]
    assert not accepted


def _is_accepted(text: str, signature: str) -> bool:
    try:
        parse_statement(text, signature)
    except DomainError:
        return False
    return True


CHECKS = {
    "statements": check_statements,
    "rosters": check_rosters,
    "trees": check_trees,
    "expressions": check_expressions,
    "heads": check_heads,
    "invalid": check_invalid,
}
