"""Who is connected to whom, asked in GraphQL: made, changed, searched and refused."""

import pytest

from tests.people.village import Village, message
from tests.servers import Json
from tests.so.society import Person

BOND = "relationship inverse context weight since updatedAt person { id displayName }"
CONNECT = f"""mutation ($a: String!, $b: String!, $r: String!, $i: String, $c: String, $w: Float) {{
  personConnect(one: $a, other: $b, relationship: $r, inverse: $i, context: $c, weight: $w) {{ {BOND} }} }}"""
UPDATE = f"""mutation ($a: String!, $b: String!, $r: String, $i: String, $c: String, $w: Float) {{
  personUpdateConnection(one: $a, other: $b, relationship: $r, inverse: $i, context: $c, weight: $w) {{ {BOND} }} }}"""
DISCONNECT = "mutation ($a: String!, $b: String!) { personDisconnect(one: $a, other: $b) }"
CONNECTIONS = f"""query ($p: String!, $f: Int, $n: String) {{ personConnections(id: $p, first: $f, after: $n) {{
  totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {BOND} }} }} }} }}"""
MUTUALS = """query ($a: String!, $b: String!, $f: Int, $n: String) {
  personMutualConnections(one: $a, other: $b, first: $f, after: $n) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }"""
CHAIN = """query ($a: String!, $b: String!, $d: Int! = 3) { personConnectionChain(one: $a, other: $b, maxDepth: $d) {
  length start { id } steps { relationship person { id } } } }"""
TIE = "query ($a: String!, $b: String!) { personTie(one: $a, other: $b) { strength mutual either } }"
CARD = "query ($p: String!) { personCard(id: $p) { connections { name relationship } markdown } }"

NAMES = ("ann", "ben", "cat", "dan", "eva")


class Circle:
    """An observer that knows five people."""

    def __init__(self, village: Village, bot: Person, people: dict[str, str]) -> None:
        self.village, self.bot, self.people = village, bot, people

    def named(self, **fields: Json) -> Json:
        return {name: self.people.get(value, value) for name, value in fields.items()}

    async def ask(self, query: str, **fields: Json) -> Json:
        return await self.village.society.ask(query, self.named(**fields), self.bot)

    async def refusal(self, query: str, **fields: Json) -> str:
        return await self.village.refusal(query, self.named(**fields), self.bot)

    async def connect(self, *pairs: str, word: str = "friend") -> None:
        """`ann-ben` is a pair."""
        for pair in pairs:
            one, other = pair.split("-")
            await self.ask(CONNECT, a=one, b=other, r=word)

    def name(self, person: str) -> str:
        return next(name for name, each in self.people.items() if each == person)


@pytest.fixture
async def circle(village: Village) -> Circle:
    bot = await village.observer()
    people = {name: await village.meet(bot, platformId=f"discord:{name}", displayName=name) for name in NAMES}
    return Circle(village, bot, people)


async def test_a_connection_is_told_from_both_sides(circle: Circle) -> None:
    told = await circle.ask(CONNECT, a="ann", b="ben", r="boss", i="employee", c="at the bakery", w=0.5)

    assert (told["relationship"], told["inverse"], told["person"]["displayName"]) == ("boss", "employee", "ben")
    (seen,) = (await circle.ask(CONNECTIONS, p="ben"))["edges"]
    assert seen["node"] | {"person": seen["node"]["person"]["displayName"]} == {
        "relationship": "employee",
        "inverse": "boss",
        "context": "at the bakery",
        "weight": 0.5,
        "since": "2026-01-05T12:00:00.000Z",
        "updatedAt": "2026-01-05T12:00:00.000Z",
        "person": "ann",
    }


async def test_without_an_inverse_both_are_called_the_same(circle: Circle) -> None:
    told = await circle.ask(CONNECT, a="ben", b="ann", r="sister")

    assert (told["relationship"], told["inverse"], told["context"], told["weight"]) == ("sister", "sister", "", 1.0)


async def test_the_same_again_changes_nothing_and_other_words_are_refused(circle: Circle) -> None:
    first = await circle.ask(CONNECT, a="ann", b="ben", r="friend")
    circle.village.at(1)

    assert await circle.ask(CONNECT, a="ann", b="ben", r="friend") == first
    assert (await circle.ask(CONNECT, a="ben", b="ann", r="friend"))["since"] == first["since"]
    assert await circle.refusal(CONNECT, a="ben", b="ann", r="rival") == "ALREADY_CONNECTED"
    assert (await circle.ask(CONNECTIONS, p="ann"))["totalCount"] == 1


