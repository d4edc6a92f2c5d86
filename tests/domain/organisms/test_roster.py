import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from domain.identity import Did
from domain.organisms.roster import roster_root
from tests.domain.agents import agent

dids = st.integers(0, 30).map(lambda number: agent(number).did)


@given(st.sets(dids))
def test_the_root_is_the_hash_of_the_sorted_array(members: set[Did]) -> None:
    text = json.dumps(sorted(members), separators=(",", ":"))

    assert roster_root(members) == hashlib.sha256(text.encode()).hexdigest()


@given(st.lists(dids))
def test_neither_order_nor_repetition_changes_the_root(members: list[Did]) -> None:
    assert roster_root(reversed(members)) == roster_root(members) == roster_root(members + members)


@given(st.sets(dids), st.sets(dids))
def test_different_rosters_have_different_roots(one: set[Did], other: set[Did]) -> None:
    assert (roster_root(one) == roster_root(other)) == (one == other)
