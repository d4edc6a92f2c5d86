"""Random bytes that are fetched ahead are as good as those that are not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.randomness import FETCHED, RandomBytes


@pytest.mark.parametrize("size", [0, 1, 16, 32, FETCHED, FETCHED + 1])
def test_as_many_are_given_as_are_asked_for(size: int) -> None:
    random = RandomBytes()

    assert [len(random(each)) for each in (size, 16, size, 16)] == [size, 16, size, 16]


def test_none_is_given_twice() -> None:
    random = RandomBytes()

    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda _: random(16), range(5_000)))

    assert len(set(given)) == len(given)


def test_two_give_different_ones() -> None:
    assert RandomBytes()(16) != RandomBytes()(16)
