"""Observers and the people they meet, asked about in GraphQL."""

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from domain.canonical import canonical
from domain.people.owner import owners
from domain.timestamp import format_millis
from resolvers.context import Context, PeopleRules
from tests.servers import Json
from tests.so.society import Person, Society

DAY, HOUR = 86_400_000, 3_600_000
MONDAY = 20_458 * DAY
"""Monday, 5 January 2026, 00:00 UTC."""

RECORD = """mutation ($i: PersonInteractionInput!) { personRecordInteraction(interaction: $i) {
  id person sequence repeated score tier tierBefore findings mutedUntil } }"""
RECORD_ALL = """mutation ($i: [PersonInteractionInput!]!, $w: Boolean!) {
  personRecordInteractions(interactions: $i, whole: $w) {
    recorded { id person sequence repeated tier } refusal { code message } } }"""
TRUST = """query ($p: String!, $at: String, $o: String) { personTrust(id: $p, at: $at, observer: $o) {
  person observer at profile version score base tier earned gate cap basis uncertainty interval { low high }
  factors { beta modulator violationPenalty idle } evidence { good bad messages violations daysKnown }
  override { score author reason until } violationsUntil reasons nextSteps { what text gain } } }"""
PERSON = """query ($p: String!) { person(id: $p) {
  id displayName aliases identities { platformId displayName username } dids owner splitFrom interactionCount summary
  notes { id content author source } sharing { withSubject withEverybody } trust { score tier } } }"""
INTERACTIONS = """query ($p: String!, $f: Int, $a: String, $n: Boolean!) {
  personInteractions(id: $p, first: $f, after: $a, newestFirst: $n) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { id kind by at context source weight severity code pardonedAt } } } }"""


def message(day: float = 0, **fields: Json) -> Json:
    """A message of Ann's, that many days after the Monday."""
    given = {"platformId": "discord:ann", "kind": "MESSAGE", "at": when(day)}
    return given | fields


def when(day: float) -> str:
    return format_millis(MONDAY + int(day * DAY))


def varied(days: Iterable[int], sessions: int = 3, **fields: Json) -> list[Json]:
    """Three sessions on each of the days, at hours that move through the day."""
    hours = ((day, (day * 5 + session * 24 / sessions) % 24) for day in days for session in range(sessions))
    return [message(day + hour / 24, **fields) for day, hour in hours]


@dataclass
class Village:
    """One process in which observers record what happens to them. The clock stands at noon of the Monday."""

    society: Society
    known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.at(0.5)

    def at(self, day: float) -> None:
        self.society.clock.now = MONDAY + int(day * DAY)

    def rule(self, *, reserved: Sequence[str] = (), refusal: str | None = None, **owned: Sequence[str]) -> None:
        """`owned` are identities by the observer's DID, in which `_` stands for a colon; `everybody` for all."""
        by_observer = {"*" if name == "everybody" else name: tuple(each) for name, each in owned.items()}
        rules = PeopleRules(owners(by_observer), tuple(reserved))
        rules = rules if refusal is None else replace(rules, refusal=refusal)
        self.society.services = replace(self.society.services, people=rules)

    async def observer(self, name: str = "bot") -> Person:
        return await self.society.person(name)

    async def observers(self, *names: str) -> list[Person]:
        return await self.society.people(*names)

    async def record(self, by: Person, **fields: Json) -> Json:
        return await self.society.ask(RECORD, {"i": fields}, by)

    async def meet(self, by: Person, day: float = 0, **fields: Json) -> str:
        """The id of somebody just met."""
        return str((await self.record(by, **message(day, **fields)))["person"])

    async def live(self, by: Person, days: Iterable[int], **fields: Json) -> str:
        """Records so many perfect days, and moves the clock to the end of the last one. Gives the person's id."""
        days = list(days)
        self.at(days[-1] + 1 - 1e-9)
        events = varied(days, **fields)
        for start in range(0, len(events), 1_000):
            part = events[start : start + 1_000]
            outcomes = await self.society.ask(RECORD_ALL, {"i": part, "w": True}, by)
        return str(outcomes[-1]["recorded"]["person"])

    async def trust(self, by: Person, person: str, at: str | None = None, observer: str | None = None) -> Json:
        return await self.society.ask(TRUST, {"p": person, "at": at, "o": observer}, by)

    async def person(self, by: Person, person: str) -> Json:
        return await self.society.ask(PERSON, {"p": person}, by)

    async def history(self, by: Person, person: str) -> list[Json]:
        """What was recorded, oldest first."""
        page = await self.society.ask(INTERACTIONS, {"p": person, "n": False}, by)
        return [edge["node"] for edge in page["edges"]]

    async def stopped(self, subscription: str, variables: Json, by: Person) -> str:
        """The code of the error that a subscription begins with."""
        context = Context(self.society.services, by.token)
        stream = await self.society.schema.subscribe(subscription, variable_values=variables, context_value=context)
        async with aclosing(stream) as answers:
            async for answer in answers:
                return str(answer.errors[0].extensions["code"])
        raise AssertionError("it ended without an error")

    async def refusal(self, query: str, variables: Json, by: Person) -> str:
        """The code of the one error."""
        return str((await self.society.refusal(query, variables, by))["code"])

    async def granted(self, by: Person, auth: Json) -> str:
        """A token of the agent's that may do no more than that."""
        request = await self.society.ask(
            "mutation ($a: AuthInfoInput!) { agentRequestCapability(authInfo: $a) }", {"a": auth}
        )
        permit = canonical({"requestId": request, "auth": auth})
        rand = await self.society.ask("mutation ($a: String!) { agentPermitCapability(auth: $a) }", {"a": permit}, by)
        fetch = "mutation ($r: String!, $d: String!) { agentGenerateJwt(requestId: $r, rand: $d) }"
        return str(await self.society.ask(fetch, {"r": request, "d": rand}))
