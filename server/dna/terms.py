"""Python values as Prolog text, always quoted, and the facts that a program may ask for."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from server.dna.errors import InvalidFact


class Atom(str):
    """A Prolog atom; a plain str is a Prolog string."""

    __slots__ = ()


Value = str | int | float
"""str is a string, Atom an atom, int an integer of at most 4300 digits, float a finite one."""

Fact = tuple[Value, ...]
"""(name, argument, ...), for example ("so_vouch", "did:key:z6Mk…", "did:key:z6Mk…", 1700000000000)."""

FACTS: Mapping[str, int] = MappingProxyType(
    {
        "so_expression": 4,
        "so_expression_data": 2,
        "so_link": 4,
        "so_member": 2,
        "so_member_since": 2,
        "so_vouch": 3,
        "so_decline": 3,
        "so_join": 2,
        "so_proposed": 3,
        "so_verdict": 4,
        "so_coherence": 2,
        "trust": 3,
        "trust_tier": 3,
        "relationship": 3,
        "now": 1,
        "epoch": 1,
        "agent_did": 1,
        "triple": 3,
        "link": 5,
    }
)
"""The facts an evaluation can be given, with their arity."""

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"so_member", "so_member_since", "triple", "link", "trust", "trust_tier", "relationship"}),
    frozenset({"so_expression", "so_expression_data", "so_link", "so_verdict", "so_coherence"}),
    frozenset({"so_vouch", "so_decline", "so_join", "so_proposed", "now", "epoch", "agent_did"}),
)
"""The facts in the order in which they are loaded: first those that many evaluations of one organism share."""

RULES: Mapping[str, str] = MappingProxyType({"reachable": "triple"})
"""The rules that the engine provides, with the fact each is over."""

NOT_PLAIN = re.compile(r"[^ !#-&(-\[\]-~]")
SMALL = 1 << 64
_plain = re.compile(r"[ !#-&(-\[\]-~]*").fullmatch


def term(value: Value) -> str:
    """Return the Prolog text of a value: pure ASCII, the same everywhere.

    Raises InvalidFact for a lone surrogate (no Unicode text has one) and for other types, bool included.
    """
    if type(value) is str and _plain(value):  # most values, by far
        return f'"{value}"'
    if type(value) is int and -SMALL < value < SMALL:
        return str(value)
    if isinstance(value, Atom):
        return f"'{_escaped(value)}'"
    if isinstance(value, str):
        return f'"{_escaped(value)}"'
    if isinstance(value, int) and not isinstance(value, bool):
        return _decimal(value)
    if isinstance(value, float):
        return _float(value)
    raise InvalidFact(f"{type(value).__name__} has no Prolog term")


def _decimal(value: int) -> str:
    try:
        return str(value)
    except ValueError as error:  # Python's own limit
        raise InvalidFact("the number has too many digits") from error


def _float(value: float) -> str:
    """The shortest digits that give the same float back; Prolog wants a point before an exponent."""
    if not math.isfinite(value):
        raise InvalidFact(f"{value} has no Prolog term")
    digits, e, exponent = repr(value).partition("e")
    return digits + ("" if "." in digits else ".0") + e + exponent


def _escaped(text: str) -> str:
    return text if _plain(text) else NOT_PLAIN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xD800 <= code <= 0xDFFF:
        raise InvalidFact(f"the text has a lone surrogate, U+{code:04X}")
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def goal(predicate: str, *arguments: Value) -> str:
    """Return the Prolog text of a goal."""
    return f"{term(Atom(predicate))}({','.join(map(term, arguments))})"


def clauses(facts: Iterable[Fact], names: frozenset[str]) -> tuple[str, ...]:
    """Return the canonical clauses of the facts with these names: one line each, sorted, without repeats.

    Raises InvalidFact for a fact outside FACTS or with another arity.
    """
    # Not a set: facts come nearly sorted, and a large roster is then sorted in no time.
    return tuple(sorted(dict.fromkeys([_clause(fact) for fact in facts if _name(fact) in names])))


def layers(clauses: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the canonical clauses by LAYERS, each in their order, without the empty ones."""
    sorted_out: tuple[list[str], ...] = tuple([] for _ in LAYERS)
    for clause in clauses:
        sorted_out[_LAYER[clause[: clause.index("(")]]].append(clause)
    return tuple(tuple(layer) for layer in sorted_out if layer)


_ARITY = dict(FACTS)
_LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}


def _name(fact: Fact) -> str:
    name = fact[0] if fact else None
    if not isinstance(name, str) or _ARITY.get(name) != len(fact) - 1:
        raise InvalidFact(f"there is no fact {name}/{len(fact) - 1}")
    return name


def _clause(fact: Fact) -> str:
    return f"{fact[0]}({','.join(map(term, fact[1:]))}).\n"


def digest(text: str) -> str:
    """Return the lower-case hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
