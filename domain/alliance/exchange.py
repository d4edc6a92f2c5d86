"""Export and import of histories; import of the state file that the seed writes.

A row that cannot be read is reported and left out; it never costs the others.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.alliance.errors import InvalidAllianceData
from domain.alliance.history import History
from domain.alliance.record import history_from_json, history_to_json, interaction_from_json
from domain.canonical import Json, canonical, sha256_hex
from domain.errors import InvalidShape, InvalidTimestamp
from domain.people.interaction import By, Interaction
from domain.timestamp import normalise

FORMAT = "chorus-alliance"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """What could be read, the place of each history in the list, and what is wrong with the rest."""

    histories: tuple[History, ...]
    places: tuple[int, ...]
    problems: tuple[InvalidAllianceData, ...]


@dataclass(frozen=True, slots=True)
class SeedImport:
    """The interactions of a seed's state file, and what is wrong with the other rows."""

    interactions: tuple[Interaction, ...]
    problems: tuple[InvalidAllianceData, ...]


def export_histories(histories: Iterable[History]) -> dict[str, Json]:
    """Ordered by observer and subject, so that an export of an import is the same."""
    ordered = sorted(histories, key=lambda history: (history.observer, history.subject))
    return {
        "format": FORMAT,
        "formatVersion": FORMAT_VERSION,
        "histories": [history_to_json(history) for history in ordered],
    }


def import_histories(data: Json) -> Imported:
    """Raises `InvalidAllianceData` only when it is no export at all."""
    if not isinstance(data, dict) or (data.get("format"), data.get("formatVersion")) != (FORMAT, FORMAT_VERSION):
        raise InvalidAllianceData("$.format", f"{FORMAT} version {FORMAT_VERSION}")
    histories: dict[int, History] = {}
    problems: list[InvalidAllianceData] = []
    for index, row in enumerate(_list(data.get("histories"), "$.histories")):
        try:
            history, found = history_from_json(row, f"$.histories[{index}]")
        except InvalidAllianceData as problem:
            problems.append(problem)
        else:
            histories[index] = history
            problems.extend(found)
    return Imported(tuple(histories.values()), tuple(histories), tuple(problems))


def import_seed(
    state: Json, observer: str, *, person_of: Callable[[str], str], offset: str = "Z", by: By = By.OBSERVER
) -> SeedImport:
    """Read `interactions` of an `alliance_state.json`; its cached profiles are ignored, as the seed does.

    `person_of` names the person behind a user name. `offset` is the zone of its naive times (`Z` or `+hh:mm`). The file
    does not say who replied or mentioned: `by` does; the published agent wrote down only what it did itself. Ids are
    made of the rows, so that reading the same file twice adds nothing.
    """
    rows = state.get("interactions") if isinstance(state, dict) else None
    interactions: list[Interaction] = []
    problems: list[InvalidAllianceData] = []
    seen: Counter[str] = Counter()
    for index, row in enumerate(_list(rows, "$.interactions")):
        try:
            translated = _translated(row, f"$.interactions[{index}]", offset, by)
            key = canonical(translated)
            seen[key] += 1
            translated["id"] = "seed-" + sha256_hex(f"{seen[key]} {key}".encode())[:32]
            person = person_of(str(translated["user"]))
            interactions.append(interaction_from_json(translated, f"$.interactions[{index}]", observer, person))
        except InvalidAllianceData as problem:
            problems.append(problem)
        except InvalidShape as problem:
            problems.append(InvalidAllianceData(f"$.interactions[{index}]", problem.expected))
    return SeedImport(tuple(interactions), tuple(problems))


def _translated(row: Json, path: str, offset: str, by: By) -> dict[str, Json]:
    if not isinstance(row, dict):
        raise InvalidAllianceData(path, "an object", row)
    user, kind, timestamp = row.get("user"), row.get("type"), row.get("timestamp")
    if not isinstance(user, str) or not user:
        raise InvalidAllianceData(f"{path}.user", "a name", user)
    if not isinstance(timestamp, str):
        raise InvalidAllianceData(f"{path}.timestamp", "an ISO time", timestamp)
    doer = {"upvote_given": By.OBSERVER, "downvote_given": By.OBSERVER}.get(str(kind), by)
    if str(kind).endswith("_received"):
        doer = By.PERSON
    context = row.get("context") or None
    return {"user": user, "kind": kind, "by": str(doer), "at": _aware(timestamp, path, offset), "context": context}


def _aware(timestamp: str, path: str, offset: str) -> str:
    for text in (timestamp, timestamp + offset):
        try:
            return normalise(text)
        except InvalidTimestamp:
            continue
    raise InvalidAllianceData(f"{path}.timestamp", "an ISO time", timestamp)


def _list(value: Json, path: str) -> list[Json]:
    if not isinstance(value, list):
        raise InvalidAllianceData(path, "a list", value)
    return value
