"""Histories as JSON and back: one strict form, so that the same history always has the same bytes."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from domain.alliance.errors import InvalidAllianceData
from domain.alliance.history import History, IgnoreMark, Link
from domain.canonical import Json
from domain.errors import InvalidTimestamp
from domain.identity import Did
from domain.people.errors import InvalidInteraction
from domain.people.interaction import By, Interaction, Kind, PersonId, finite, in_order
from domain.timestamp import format_millis, parse_millis

LONGEST = 500
"""Characters of an id, a context, a source or a code."""

Row = Mapping[str, Json]
Read = TypeVar("Read")


def interaction_to_json(each: Interaction) -> dict[str, Json]:
    """Every field that says something; `at` and `pardonedAt` are RFC 3339."""
    row: dict[str, Json] = {
        "id": each.id,
        "person": each.person,
        "kind": str(each.kind),
        "by": str(each.by),
        "at": format_millis(each.at),
        "context": each.context,
        "source": each.source,
        "weight": None if each.weight == 1 else each.weight,
        "severity": each.severity,
        "code": each.code,
        "pardonedAt": None if each.pardoned_at is None else format_millis(each.pardoned_at),
        "sentiment": each.sentiment,
    }
    return {name: value for name, value in row.items() if value is not None}


def interaction_from_json(value: Json, path: str, observer: str, subject: str) -> Interaction:
    """`InvalidAllianceData` with the path of what is wrong; a row without `person` is the subject's."""
    row = _object(value, path)
    try:
        return Interaction(
            id=_text(row.get("id"), f"{path}.id"),
            observer=Did(observer),
            person=PersonId(_text(row.get("person", subject), f"{path}.person")),
            kind=_one_of(Kind, row.get("kind"), f"{path}.kind"),
            by=_one_of(By, row.get("by"), f"{path}.by"),
            at=_time(row.get("at"), f"{path}.at"),
            context=_optional(_text, row, "context", path),
            source=_optional(_text, row, "source", path),
            weight=1.0 if (weight := _optional(_number, row, "weight", path)) is None else weight,
            severity=_optional(_number, row, "severity", path),
            code=_optional(_text, row, "code", path),
            pardoned_at=_optional(_time, row, "pardonedAt", path),
            sentiment=_optional(_number, row, "sentiment", path),
        )
    except InvalidInteraction as refused:
        raise InvalidAllianceData(path + refused.path.removeprefix("$"), refused.expected) from None


def mark_to_json(mark: IgnoreMark) -> dict[str, Json]:
    times = {"at": mark.at, "until": mark.until, "liftedAt": mark.lifted_at}
    return {name: format_millis(time) for name, time in times.items() if time is not None}


def mark_from_json(value: Json, path: str) -> IgnoreMark:
    row = _object(value, path)
    at = _time(row.get("at"), f"{path}.at")
    return IgnoreMark(at, _optional(_time, row, "until", path), _optional(_time, row, "liftedAt", path))


def link_to_json(link: Link) -> dict[str, Json]:
    return {"identity": link.identity, "at": format_millis(link.at)}


def link_from_json(value: Json, path: str) -> Link:
    row = _object(value, path)
    return Link(_text(row.get("identity"), f"{path}.identity"), _time(row.get("at"), f"{path}.at"))


def history_to_json(history: History) -> dict[str, Json]:
    """Sorted, each id once: equal histories have equal JSON, however they arrived."""
    marks = sorted(set(history.marks), key=lambda mark: (mark.at, mark.until or 0, mark.lifted_at or 0))
    links = sorted(set(history.links), key=lambda link: (link.at, link.identity))
    return {
        "observer": history.observer,
        "subject": history.subject,
        "salt": history.salt,
        "marks": [mark_to_json(mark) for mark in marks],
        "links": [link_to_json(link) for link in links],
        "interactions": [interaction_to_json(each) for each in in_order(history.interactions)],
    }


def history_from_json(value: Json, path: str) -> tuple[History, tuple[InvalidAllianceData, ...]]:
    """The history of all rows that can be read, and what is wrong with the others."""
    row = _object(value, path)
    observer = _text(row.get("observer"), f"{path}.observer")
    subject = _text(row.get("subject"), f"{path}.subject")
    salt = row.get("salt", "")
    if not isinstance(salt, str):
        raise InvalidAllianceData(f"{path}.salt", "a text", salt)
    problems: list[InvalidAllianceData] = []
    history = History(
        observer=observer,
        subject=subject,
        salt=salt,
        marks=_rows(row, "marks", path, mark_from_json, problems),
        links=_rows(row, "links", path, link_from_json, problems),
        interactions=_rows(
            row,
            "interactions",
            path,
            lambda each, where: interaction_from_json(each, where, observer, subject),
            problems,
        ),
    )
    return history, tuple(problems)


def _rows(
    row: Row, name: str, path: str, read: Callable[[Json, str], Read], problems: list[InvalidAllianceData]
) -> tuple[Read, ...]:
    values = row.get(name, [])
    if not isinstance(values, list):
        problems.append(InvalidAllianceData(f"{path}.{name}", "a list", values))
        return ()
    found: list[Read] = []
    for index, value in enumerate(values):
        try:
            found.append(read(value, f"{path}.{name}[{index}]"))
        except InvalidAllianceData as problem:
            problems.append(problem)
    return tuple(found)


def _object(value: Json, path: str) -> Row:
    if not isinstance(value, dict):
        raise InvalidAllianceData(path, "an object", value)
    return value


def _optional(read: Callable[[Json, str], Read], row: Row, name: str, path: str) -> Read | None:
    value = row.get(name)
    return None if value is None else read(value, f"{path}.{name}")


def _text(value: Json, path: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not _encodable(value):
        raise InvalidAllianceData(path, f"a text of 1 to {LONGEST} characters", value)
    return value


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _number(value: Json, path: str) -> float:
    if not finite(value):
        raise InvalidAllianceData(path, "a number", value)
    return float(value)  # type: ignore[arg-type]  # as just checked


def _time(value: Json, path: str) -> int:
    try:
        return parse_millis(value)  # type: ignore[arg-type]  # what is no text is refused by it
    except InvalidTimestamp as error:
        raise InvalidAllianceData(path, str(error.facts["expected"]), value) from None


Name = TypeVar("Name", Kind, By)


def _one_of(names: type[Name], value: Json, path: str) -> Name:
    try:
        return names(str(value))
    except ValueError:
        raise InvalidAllianceData(path, "one of " + ", ".join(names), value) from None
