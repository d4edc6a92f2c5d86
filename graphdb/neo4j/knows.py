"""The statements about KNOWS, the connections between people. `k.circle` is the number of the observer."""

from domain.people.social_graph import DEEPEST

CONNECTION = "[k.one, k.other, k.relationship, k.inverse, k.context, k.weight, k.since, k.updatedAt]"
_CIRCLE = "MATCH (c:Circle {observer: $observer}) WITH c.number AS circle"
_PAIR = "MATCH ()-[k:KNOWS]->() WHERE k.circle = circle AND k.one = $one AND k.other = $other"
# Seeks in both indexes; every property must have its predicate, so that a page begins after ''.
_AHEAD = "MATCH ()-[k:KNOWS]->() WHERE k.circle = circle AND k.one = {person} AND k.other > {after}"
_BEHIND = "MATCH ()-[k:KNOWS]->() WHERE k.circle = circle AND k.other = {person} AND k.one > {after}"

CIRCLE = "RETURN COLLECT { MATCH (c:Circle {observer: $observer}) RETURN c.number }"
READY = """
RETURN COLLECT { UNWIND $persons AS id MATCH (p:Person {id: id}) RETURN [p.id, p.state, p.mergedInto] },
       COLLECT { UNWIND $observers AS did MATCH (c:Circle {observer: did}) RETURN [c.observer, c.number] },
       COUNT { MATCH (:Circle) }"""
NEW_CIRCLES = "UNWIND $circles AS c CREATE (:Circle {observer: c[0], number: c[1]})"
CONNECT = """
UNWIND $told AS words
MATCH (one:Person {id: words.one}) MATCH (other:Person {id: words.other})
MERGE (one)-[k:KNOWS {circle: words.circle, one: words.one, other: words.other}]->(other)
ON CREATE SET k += words"""
FIND_ALL = f"""
RETURN COLLECT {{ UNWIND $places AS place
                  MATCH ()-[k:KNOWS]->() WHERE k.circle = place[0] AND k.one = place[1] AND k.other = place[2]
                  RETURN [place[3], {CONNECTION}] }}"""
OF_PERSON = f"""
RETURN COLLECT {{ MATCH (:Person {{id: $person}})-[k:KNOWS]-() RETURN [k.observer, k.circle, {CONNECTION}] }}"""
OF_OBSERVER = f"""
RETURN COLLECT {{ MATCH (:Person {{id: $person}})-[k:KNOWS]-() WHERE k.observer = $observer
                  RETURN [k.observer, k.circle, {CONNECTION}] }}"""
REMOVE = """
UNWIND $pairs AS pair
MATCH ()-[k:KNOWS]->() WHERE k.circle = pair[0] AND k.one = pair[1] AND k.other = pair[2]
DELETE k"""
UPDATE = f"""
{_CIRCLE}
{_PAIR}
SET k += $words"""
DISCONNECT = f"""
{_CIRCLE}
{_PAIR}
DELETE k"""
FIND = f"""
RETURN COLLECT {{
  {_CIRCLE}
  {_PAIR}
  RETURN {CONNECTION} }}"""


def _degree(person: str) -> str:
    ahead, behind = (each.format(person=person, after="''") for each in (_AHEAD, _BEHIND))
    return f"COUNT {{ {ahead} }} + COUNT {{ {behind} }}"


CONNECTIONS = f"""
RETURN reduce(total = 0, found IN COLLECT {{ {_CIRCLE} RETURN {_degree("$person")} }} | total + found), COLLECT {{
  {_CIRCLE}
  CALL (circle) {{
    {_AHEAD.format(person="$person", after="$after")} RETURN k, k.other AS neighbour ORDER BY neighbour LIMIT $limit
    UNION ALL
    {_BEHIND.format(person="$person", after="$after")} RETURN k, k.one AS neighbour ORDER BY neighbour LIMIT $limit
  }}
  WITH k, neighbour ORDER BY neighbour LIMIT $limit
  RETURN [neighbour, {CONNECTION}] }}"""

