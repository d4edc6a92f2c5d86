"""Records of the domain as JSON."""

from dataclasses import dataclass
from typing import NamedTuple

from resolvers.people.telling import told


class Visit(NamedTuple):
    at: int
    spoken_words: int = 0


class Diary(NamedTuple):
    newest: Visit
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class Shelf:
    main_diary: Diary
    marks: tuple[tuple[int, str], ...] = ()


def test_a_named_tuple_is_told_as_an_object_wherever_it_is_nested() -> None:
    shelf = Shelf(Diary(Visit(0, 7), (Visit(1), Visit(2))), marks=((3, "x"),))

    assert told(shelf) == {
        "mainDiary": {
            "newest": {"at": "1970-01-01T00:00:00.000Z", "spokenWords": 7},
            "visits": [
                {"at": "1970-01-01T00:00:00.001Z", "spokenWords": 0},
                {"at": "1970-01-01T00:00:00.002Z", "spokenWords": 0},
            ],
        },
        "marks": [[3, "x"]],
    }
