"""A log line by line, refusing the first line that no run writes."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import orjson

from domain.sandbox.errors import DamagedLog, InvalidScenario, LogDiffers
from domain.sandbox.eventlog import legacy, standard
from domain.sandbox.eventlog.header import FORMAT, Fields, Header, header_of
from domain.sandbox.eventlog.legacy import LegacyReader
from domain.sandbox.eventlog.records import Metrics
from domain.sandbox.eventlog.standard import StandardReader
from domain.sandbox.scenario import Profile
from domain.sandbox.seats.play import Taken
from domain.sandbox.seats.reading import read_taken

EVENTS = frozenset(
    (
        "run_started",
        "action",
        "seat",
        "interaction",
        "released",
        "frozen",
        "arrived",
        "left",
        "renamed",
        "agents",
        "epoch",
        "run_ended",
        "run_failed",
    )
)
LAST = frozenset(("run_ended", "run_failed"))


class End(StrEnum):
    """How a log ends."""

    COMPLETE = "complete"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """In the middle: the run can be resumed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; `line` from 1, `size` in bytes with its end."""

    line: int
    size: int
    event: str
    fields: Fields


Notice = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a log says, every metric computed again and found equal to the bit."""

    header: Header
    metrics: tuple[Metrics, ...]
    end: End
    failure: str | None = None


def entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    """In order, from the header on; raises `DamagedLog`."""
    digest, run_id, epochs, last = hashlib.sha256(), "", 0, ""
    for number, text in enumerate(lines, 1):
        entry = _entry(number, text)
        if last in LAST:
            raise DamagedLog(number, f"nothing follows {last}")
        if (entry.event == "run_started") != (number == 1):
            raise DamagedLog(number, "a log begins with run_started, and has one")
        run_id = run_id or str(entry.fields.get("run"))
        _check(entry, run_id, epochs, digest.hexdigest() if entry.event == "run_ended" else "")
        epochs += entry.event == "epoch"
        last = entry.event
        digest.update(text)
        yield entry
    if not last:
        raise DamagedLog(1, "the log is empty")


def _entry(number: int, text: bytes) -> Entry:
    if not text.endswith(b"\n"):
        raise DamagedLog(number, "it is cut off")
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise DamagedLog(number, f"it is not JSON ({exc.msg} at column {exc.colno})") from exc
    event = fields.get("event") if isinstance(fields, dict) else None
    if not isinstance(event, str) or event not in EVENTS:
        raise DamagedLog(number, "it is no event of a run")
    return Entry(number, len(text), event, fields)


def _check(entry: Entry, run_id: str, epochs: int, digest: str) -> None:
    fields = entry.fields
    if fields.get("run") != run_id:
        raise DamagedLog(entry.line, "it belongs to another run")
    if entry.event == "run_ended" and (fields.get("epochs"), fields.get("sha256")) != (epochs, digest):
        raise DamagedLog(entry.line, "the lines before are not those that the run wrote")
    if entry.event not in LAST and entry.line > 1 and fields.get("epoch") != epochs:
        raise DamagedLog(entry.line, f"epoch {epochs} is expected here")


def read_header(entry: Entry) -> Header:
    """Raises `DamagedLog`, also for a header that was changed afterwards."""
    fields = entry.fields
    if fields.get("format") != FORMAT:
        raise DamagedLog(entry.line, f"format {fields.get('format')!r} is not read, only {FORMAT}")
    try:
        header = header_of(fields)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidScenario) as exc:
        raise DamagedLog(entry.line, f"no run starts so: {exc}") from exc
    if header.run_id != fields.get("run"):
        raise DamagedLog(entry.line, "the run id is not that of the scenario")
    return header


def played(walk: Iterable[Entry]) -> Iterator[Taken]:
    """What the seats of a log did, in order; raises `DamagedLog`."""
    for entry in walk:
        if entry.event == "seat":
            yield taken(entry)


def taken(entry: Entry) -> Taken:
    """What a seat did, from its line; raises `DamagedLog`."""
    try:
        return read_taken(entry.fields)
    except (KeyError, TypeError, ValueError) as exc:
        raise DamagedLog(entry.line, f"what the seat did cannot be read: {_first(exc)}") from exc


def replayed(lines: Iterable[bytes], notice: Notice | None = None) -> Replay:
    """`notice` sees every entry once it is read.

    Raises `DamagedLog`, or `LogDiffers` where a recorded metric is not what the events before it give.
    """
    walk = entries(lines)
    header = read_header(next(walk))
    reader = LegacyReader(header) if header.scenario.profile is Profile.LEGACY else StandardReader(header)
    metrics: list[Metrics] = []
    end, failure = End.INTERRUPTED, None
    for entry in walk:
        if entry.event == "epoch":
            metrics.append(_metrics(reader, entry))
        elif entry.event in LAST:
            end = End.COMPLETE if entry.event == "run_ended" else End.FAILED
            failure = entry.fields.get("message")
        else:
            _take(reader, entry)
        if notice is not None:
            _tell(notice, entry)
    return Replay(header, tuple(metrics), end, failure)


def _tell(notice: Notice, entry: Entry) -> None:
    """It may look at what no metric is made of."""
    try:
        notice(entry)
    except (KeyError, TypeError, ValueError) as exc:
        raise DamagedLog(entry.line, f"the {entry.event} cannot be read: {_first(exc)}") from exc


def read_metrics(header: Header, fields: Fields) -> Metrics:
    """Of one epoch, from JSON."""
    read = legacy.METRICS if header.scenario.profile is Profile.LEGACY else standard.METRICS
    found: Metrics = read.validate_python(fields)
    return found


def _metrics(reader: LegacyReader | StandardReader, entry: Entry) -> Metrics:
    try:
        recorded, computed = reader.metrics(entry.fields)
    except (KeyError, TypeError, ValueError, OverflowError) as exc:
        raise DamagedLog(entry.line, f"its metrics cannot be read: {_first(exc)}") from exc
    if repr(recorded) != repr(computed):
        raise LogDiffers(entry.line)
    return computed


def _take(reader: LegacyReader | StandardReader, entry: Entry) -> None:
    try:
        reader.take(entry.fields)
    except (KeyError, TypeError, ValueError, OverflowError) as exc:
        raise DamagedLog(entry.line, f"the {entry.event} cannot be read: {_first(exc)}") from exc


def _first(exc: Exception) -> str:
    return str(exc).splitlines()[0] if str(exc) else type(exc).__name__
