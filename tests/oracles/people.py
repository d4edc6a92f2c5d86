"""Checks of the people files: the seed's trust, decay, violations and streams, and profile `standard`."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from domain.people.card import Relation, connections_line, percent
from domain.people.connection import Connection, bond, connect
from domain.people.constants import Decay
from domain.people.ene import apply_violation, calculate, decayed, ene_signals, read_ene_signals
from domain.people.errors import InvalidSignals
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.person import Person, evolve, parse_platform_id, replay
from domain.people.registry import Sighting, register, see
from domain.people.report import Profile, TrustReport
from domain.people.social_graph import Neighbours, chain, mutuals, neighbours_in
from domain.people.tier import Tier, lower, tier_of, time_gate
from domain.people.trust import signals_at, trust
from tests.domain.agents import agent

Row = dict[str, Any]  # Any: rows as the file documents them in `meta`
Content = dict[str, Any]  # Any: as above

OBSERVER = agent(1).did
PERSON = PersonId("p_1")
ACTS = ("positive", "negative")
ENE_PRECISION = 1e-12
STANDARD_PRECISION = 1e-9


def millis(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def event(row: Row, **fields: Any) -> Interaction:  # Any: whatever the field takes
    return Interaction(id=row["id"], observer=OBSERVER, person=PERSON, at=millis(row["at"]), **fields)


def check_trust_states(rows: list[Row], _content: Content) -> None:
    for row in rows:
        known = (millis(row["now"]) - millis(row["first_interaction"])) // 86_400_000
        assert known == row["signals"]["days_known"]
        result = calculate(read_ene_signals(row["signals"], known))
        if row["owner"]:
            owner = trust(signals_at([], 0), 0, profile=Profile.ENE, owner=True)
            assert (owner.score, owner.tier) == (row["score"], row["tier"])
            continue
        names = set(row["factors"]) - {"geo_product"}
        ours = {name: getattr(result, name) for name in names}
        assert ours == pytest.approx({name: row["factors"][name] for name in names}, rel=ENE_PRECISION, abs=1e-15)
        assert (result.score, result.earned, result.tier) == (row["score"], row["tier_ungated"], row["tier"]), row["id"]


def check_malformed(rows: list[Row], _content: Content) -> None:
    """The original scores these; we refuse every one."""
    for row in rows:
        signals = {name: _number(value) for name, value in row["signals"].items()}
        with pytest.raises(InvalidSignals):
            calculate(read_ene_signals(signals, signals["days_known"]))


def _number(value: Any) -> Any:  # Any: JSON; the strings stand for numbers that JSON lacks
    if isinstance(value, list):
        return [_number(each) for each in value]
    if isinstance(value, dict):
        return {name: _number(each) for name, each in value.items()}
    return float(value) if value in ("nan", "inf", "-inf") else value


def check_decay(rows: list[Row], _content: Content) -> None:
    for row in rows:
        decay = Decay(row["decay_start"], row["half_life"])
        assert decayed(row["score"], row["days_inactive"], decay) == row["decayed"], row


def check_daily_decay(rows: list[Row], _content: Content) -> None:
    """Whoever asks every day gets the one-shot values, not the original's compounded ones."""
    for row in rows:
        table = next(value for name, value in row.items() if name.startswith("rows"))
        compounded = 0
        for days, original, intended in table:
            assert decayed(row["base"], days) == intended
            compounded += original != intended
        assert compounded


def check_violation_gate(rows: list[Row], _content: Content) -> None:
    for row in rows:
        assert _answer(row) == row["result"], row


def _answer(row: Row) -> float | Tier:
    if row["op"] == "violation":
        return apply_violation(row["score"], row["severity"])
    return lower(Tier(row["tier"]), time_gate(row["days"])) if row["op"] == "gate" else tier_of(row["score"])


def check_streams(rows: list[Row], _content: Content) -> None:
    for row in rows:
        _check_names(row)
        history = _stream(row["events"])
        for checkpoint in row["checkpoints"]:
            _check_point(row, checkpoint, history)


def _check_names(row: Row) -> None:
    account = parse_platform_id("stream:1")
    sightings = [Sighting(account, each["name"], millis(each["t"])) for each in row["events"] if each["kind"] in ACTS]
    person = replay(register(sightings[0], PERSON))
    for sighting in sightings[1:]:
        for seen in see(person, sighting):
            person = evolve(person, seen)
    assert list(person.aliases) == row["final_aliases"]
    assert person.display_name == row["final_display_name"]


def _stream(events: list[Row]) -> list[Interaction]:
    """Violations before the first interaction hit nobody: the person is unknown then."""
    first = next((place for place, each in enumerate(events) if each["kind"] != "violation"), len(events))
    return [_stream_event(place, row) for place, row in enumerate(events) if place >= first]