async def test_words_change_where_they_are_given(circle: Circle) -> None:
    await circle.ask(CONNECT, a="ann", b="ben", r="boss", i="employee", c="bakery", w=0.5)
    circle.village.at(1)

    changed = await circle.ask(UPDATE, a="ben", b="ann", i="owner")

    assert (changed["relationship"], changed["inverse"], changed["context"]) == ("employee", "owner", "bakery")
    assert (changed["weight"], changed["since"][:10], changed["updatedAt"][:10]) == (0.5, "2026-01-05", "2026-01-06")
    assert await circle.refusal(UPDATE, a="ben", b="cat", r="friend") == "NOT_CONNECTED"


async def test_disconnecting_says_whether_there_was_something(circle: Circle) -> None:
    await circle.connect("ann-ben")

    assert await circle.ask(DISCONNECT, a="ben", b="ann") is True
    assert await circle.ask(DISCONNECT, a="ben", b="ann") is False
    assert (await circle.ask(CONNECTIONS, p="ann"))["edges"] == []


async def test_lists_page(circle: Circle) -> None:
    await circle.connect("ann-ben", "ann-cat", "ann-dan", "eva-ben", "eva-cat", "eva-dan")

    for query, fields in ((CONNECTIONS, {"p": "ann"}), (MUTUALS, {"a": "ann", "b": "eva"})):
        first = await circle.ask(query, f=2, **fields)
        rest = await circle.ask(query, f=2, n=first["pageInfo"]["endCursor"], **fields)

        assert (first["totalCount"], first["pageInfo"]["hasNextPage"], len(first["edges"])) == (3, True, 2)
        assert (rest["totalCount"], rest["pageInfo"]["hasNextPage"], len(rest["edges"])) == (3, False, 1)
        nodes = [edge["node"].get("person", edge["node"]) for edge in first["edges"] + rest["edges"]]
        assert [node["id"] for node in nodes] == sorted(circle.people[name] for name in ("ben", "cat", "dan"))


async def test_a_chain_is_the_shortest_way_within_the_depth(circle: Circle) -> None:
    await circle.connect("ann-ben", "ben-cat", "cat-dan", "dan-eva")
    assert await circle.ask(CHAIN, a="ann", b="eva") is None
    await circle.ask(CONNECT, a="dan", b="ben", r="uncle", i="nephew")

    chain = await circle.ask(CHAIN, a="ann", b="eva")

    assert (chain["length"], circle.name(chain["start"]["id"])) == (3, "ann")
    assert [(step["relationship"], circle.name(step["person"]["id"])) for step in chain["steps"]] == [
        ("friend", "ben"),
        ("nephew", "dan"),
        ("friend", "eva"),
    ]
    assert await circle.ask(CHAIN, a="ann", b="eva", d=2) is None
    assert (await circle.ask(CHAIN, a="ann", b="ann", d=0))["length"] == 0


async def test_a_tie_is_as_strong_as_the_circles_overlap(circle: Circle) -> None:
    await circle.connect("ann-ben", "ann-cat", "ben-cat", "ann-dan", "ben-dan", "ben-eva")

    assert await circle.ask(TIE, a="ann", b="ben") == {"strength": pytest.approx(2 / 3), "mutual": 2, "either": 3}
    assert (await circle.ask(TIE, a="eva", b="ben"))["strength"] == 0


async def test_a_card_and_a_scene_show_connections(circle: Circle) -> None:
    await circle.ask(CONNECT, a="ann", b="ben", r="boss", i="employee")

    card = await circle.ask(CARD, p="ben")

    assert card["connections"] == [{"name": "ann", "relationship": "employee"}]
    assert "Connected to: ann (employee)" in card["markdown"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"b": "ann"}, "INVALID_CONNECTION"),
        ({"b": "p_nobody"}, "UNKNOWN_PERSON"),
        ({"a": ""}, "UNKNOWN_PERSON"),
        ({"r": ""}, "INVALID_CONNECTION"),
        ({"r": "x" * 81}, "INVALID_CONNECTION"),
        ({"r": "a\nb"}, "INVALID_CONNECTION"),
        ({"i": " "}, "INVALID_CONNECTION"),
        ({"c": "x" * 501}, "INVALID_CONNECTION"),
        ({"w": 0.0}, "INVALID_CONNECTION"),
        ({"w": 1.5}, "INVALID_CONNECTION"),
    ],
)
async def test_what_is_no_connection_is_refused_and_nothing_is_written(circle: Circle, fields: Json, code: str) -> None:
    assert await circle.refusal(CONNECT, **({"a": "ann", "b": "ben", "r": "friend"} | fields)) == code

    assert (await circle.ask(CONNECTIONS, p="ann"))["totalCount"] == 0