# From somebody with few connections to a hub, whose own are not opened: the inner subquery holds the planner to it. Two
# of a size are both opened, and those kept who come twice.
_MUTUALS = f"""
  {_CIRCLE}
  MATCH (x:Person {{id: $one}}) MATCH (y:Person {{id: $other}})
  WITH circle, x, y, COUNT {{ (x)-[:KNOWS]-() }} AS dx, COUNT {{ (y)-[:KNOWS]-() }} AS dy
  WITH circle, CASE WHEN dx <= dy THEN x ELSE y END AS a, CASE WHEN dx <= dy THEN y ELSE x END AS b,
       dx * 8 < dy OR dy * 8 < dx AS unequal
  CALL (circle, a, b, unequal) {{
    UNWIND CASE WHEN unequal THEN [a] ELSE [] END AS few
    CALL (circle, few) {{ MATCH (few)-[k:KNOWS]-(m) WHERE k.circle = circle RETURN m }}
    MATCH (m)-[l:KNOWS]-(b) WHERE l.circle = circle
    RETURN m
    UNION ALL
    UNWIND CASE WHEN unequal THEN [] ELSE [a, b] END AS side
    MATCH (side)-[k:KNOWS]-(m) WHERE k.circle = circle
    WITH m, count(*) AS times WHERE times = 2
    RETURN m
  }}"""
MUTUALS = f"""
  {_CIRCLE}
  MATCH (x:Person {{id: $one}}) MATCH (y:Person {{id: $other}})
  WITH circle, COUNT {{ (x)-[:KNOWS]-() }} <= COUNT {{ (y)-[:KNOWS]-() }} AS fewer, x, y
  WITH circle, CASE WHEN fewer THEN x ELSE y END AS a, CASE WHEN fewer THEN y ELSE x END AS b
  CALL (circle, a) {{ MATCH (a)-[k:KNOWS]-(m) WHERE k.circle = circle RETURN m }}
  MATCH (m)-[l:KNOWS]-(b) WHERE l.circle = circle"""
MUTUALS = f"""
  {_CIRCLE}
  MATCH (x:Person {{id: $one}}) MATCH (y:Person {{id: $other}})
  WITH circle, COUNT {{ (x)-[:KNOWS]-() }} <= COUNT {{ (y)-[:KNOWS]-() }} AS fewer, x, y
  WITH circle, CASE WHEN fewer THEN x ELSE y END AS a, CASE WHEN fewer THEN y ELSE x END AS b
  MATCH (a)-[k:KNOWS]-(m:Person) WHERE k.circle = circle
  MATCH (m)-[l:KNOWS]-(b) WHERE l.circle = circle"""
MUTUALS = f"""
WITH COLLECT {{
  {_MUTUALS}
  RETURN m.id AS id ORDER BY id }} AS ids
RETURN size(ids), [id IN ids WHERE id > $after][..$limit]"""
_IN_ORDER = _PAIR.replace("$one", "$least").replace("$other", "$most")
CIRCLES = f"""
RETURN COLLECT {{
  {_CIRCLE}
  RETURN [{_degree("$one")}, {_degree("$other")}, COUNT {{ {_IN_ORDER} }}]
}}, COUNT {{
  {_MUTUALS}
  RETURN m }}"""


def _chain(depth: int) -> str:
    """The depth of a path is part of the statement: a parameter cannot be. It answers with no path or one."""
    return f"""
MATCH (a:Person {{id: $one}}) MATCH (b:Person {{id: $other}})
MATCH path = shortestPath((a)-[k:KNOWS*..{depth}]-(b)) WHERE all(each IN k WHERE each.circle = $circle)
RETURN collect([person IN nodes(path) | person.id])"""


CHAINS = {depth: _chain(depth) for depth in range(1, DEEPEST + 1)}