def _stream_event(place: int, row: Row) -> Interaction:
    kind = {"positive": Kind.MESSAGE, "negative": Kind.NEGATIVE, "violation": Kind.VIOLATION}[row["kind"]]
    severity = row["severity"] if kind is Kind.VIOLATION else None
    fields: Row = {"id": f"e{place:06}", "at": row["t"]}
    return event(fields, kind=kind, by=By.PERSON, severity=severity)


def _check_point(row: Row, checkpoint: Row, history: list[Interaction]) -> None:
    number, intended, as_is = checkpoint["after_event"], checkpoint["intended"], checkpoint["as_is"]
    now = millis(row["events"][number]["t"])
    known = [each for each in history if int(each.id[1:]) <= number]
    signals = ene_signals(signals_at(known, now, Profile.ENE), now)
    result = calculate(signals)
    assert (signals.sessions, signals.days_active) == (intended["session_count"], intended["days_active"])
    assert (result.score, result.tier) == (intended["score"], intended["tier"])
    assert result.modulator == pytest.approx(intended["modulator"], rel=ENE_PRECISION)
    assert signals.sessions != as_is["signals"]["session_count"]


def check_standard(rows: list[Row], _content: Content) -> None:
    for number, row in enumerate(rows):
        now = millis(row["now"])
        report = trust(signals_at(map(_standard_event, row["events"]), now), now, modifier=row["sentiment_modifier"])
        expected = row["expected"]
        exact, near = _standard_numbers(report)
        assert exact == {name: expected[name] for name in exact}, number
        flat = expected | expected["factors"]
        assert near == pytest.approx({name: flat[name] for name in near}, rel=STANDARD_PRECISION, abs=1e-12), number


def _standard_event(row: Row) -> Interaction:
    fields = {name: row[name] for name in ("context", "weight", "severity", "code") if name in row}
    pardoned_at = millis(row["at"]) if row.get("pardoned") else None
    return event(row, kind=Kind(row["kind"]), by=By(row["by"]), pardoned_at=pardoned_at, **fields)


def _standard_numbers(report: TrustReport) -> tuple[Row, Row]:
    """What must be equal, and what must be near: scores are rounded, so they are exact."""
    factors, evidence = report.factors, report.evidence
    exact = {
        "score": report.score,
        "base": report.base,
        "rest": report.rest,
        "tier": report.tier,
        "attempts": evidence.attempts,
        "days_known": evidence.days_known,
    }
    near = {
        "beta": factors.beta,
        "modulator": factors.modulator,
        "tenure": factors.tenure,
        "consistency": factors.consistency,
        "sessions": factors.sessions,
        "timing": factors.timing,
        "idle_factor": factors.idle,
        "uncertainty": report.uncertainty,
        "r": evidence.r,
        "s": evidence.s / 3,
        "violations": evidence.severity,
    }
    return exact, near


def check_percent(rows: list[Row], _content: Content) -> None:
    assert [percent(row["score"]) for row in rows] == [row["correct_floor"] for row in rows]
    assert any(row["original"] != percent(row["score"]) for row in rows)


def check_graphs(rows: list[Row], _content: Content) -> None:
    for row in rows:
        connections = _connections(row)
        graph = neighbours_in(row["nodes"], connections)
        for query in row["queries"]:
            _check_query(query, graph.get)
        for person, line in row["render"].items():
            theirs = [each for each in connections if person in (each.one, each.other)]
            relations = [Relation(each.neighbour(person).upper(), each.label(person)) for each in theirs]
            assert connections_line(relations) == line


def _connections(row: Row) -> list[Connection]:
    """The first label of a pair wins."""
    made: dict[frozenset[str], Connection] = {}
    for one, other, label in row["edges_in_order"]:
        event = connect(OBSERVER, _somebody(one), _somebody(other), bond(label), at=0)[0]
        made.setdefault(frozenset((one, other)), event.connection)
    return list(made.values())


def _somebody(name: str) -> Person:
    return Person(PersonId(name), name, (name,), 0, 0)


def _check_query(query: Row, neighbours: Neighbours) -> None:
    one, other = query["a"], query["b"]
    assert mutuals(neighbours, one, other) == query["mutuals"]
    path = chain(neighbours, one, other, query["max_depth"])
    assert (path is None) == (query["chain"] is None)
    if path is not None:
        assert len(path) == len(query["chain"]) == query["distance"] + 1
        assert all(after in (neighbours(before) or ()) for before, after in pairwise(path))


CHECKS = {
    "trust_states.json.gz": {"cases": check_trust_states},
    "trust_malformed_DEFECTS.json.gz": {"cases": check_malformed},
    "decay.json.gz": {"cases": check_decay},
    "decay_daily_compounding_DEFECT.json.gz": {"cases": check_daily_decay},
    "violation_gate.json.gz": {"cases": check_violation_gate},
    "streams.json.gz": {"cases": check_streams},
    "graphs.json.gz": {"cases": check_graphs},
    "percent.json.gz": {"cases": check_percent},
    "standard_trust.json.gz": {"cases": check_standard},
}