async def test_a_depth_without_bound_and_people_nobody_knows_are_refused(circle: Circle) -> None:
    assert await circle.refusal(CHAIN, a="ann", b="ben", d=10**6) == "INVALID_DEPTH"
    assert await circle.refusal(CHAIN, a="ann", b="ben", d=-1) == "INVALID_DEPTH"
    for query in (CHAIN, MUTUALS, TIE, DISCONNECT):
        assert await circle.refusal(query, a="p_nobody", b="p_nobody") == "UNKNOWN_PERSON"
    assert await circle.refusal(CONNECTIONS, p="p_nobody") == "UNKNOWN_PERSON"
    assert await circle.refusal(CONNECTIONS, p="ann", n="nonsense") == "INVALID_CURSOR"
    assert await circle.refusal(CONNECTIONS, p="ann", f=0) == "INVALID_ARGUMENT"


async def test_connections_are_their_observer_s_alone(circle: Circle) -> None:
    await circle.connect("ann-ben", "ben-cat")
    village, other = circle.village, await circle.village.observer("other")
    for name in ("ann", "ben", "cat"):
        assert await village.meet(other, platformId=f"discord:{name}") == circle.people[name]

    pair = circle.named(a="ann", b="cat")
    assert (await village.society.ask(CONNECTIONS, circle.named(p="ben"), other))["totalCount"] == 0
    assert (await village.society.ask(MUTUALS, pair, other))["totalCount"] == 0
    assert await village.society.ask(CHAIN, pair | {"d": 12}, other) is None
    # Whom it never met is unknown to it, connected or not.
    assert await village.refusal(CONNECTIONS, circle.named(p="dan"), other) == "UNKNOWN_PERSON"
    assert await village.refusal(CONNECT, circle.named(a="ann", b="dan", r="friend"), other) == "UNKNOWN_PERSON"


async def test_a_token_needs_the_capability(circle: Circle) -> None:
    auth = {
        "appName": "reader",
        "appDesc": "reads",
        "capabilities": [{"with": {"domain": "people", "pointers": ["*"]}, "can": ["READ"]}],
    }
    token = await circle.village.granted(circle.bot, auth)
    society = circle.village.society

    pair = circle.named(a="ann", b="ben")
    assert await society.ask(CHAIN, pair, token) is None
    for query in (CONNECT, UPDATE, DISCONNECT):
        assert (await society.refusal(query, pair | {"r": "friend"}, token))["code"] == "CAPABILITY_NOT_MATCHED"


async def test_merging_and_forgetting_take_the_connections_along(circle: Circle) -> None:
    await circle.connect("ann-ben", "ben-cat", "dan-cat")
    merge = "mutation ($k: String!, $a: String!) { personMerge(id: $k, absorbed: $a) { id } }"
    forget = "mutation ($p: String!) { personForget(id: $p) }"

    await circle.ask(merge, k="dan", a="ben")
    assert (await circle.ask(CHAIN, a="ann", b="cat"))["length"] == 2
    assert (await circle.ask(CONNECTIONS, p="dan"))["totalCount"] == 2

    await circle.ask(forget, p="dan")
    await circle.village.meet(circle.bot, 0.1, platformId="discord:dan")
    assert (await circle.ask(CONNECTIONS, p="ann"))["totalCount"] == 0
    assert await circle.ask(CHAIN, a="ann", b="cat", d=12) is None


async def test_an_export_has_every_connection_and_the_shared_opinion(circle: Circle) -> None:
    export = "query ($p: String!) { personExport(id: $p) }"
    await circle.ask(CONNECT, a="ann", b="ben", r="boss", i="employee")
    await circle.connect("ann-cat")
    await circle.ask("mutation ($p: String!) { personShareOpinion(id: $p) { at } }", p="ann")

    exported = await circle.ask(export, p="ann")

    assert {circle.name(each["one"]) for each in exported["connections"]} | {
        circle.name(each["other"]) for each in exported["connections"]
    } == {"ann", "ben", "cat"}
    assert exported["connections"][0]["since"] == "2026-01-05T12:00:00.000Z"
    assert exported["sharedOpinion"]["opinion"] == {"r": 1.0, "s": 0.0}
    assert (await circle.ask(export, p="dan"))["connections"] == []


async def test_a_stranger_is_met_before_they_are_connected(circle: Circle) -> None:
    newcomer = await circle.village.meet(circle.bot, **message(platformId="discord:new"))

    await circle.ask(CONNECT, a="ann", b=newcomer, r="friend")

    assert (await circle.ask(CONNECTIONS, p=newcomer))["totalCount"] == 1
