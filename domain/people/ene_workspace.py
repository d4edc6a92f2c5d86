"""An Ene workspace read from its files, damaged ones too: `index.json` and `people/*.json` (spec section 1).

What is sound is taken. What is not is told in findings, and nobody is lost by it: a person whose own file cannot be
read keeps the accounts that the index knows (P19, E5). Ene keeps counters without dates; those are no events and are
left out. What has a date (the first and the last interaction, violations, notes, snapshots) is taken.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.errors import DomainError, InvalidTimestamp, shown
from domain.people.connection import Bond
from domain.people.constants import DAY, DEFAULT_SEVERITY
from domain.people.history import Snapshot
from domain.people.interaction import LATEST
from domain.people.names import clean_name
from domain.people.person import PlatformId, PlatformIdentity, parse_platform_id
from domain.people.report import Profile
from domain.people.tier import Tier
from domain.people.workspace import (
    Finding,
    Handling,
    Workspace,
    WorkspaceConnection,
    WorkspaceNote,
    WorkspacePerson,
    WorkspaceViolation,
)
from domain.timestamp import normalise, parse_millis

FILE_BYTES = 5_000_000
TEXT_CHARACTERS = 2_000
"""Of a note or a summary; longer ones are cut."""
INDEX = "index.json"
MOST_SEVERE = 1e6
"""A larger severity is no number that anybody meant; it is clamped to 0.5 when it counts."""

Row = Mapping[str, Any]  # Any: JSON of an unknown shape, looked at field by field


def read_workspace(index: bytes | None, files: Mapping[str, bytes], now: int) -> Workspace:
    """`files` are the contents by name below `people/`; `index` is None where there is none. Never raises."""
    reading = _Reading(now)
    accounts = reading.index(index)
    people: dict[str, WorkspacePerson] = {}
    for name in sorted(files):
        person = reading.person(name, files[name])
        if person is not None:
            people[person.id] = person
    return Workspace(tuple(reading.with_accounts(people, accounts)), tuple(reading.findings))


@dataclass
class _Reading:
    now: int
    findings: list[Finding] = field(default_factory=list)

    def index(self, content: bytes | None) -> dict[PlatformId, str]:
        """Which account is whose. Without a sound index the people's own files say it."""
        if content is None:
            self._find(INDEX, "$", Handling.REPAIRED, "there is no index: the accounts in the people's files are taken")
            return {}
        row = self._object(INDEX, content)
        listed = row.get("platform_to_person") if row is not None else None
        if not isinstance(listed, dict):
            self._find(INDEX, "$", Handling.REPAIRED, "cannot be read: the accounts in the people's files are taken")
            return {}
        found: dict[PlatformId, str] = {}
        for text, person in listed.items():
            path = f"$.platform_to_person[{shown(text)}]"
            account = self._account(INDEX, path, text)
            if account is None:
                continue
            if isinstance(person, str) and person:
                found[account] = person
            else:
                self._find(INDEX, path, Handling.REFUSED, "does not name a person")
        return found

    def person(self, name: str, content: bytes) -> WorkspacePerson | None:
        file = f"people/{name}"
        row = self._object(file, content)
        if row is None:
            return None
        written = name.removesuffix(".json")
        if row.get("id") != written:
            self._find(file, "$.id", Handling.REPAIRED, f"is not {written}: the file's name is taken")
        updated_at = self._time(file, row, "updated_at", self.now)
        trust = self._part(file, row, "trust")
        signals = self._part(file, trust, "signals", "$.trust")
        identities = tuple(self._identities(file, row, updated_at))
        fallback = str(identities[0].id) if identities else written
        return WorkspacePerson(
            id=written,
            display_name=clean_name(_text(row.get("display_name")), fallback),
            identities=identities,
            aliases=tuple(self._aliases(file, row)),
            summary=_text(row.get("summary"))[:TEXT_CHARACTERS].strip() or None,
            met=self._met(file, signals),
            notes=tuple(self._notes(file, row, updated_at)),
            violations=tuple(self._violations(file, trust, updated_at)),
            connections=tuple(self._connections(file, row)),
            snapshots=tuple(self._snapshots(file, trust)),
        )

    def with_accounts(
        self, people: Mapping[str, WorkspacePerson], accounts: Mapping[PlatformId, str]
    ) -> Iterator[WorkspacePerson]:
        """Every account stands for one person: for whom the index says, else for the first that has it."""
        holders = dict(accounts)
        for person in people.values():
            for identity in person.identities:
                holders.setdefault(identity.id, person.id)
        for person_id in dict.fromkeys([*people, *accounts.values()]):
            person = people.get(person_id) or self._from_index(person_id)
            person = replace(person, identities=tuple(self._kept(person, holders)))
            if person.identities:
                yield person
            else:
                self._find(f"people/{person_id}.json", "$.platform_ids", Handling.REFUSED, "nobody without an account")

    def _from_index(self, person_id: str) -> WorkspacePerson:
        what = "cannot be read: the accounts are taken from the index, and notes and violations are lost"
        self._find(f"people/{person_id}.json", "$", Handling.REPAIRED, what)
        return WorkspacePerson(person_id, "", ())

    def _kept(self, person: WorkspacePerson, holders: Mapping[PlatformId, str]) -> Iterator[PlatformIdentity]:
        file = f"people/{person.id}.json"
        own = {identity.id: identity for identity in person.identities}
        for account, identity in own.items():
            if holders[account] == person.id:
                yield identity
            else:
                self._find(file, "$.platform_ids", Handling.REFUSED, f"{account} is {holders[account]}'s account")
        for account, holder in holders.items():
            if holder == person.id and account not in own:
                if person.display_name:
                    self._find(file, "$.platform_ids", Handling.REPAIRED, f"{account} is taken from the index")
                seen = person.met or (self.now,)
                yield PlatformIdentity(account, person.display_name or str(account), None, seen[0], seen[-1])

    def _identities(self, file: str, row: Row, updated_at: int) -> Iterator[PlatformIdentity]:
        for text, shown_as in self._part(file, row, "platform_ids").items():
            path = f"$.platform_ids[{shown(text)}]"
            account = self._account(file, path, text)
            if account is None:
                continue
            if not isinstance(shown_as, dict):
                self._find(file, path, Handling.REPAIRED, "is no object: only the account is taken")
                shown_as = {}
            last = self._time(file, shown_as, "last_seen", updated_at, path)
            first = min(last, self._time(file, shown_as, "first_seen", last, path))
            username = clean_name(_text(shown_as.get("username")), "") or None
            yield PlatformIdentity(
                account, clean_name(_text(shown_as.get("display_name")), str(account)), username, first, last
            )

    def _aliases(self, file: str, row: Row) -> Iterator[str]:
        for alias in self._listed(file, row, "aliases"):
            name = clean_name(_text(alias), "")
            if name:
                yield name

    def _met(self, file: str, signals: Row) -> tuple[int, ...]:
        counted = [name for name, value in signals.items() if value and not name.endswith("_interaction")]
        if counted:
            what = "counters without dates are no events: " + ", ".join(shown(name) for name in sorted(counted)[:10])
            self._find(file, "$.trust.signals", Handling.LEFT_OUT, what)
        names = [name for name in ("first_interaction", "last_interaction") if signals.get(name) is not None]
        moments = [self._time(file, signals, name, None, "$.trust.signals") for name in names]
        return tuple(sorted({moment for moment in moments if moment is not None}))

    def _notes(self, file: str, row: Row, updated_at: int) -> Iterator[WorkspaceNote]:
        for place, note in enumerate(self._listed(file, row, "notes")):
            path = f"$.notes[{place}]"
            content = _text(note.get("content")).strip() if isinstance(note, dict) else ""
            if not content:
                self._find(file, path, Handling.REFUSED, "a note without content")
                continue
            if len(content) > TEXT_CHARACTERS:
                self._find(file, path, Handling.REPAIRED, f"cut to {TEXT_CHARACTERS} characters")
            yield WorkspaceNote(content[:TEXT_CHARACTERS], self._time(file, note, "added_at", updated_at, path))

    def _violations(self, file: str, trust: Row, updated_at: int) -> Iterator[WorkspaceViolation]:
        """None is dropped: what cannot be read, be it the list, is a moderate one at the file's own time."""
        listed = trust.get("violations") or []
        for place, violation in enumerate(listed if isinstance(listed, list) else [listed]):
            path = f"$.trust.violations[{place}]"
            row = violation if isinstance(violation, dict) else {}
            severity = _number(row.get("severity"), 0, MOST_SEVERE)
            if severity is None:
                self._find(file, f"{path}.severity", Handling.REPAIRED, f"is no severity: {DEFAULT_SEVERITY} is taken")
                severity = DEFAULT_SEVERITY
            at = self._time(file, row, "timestamp", updated_at, path)
            yield WorkspaceViolation(_text(row.get("description")).strip()[:TEXT_CHARACTERS], min(1.0, severity), at)

    def _connections(self, file: str, row: Row) -> Iterator[WorkspaceConnection]:
        for place, connection in enumerate(self._listed(file, row, "connections")):
            try:
                label = _text(connection["relationship"])
                yield WorkspaceConnection(
                    _text(connection["person_id"]), Bond(label, label, _text(connection.get("context")))
                )
            except (DomainError, KeyError, TypeError, AttributeError):
                self._find(file, f"$.connections[{place}]", Handling.REFUSED, "no connection that can be read")

    def _snapshots(self, file: str, trust: Row) -> Iterator[Snapshot]:
        for place, entry in enumerate(self._listed(file, trust, "history", "$.trust")):
            path = f"$.trust.history[{place}]"
            score = _number(entry.get("score"), 0, 1) if isinstance(entry, dict) else None
            at = self._date(entry.get("date")) if isinstance(entry, dict) else None
            if score is None or at is None or entry.get("tier") not in set(Tier):
                self._find(file, path, Handling.REFUSED, "no snapshot of a date, a score and a tier")
                continue
            yield Snapshot(at // DAY, score, Tier(entry["tier"]), Profile.ENE, 1)

    def _object(self, file: str, content: bytes) -> Row | None:
        if len(content) > FILE_BYTES:
            self._find(file, "$", Handling.REFUSED, f"more than {FILE_BYTES} bytes")
            return None
        try:
            row = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            self._find(file, "$", Handling.REFUSED, f"is no JSON: {shown(str(error))}")
            return None
        if not isinstance(row, dict):
            self._find(file, "$", Handling.REFUSED, "is no object")
            return None
        return row

    def _part(self, file: str, row: Row, name: str, path: str = "$") -> Row:
        value = row.get(name, {})
        if isinstance(value, dict):
            return value
        self._find(file, f"{path}.{name}", Handling.REFUSED, "is no object")
        return {}

    def _listed(self, file: str, row: Row, name: str, path: str = "$") -> list[Any]:  # Any: JSON of an unknown shape
        value = row.get(name)
        if isinstance(value, list):
            return value
        if value is not None:
            self._find(file, f"{path}.{name}", Handling.REFUSED, "is no list")
        return []

    def _account(self, file: str, path: str, text: str) -> PlatformId | None:
        try:
            return parse_platform_id(text)
        except DomainError as error:
            self._find(file, path, Handling.REFUSED, str(error))
            return None

    def _time(self, file: str, row: Row, name: str, otherwise: Any, path: str = "$") -> Any:
        """In milliseconds. What is missing, unreadable or ahead of now is `otherwise`, and told."""
        value = row.get(name)
        moment = _moment(value) if isinstance(value, str) else None
        if moment is not None and 0 <= moment <= self.now:
            return moment
        kept = "left out" if otherwise is None else "another time of the file is taken"
        self._find(file, f"{path}.{name}", Handling.REPAIRED, f"no time up to now: {kept}")
        return otherwise

    def _date(self, value: object) -> int | None:
        moment = _moment(f"{value}T00:00:00Z") if isinstance(value, str) and len(value) == len("2026-01-01") else None
        return moment if moment is not None and 0 <= moment <= self.now else None

    def _find(self, file: str, path: str, handling: Handling, what: str) -> None:
        self.findings.append(Finding(file, path, handling, what))


def _moment(text: str) -> int | None:
    """A time without a zone is UTC, as Ene writes it."""
    zoned = text if text[-1:] in ("Z", "z") or "+" in text[10:] or "-" in text[10:] else f"{text}Z"
    try:
        moment = parse_millis(normalise(zoned))
    except InvalidTimestamp:
        return None
    return moment if moment <= LATEST else None


def _text(value: object) -> str:
    """Text without what no database takes."""
    return value.encode("utf-8", "ignore").decode("utf-8").replace("\0", "") if isinstance(value, str) else ""


def _number(value: object, least: float, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if least <= value <= most else None
