"""Organisms to measure with: founded, joined and spoken through the real decisions, straight into a store."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.canonical import Json, sha256_hex
from domain.expressions import link_url, sign_expression
from domain.identity import KeyPair
from domain.organisms import membership, speaking
from domain.organisms.acceptance import Acceptance
from domain.organisms.dna import DnaVerdict, Evaluation
from domain.organisms.statement import Statement, make_statement
from domain.organisms.templates import DEFAULT
from domain.timestamp import format_millis
from graphdb.store import FOUNDING, Commit, Expected, Store

SERVER = KeyPair.generate(hashlib.sha256(b"benchmark server").digest())


def now_millis() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Population:
    """One organism with its members' keys; the first member founded it."""

    uri: str
    members: tuple[KeyPair, ...]


def signed(keys: KeyPair, kind: str, organism: str, fields: dict[str, Json]) -> Statement:
    common: dict[str, Json] = {"type": kind, "organism": organism, "timestamp": format_millis(now_millis())}
    return make_statement(keys, {**common, **fields})


class _Membranes:
    handle = "o"
    mentions: frozenset[str] = frozenset()
    predicates: Mapping[str, str] = MappingProxyType({})

    def defines(self, name: str, arity: int) -> bool:
        return True


async def found(store: Store, size: int, seed: str) -> Population:
    """An organism whose members were all invited and joined."""
    keys = tuple(KeyPair.generate(hashlib.sha256(f"{seed} {number}".encode()).digest()) for number in range(size))
    invited: list[Json] = [str(each.did) for each in keys[1:]]
    fields: dict[str, Json] = {
        "name": seed,
        "invited": invited,
        "dna": sha256_hex(DEFAULT.program.encode()),
        "nonce": sha256_hex(seed.encode())[:32],
    }
    now = now_millis()
    (event,) = membership.found(signed(keys[0], "found", "", fields), Acceptance(SERVER.did, now))
    uri = event.organism
    await store.organisms.commit(Commit(uri, (event,), FOUNDING, now, uri, program=DEFAULT.program))
    for each in keys[1:]:
        await _join(store, uri, each)
    return Population(uri, keys)


async def _join(store: Store, uri: str, keys: KeyPair) -> None:
    gathered = await store.organisms.gathering(uri)
    assert gathered is not None
    organism, now = gathered.organism, now_millis()
    statement = signed(keys, "join", uri, {"epoch": organism.epoch})
    acceptance = Acceptance(SERVER.did, now)
    events = membership.join(statement, None, gathered, _Membranes(), acceptance, limit=1_000)
    await store.organisms.commit(Commit(uri, events, Expected(organism.epoch, organism.facts_size), now, uri))


async def speak(store: Store, population: Population, number: int) -> dict[str, Json]:
    """The founder says a link; gives the fields of a concurrence with it."""
    organism = await store.organisms.organism(population.uri)
    assert organism is not None
    speaker, now = population.members[0], now_millis()
    data: Json = {"source": f"benchmark://{number}", "predicate": None, "target": "benchmark://target"}
    expression = sign_expression(speaker, data, format_millis(now))
    url = link_url(expression)
    spoken: dict[str, Json] = {
        "expression": url,
        "content": expression.content,
        "epoch": organism.epoch,
        "dna": organism.dna,
    }
    statement = signed(speaker, "speak", population.uri, spoken | {"roster": organism.roster})
    evaluation = Evaluation(DnaVerdict.TRUE, None, 0, 0.0, "0" * 64, organism.dna, "0" * 64)
    events = speaking.speak(statement, "link", organism, evaluation)
    expected = Expected(organism.epoch, organism.facts_size)
    await store.organisms.commit(Commit(population.uri, events, expected, now, url, expression=(url, expression)))
    return spoken | {"verdict": "concur"}
