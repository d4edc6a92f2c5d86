"""The cache of snapshots."""

from hypothesis import given
from hypothesis import strategies as st

from server.dna.recent import Recent


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: Recent[str, int] = Recent(10)
    cache.put("a", 1, 4)
    cache.put("b", 2, 4)

    cache.get("a")
    cache.put("c", 3, 4)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_what_is_too_heavy_is_not_kept_and_displaces_nothing() -> None:
    cache: Recent[str, int] = Recent(10)
    cache.put("a", 1, 4)

    cache.put("b", 2, 11)

    assert (cache.get("a"), cache.get("b"), cache.weight) == (1, None, 4)


def test_a_value_can_be_replaced_and_all_let_go() -> None:
    cache: Recent[str, int] = Recent(10)
    cache.put("a", 1, 4)

    cache.put("a", 2, 6)

    assert (cache.get("a"), cache.weight, len(cache)) == (2, 6, 1)
    cache.clear()
    assert (cache.get("a"), cache.weight, len(cache)) == (None, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12)), max_size=60))
def test_the_weight_is_that_of_what_is_kept(puts: list[tuple[int, int]]) -> None:
    cache: Recent[int, int] = Recent(20)

    for key, weight in puts:
        cache.put(key, weight, weight)

        kept = [cache.get(known) for known in range(9)]
        assert cache.weight == sum(weight for weight in kept if weight is not None) <= 20
