"""Observers who record what happens to them and ask whom to engage with, in GraphQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.people.constants import DAY, HOUR
from domain.people.owner import owners
from domain.timestamp import format_millis
from resolvers.context import PeopleRules
from tests.servers import Json
from tests.so.society import Person, Society

NOON = 20_458 * DAY + 12 * HOUR
"""Monday, 5 January 2026, 12:00 UTC."""

RELATIONSHIP = """query ($s: String!, $t: String, $p: AllianceProfile!, $o: String) {
  allianceRelationship(subject: $s, at: $t, profile: $p, observer: $o) {
  observer subject at profile version relationship score exactScore unit interactionCount positive negative
  justified own uncertainty firstAt lastAt lastOwnAt provoked provokedUntil validUntil } }"""
ENGAGE = """query ($s: String!, $c: AllianceContext) { allianceShouldEngage(subject: $s, context: $c) {
  engage reason words rule drawn validUntil profile version inputs
  strategy { tone priority notes score interactionCount } relationship { subject relationship } } }"""
RECORD = """mutation (
  $s: String!, $k: PersonInteractionKind!, $b: PersonInteractionBy, $t: String, $c: String, $v: Float, $i: String
) { allianceRecord(subject: $s, kind: $k, by: $b, at: $t, context: $c, severity: $v, idempotencyKey: $i) {
  id person repeated before { relationship score } relationship { relationship score } } }"""
IGNORE = """mutation ($s: String!, $u: String) {
  allianceIgnore(subject: $s, until: $u) { subject relationship validUntil } }"""
UNIGNORE = "mutation ($s: String!) { allianceUnignore(subject: $s) { relationship } }"
LIST = """query ($f: Int, $a: String) { %s(first: $f, after: $a) { totalCount pageInfo { hasNextPage endCursor }
  edges { node { subject relationship score } } } }"""
SUMMARY = "query { allianceSummary { at profile version people counts { relationship people } } }"
HISTORY = """query ($s: String!, $o: String, $f: Int, $a: String) {
  allianceHistory(subject: $s, observer: $o, first: $f, after: $a) { totalCount pageInfo { endCursor hasNextPage }
  edges { node { id kind by at context source severity weight } } } }"""
REPLAY = "query ($s: String!, $o: String) { allianceReplay(subject: $s, observer: $o) }"
EXPORT = "query ($f: Int, $a: String) { allianceExport(first: $f, after: $a) { data people endCursor hasNextPage } }"
IMPORT = """mutation ($d: JSON!) { allianceImport(data: $d) {
  people interactions repeated marks problems { path code message } } }"""
CHANGED = """subscription ($a: String, $s: String) { allianceRelationshipChanged(after: $a, subject: $s) {
  cursor subject at before relationship score } }"""


def at(day: float = 0) -> str:
    return format_millis(NOON + int(day * DAY))


@dataclass
class Observers:
    """One process. The clock stands at noon of the Monday."""

    society: Society

    def __post_init__(self) -> None:
        self.day(0)

    def day(self, day: float) -> None:
        self.society.clock.now = NOON + int(day * DAY)

    def rule(self, *, reserved: Sequence[str] = (), everybody: Sequence[str] = ()) -> None:
        """Names that are reserved, and the accounts and DIDs of everybody's owner."""
        rules = PeopleRules(owners({"*": tuple(everybody)}), tuple(reserved))
        self.society.services = replace(self.society.services, people=rules)

    async def observer(self, name: str = "bot") -> Person:
        return await self.society.person(name)

    async def record(self, by: Person, subject: str, kind: str, day: float | None = None, **more: Json) -> Json:
        """`more`: b for who did it, c for the post, v for the severity, i for a key."""
        given = {"s": subject, "k": kind, "t": None if day is None else at(day), **more}
        return await self.society.ask(RECORD, given, by)

    async def happen(self, by: Person, subject: str, kind: str, times: int = 1, **more: Json) -> str:
        """The id of whoever did it so many times, now."""
        for _ in range(times):
            recorded = await self.record(by, subject, kind, **more)
        return str(recorded["person"])

    async def relationship(self, by: Person, subject: str, **more: Json) -> Json:
        """`more`: t for the time, p for the profile, o for the observer."""
        return await self.society.ask(RELATIONSHIP, {"s": subject, "p": "STANDARD", **more}, by)

    async def engage(self, by: Person, subject: str, **context: Json) -> Json:
        return await self.society.ask(ENGAGE, {"s": subject, "c": context or None}, by)

    async def names(self, by: Person, field: str, **page: Json) -> list[str]:
        found = await self.society.ask(LIST % field, page, by)
        return [edge["node"]["subject"] for edge in found["edges"]]

    async def ask(self, query: str, variables: Json, by: Person) -> Json:
        return await self.society.ask(query, variables, by)

    async def refusal(self, query: str, variables: Json, by: Person) -> Json:
        return await self.society.refusal(query, variables, by)
