from hypothesis import given
from hypothesis import strategies as st

from server.expiring import Expiring
from tests.services import Clock


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20))))
def test_what_expires_is_gone_in_time_and_never_more_than_allowed(steps: list[tuple[int, int]]) -> None:
    clock = Clock(0)
    kept: Expiring[int] = Expiring(clock, lifetime=50, limit=3)
    put: dict[str, int] = {}

    for key, wait in steps:
        kept.put(str(key), clock.now)
        put[str(key)] = clock.now
        clock.now += wait

        assert len(kept) <= 3
        for name, since in put.items():
            found = kept.get(name)
            assert found in (None, since)
            assert found is None or clock.now < since + 50
    newest = sorted(put.values())[-1:]
    assert all(kept.get(name) == since for name, since in put.items() if [since] == newest and clock.now < since + 50)
