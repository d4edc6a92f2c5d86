"""Predicts how an agent answers, from its published policy and its replay data: no server is asked.

    python alliance_replay.py questions.json

reads `{"policies": [...], "cases": [{"replay": ..., "asked": [{"context": ..., "at": ...}]}]}`, with policies as
`alliancePolicy` and replays as `allianceReplay` give them, and prints one answer a line. Needs nothing but Python.
"""

import hashlib
import json
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

Json = Any  # Any: whatever JSON holds

HOUR = 3_600_000
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def written(ms: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Event:
    """Something that one of the two did; `weight` is what the policy gives it at first."""

    id: str
    kind: str
    by: str
    at: int
    context: str | None
    weight: int
    pardoned_at: int | None


@dataclass(frozen=True)
class Relationship:
    """A prediction of the class, with its figures; times in milliseconds."""

    name: str
    score: int
    counted: int
    pause_ends: int | None
    last_own_act: int | None
    changes: frozenset[int]
    """When something may be different without anything new."""


@dataclass(frozen=True)
class Replay:
    """One policy, one history, one moment."""

    policy: Mapping[str, Json]
    history: Mapping[str, Json]
    now: int

    @cached_property
    def events(self) -> list[Event]:
        """By time and id, each id once."""
        rows = [event for row in self.history["interactions"] if (event := self._event(row)) is not None]
        first: dict[str, Event] = {}
        for event in sorted(rows, key=lambda each: (each.at, each.id)):
            first.setdefault(event.id, event)
        return list(first.values())

    def _event(self, row: Mapping[str, Json]) -> Event | None:
        weight = self._weight(row)
        if weight is None:
            return None
        pardoned = row.get("pardonedAt")
        return Event(
            id=row["id"],
            kind=row["kind"],
            by=row["by"],
            at=millis(row["at"]),
            context=row.get("context"),
            weight=weight,
            pardoned_at=None if pardoned is None else millis(pardoned),
        )

    def _weight(self, row: Mapping[str, Json]) -> int | None:
        if row["kind"] != "violation":
            found: int | None = self.policy["weights"].get(row["kind"])
            return found
        severity = row.get("severity", self.policy["unstatedSeverity"])
        bands = self.policy["violationWeights"]
        return next((band["weight"] for band in bands if band["below"] is None or severity < band["below"]), None)

    def contribution(self, weight: int, days: int) -> int:
        """In parts of the policy's unit, by age in whole days."""
        if days > self.policy["historyDays"]:
            return 0
        left: int = self.policy["forgivenPerDay"] * weight
        if weight < 0:
            left = min(0, left + days)
        fading: int = self.policy["fadingDays"]
        return left * (2 * fading - min(days, fading))

    def age(self, at: int) -> int:
        return max(0, (self.now - at) // DAY)

    def draw(self, purpose: str, about: str) -> int:
        names = (self.policy["drawDomain"], self.policy["drawVersion"], self.history["salt"], purpose)
        digest = hashlib.sha256()
        for text in (*names, self.history["observer"], self.history["subject"], about):
            data = text.encode()
            digest.update(len(data).to_bytes(4, "big") + data)
        return int.from_bytes(digest.digest()[:8], "big")

    @property
    def mark_times(self) -> Iterator[int]:
        for mark in self.history["marks"]:
            yield from (millis(mark[name]) for name in ("at", "until", "liftedAt") if name in mark)

    @property
    def ignored(self) -> bool:
        return any(
            millis(mark["at"]) <= self.now
            and all(self.now < millis(mark[end]) for end in ("until", "liftedAt") if end in mark)
            for mark in self.history["marks"]
        )

    def relationship(self) -> Relationship:
        found = self._own_acts_too() if self.policy["ownActsCount"] else Received(self).relationship()
        name = "ignore" if self.ignored else found.name
        changes = frozenset(time for time in (*found.changes, *self.mark_times) if time > self.now)
        return Relationship(name, found.score, found.counted, found.pause_ends, found.last_own_act, changes)

    def _own_acts_too(self) -> Relationship:
        """Profile `seed`: a plain sum over all that happened."""
        score = sum(self.contribution(event.weight, self.age(event.at)) for event in self.events)
        counted = len(self.events)
        name = "neutral" if counted else "unknown"
        if counted >= self.policy["allyMinimum"] and score >= self.policy["enter"]:
            name = "ally"
        elif counted >= self.policy["rivalMinimum"] and -score >= self.policy["enter"]:
            name = "rival"
        current = (event.at for event in self.events if self.age(event.at) <= self.policy["historyDays"])
        return Relationship(
            name, score, counted, None, None, frozenset(at + (self.age(at) + 1) * DAY for at in current)
        )


@dataclass(frozen=True)
class Received:
    """Profile `standard`: what the subject did up to now, each act once, justified answers counting nothing."""

    replay: Replay

    @cached_property
    def events(self) -> list[Event]:
        seen: set[tuple[str, str, str]] = set()
        kept: list[Event] = []
        for event in self.replay.events:
            if event.at > self.replay.now:
                continue
            if event.context:
                act = (event.by, event.kind, event.context)
                if act in seen:
                    continue
                seen.add(act)
            kept.append(event)
        return kept

    @cached_property
    def received(self) -> list[tuple[Event, int]]:
        """With what each weighs now."""
        justified = self._justified()
        theirs = [event for event in self.events if event.by == "person"]
        return [(event, 0 if event.id in justified or self._pardoned(event) else event.weight) for event in theirs]

    def _pardoned(self, event: Event) -> bool:
        return event.pardoned_at is not None and event.pardoned_at <= self.replay.now

    def _justified(self) -> set[str]:
        """A negative act that answers the oldest open one of the other side; whoever started has to bear it."""
        policy = self.replay.policy
        open_acts: dict[str, deque[int]] = {"person": deque(), "observer": deque()}
        found: set[str] = set()
        for event in self.events:
            if event.kind not in policy["hostileKinds"][event.by]:
                continue
            against = open_acts["observer" if event.by == "person" else "person"]
            while against and event.at - against[0] > policy["answerDays"] * DAY:
                against.popleft()
            if against:
                against.popleft()
                found.add(event.id)
            else:
                open_acts[event.by].append(event.at)
        return found

    def score(self, moment: int) -> int:
        policy = self.replay.policy
        by_date: defaultdict[int, int] = defaultdict(int)
        negative = 0
        for event, weight in self.received:
            if event.at <= moment:
                worth = self.replay.contribution(weight, (moment - event.at) // DAY)
                by_date[event.at // DAY] += max(0, worth)
                negative += min(0, worth)
        positive: int = sum(min(policy["dailyCap"], worth) for worth in by_date.values())
        limit: int = policy["totalCap"]
        return min(limit, positive) + negative

    def stands(self, side: int) -> bool:
        """The newest score that is not between leaving and entering decides."""
        for moment in self._moments():
            score = side * self.score(moment)
            if not self.replay.policy["leave"] <= score < self.replay.policy["enter"]:
                return bool(score >= self.replay.policy["enter"])
        return False

    def _moments(self) -> Iterator[int]:
        now = self.replay.now
        since = now - self.replay.policy["historyDays"] * DAY
        midnights = range(now // DAY * DAY, since, -DAY)
        yield now
        yield from sorted({*midnights, *(event.at for event, _ in self.received if event.at > since)}, reverse=True)

    def _pause_ends(self) -> int | None:
        pause = self.replay.policy["pauseHours"] * HOUR
        one_in = self.replay.policy["forgiveOneIn"]
        fresh = [event for event, weight in self.received if weight < 0 and event.at > self.replay.now - pause]
        unforgiven = (event.at for event in fresh if self.replay.draw("forgive", event.id) % one_in)
        return max((at + pause for at in unforgiven), default=None)

    def relationship(self) -> Relationship:
        replay, policy = self.replay, self.replay.policy
        recent = [event for event in self.events if replay.age(event.at) <= policy["historyDays"]]
        counted = sum(event.by == "person" for event in recent)
        pause_ends = self._pause_ends()
        if not recent:
            name = "unknown"
        elif counted >= policy["rivalMinimum"] and self.stands(-1):
            name = "rival"
        elif counted >= policy["allyMinimum"] and pause_ends is None and self.stands(+1):
            name = "ally"
        else:
            name = "neutral"
        return Relationship(
            name=name,
            score=self.score(replay.now),
            counted=counted,
            pause_ends=pause_ends,
            last_own_act=max((event.at for event in recent if event.by == "observer"), default=None),
            changes=frozenset(self._changes(recent, pause_ends)),
        )

    def _changes(self, recent: Iterable[Event], pause_ends: int | None) -> Iterator[int]:
        replay = self.replay
        yield from (event.at for event in replay.events if event.at > replay.now)
        yield from (event.pardoned_at for event in replay.events if event.pardoned_at is not None)
        if pause_ends is not None:
            yield pause_ends
        for event in recent:
            yield event.at + (replay.age(event.at) + 1) * DAY
            yield (replay.now // DAY + 1) * DAY


def predict(policy: Mapping[str, Json], replay: Mapping[str, Json], context: Mapping[str, Json], at: str) -> Json:
    """The answer that the observer gives at that time, about a post with that context."""
    if (policy["profile"], policy["version"]) != (replay["profile"], replay["version"]):
        raise ValueError("The replay data are made for another policy")
    asked = Replay(policy, replay["history"], millis(at))
    known = asked.relationship()
    drawn = asked.draw("engage", context["postId"]) % 100
    rest_ends = _rest_ends(policy, known)
    reason = _reason(policy, known, context, drawn, resting=rest_ends is not None and asked.now < rest_ends)
    changes = {*known.changes, *(time for time in (rest_ends,) if time is not None and time > asked.now)}
    return {
        "relationship": known.name,
        "score": known.score,
        "engage": policy["reasons"][reason]["engage"],
        "reason": reason,
        "drawn": drawn if reason.startswith("neutral_probabilistic") else None,
        "strategy": {
            **policy["strategies"][known.name],
            "score": known.score / policy["unit"],
            "interactionCount": known.counted,
        },
        "validUntil": written(min(changes)) if changes else None,
    }


def _rest_ends(policy: Mapping[str, Json], known: Relationship) -> int | None:
    if policy["rivalRestHours"] is None or known.last_own_act is None:
        return None
    return known.last_own_act + int(policy["rivalRestHours"]) * HOUR


def _reason(
    policy: Mapping[str, Json], known: Relationship, context: Mapping[str, Json], drawn: int, *, resting: bool
) -> str:
    if known.name == "ignore":
        return "ignore_list"
    if known.name == "unknown":
        return "unknown_user_start_cooperative"
    if known.name == "rival":
        attacked = context["mentionsUs"] and context["isNegative"]
        if not attacked and not context["highVisibility"]:
            return "rival_avoid"
        if resting:
            return "rival_rate_limited"
        return "rival_defensive_response" if attacked else "rival_high_visibility"
    if known.pause_ends is not None:
        return "provoked_pause"
    if known.name == "ally":
        return "ally_prioritize"
    if context["isRelevantTopic"]:
        return "neutral_relevant_topic"
    return "neutral_probabilistic_engage" if drawn < policy["engagePercent"] else "neutral_probabilistic_skip"


def main() -> None:
    questions = json.loads(Path(sys.argv[1]).read_text(encoding="utf8"))
    policies = {(policy["profile"], policy["version"]): policy for policy in questions["policies"]}
    for case in questions["cases"]:
        replay = case["replay"]
        for asked in case["asked"]:
            policy = policies[replay["profile"], replay["version"]]
            print(json.dumps(predict(policy, replay, asked["context"], asked["at"])))


if __name__ == "__main__":
    main()
