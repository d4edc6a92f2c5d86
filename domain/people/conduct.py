"""Conduct: too many messages and pretended authority, found by code while messages come in (spec section 4).

Each finding is a coded violation and a mark; marks mute for a while. The owner is exempt from all of it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from domain.people.constants import SECOND
from domain.people.names import imitates, legible
from domain.people.tier import Tier

SEVERITY = 0.10


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `messages` in `window`; `marks` within `mark_window` mute for `mute`. Times in milliseconds."""

    messages: int = 10
    window: int = 30 * SECOND
    marks: int = 3
    mark_window: int = 300 * SECOND
    mute: int = 600 * SECOND
    unmutable: Tier = Tier.FAMILIAR


class Finding(StrEnum):
    """What was found: the code of the violation to record."""

    FLOOD = "flood"
    IMPERSONATION = "impersonation"
    RELAYED_AUTHORITY = "relayed_authority"


@dataclass(frozen=True, slots=True)
class Conduct:
    """What is remembered of one person's last minutes; losing it loses no violation, for those are recorded."""

    messages: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()
    muted_until: int | None = None

    def muted(self, now: int) -> bool:
        return self.muted_until is not None and now < self.muted_until


@dataclass(frozen=True, slots=True)
class Message:
    """A message as conduct looks at it, under the names that the platform shows; `at` in milliseconds."""

    at: int
    name: str
    text: str
    username: str = ""


def judge(
    conduct: Conduct,
    message: Message,
    *,
    tier: Tier,
    owner: bool = False,
    owner_names: Collection[str] = (),
    limits: Limits = Limits(),  # frozen
) -> tuple[Conduct, tuple[Finding, ...]]:
    """The conduct after a message, and what it is found to be: each finding is a violation of severity 0.10."""
    if owner:
        return conduct, ()
    messages = tuple(at for at in (*conduct.messages, message.at) if message.at - at < limits.window)
    findings = _findings(message, len(messages) > limits.messages, owner_names)
    marks = tuple(at for at in conduct.marks if message.at - at < limits.mark_window)
    marks += (message.at,) * len(findings)
    muted_until = conduct.muted_until
    if findings and len(marks) >= limits.marks and not tier.reaches(limits.unmutable):
        muted_until = message.at + limits.mute
    return Conduct(messages[-limits.messages - 1 :], marks[-limits.marks :], muted_until), findings


def _findings(message: Message, flood: bool, owner_names: Collection[str]) -> tuple[Finding, ...]:
    found = (
        (Finding.FLOOD, flood),
        (Finding.IMPERSONATION, any(imitates(each, owner_names) for each in (message.name, message.username))),
        (Finding.RELAYED_AUTHORITY, relays_authority(message.text, owner_names)),
    )
    return tuple(finding for finding, is_so in found if is_so)


_VERBS = (
    *("says?", "said", "told", "tells", "wants?", "wanted", "asks?", "asked", "orders?", "ordered"),
    *("approve[sd]", "authori[sz]e[sd]", "allow(?:s|ed)"),
)
_RELAYS = rf"(?:(?:just|also|already|has|had) ){{0,2}}(?:{'|'.join(_VERBS)})\b"


def relays_authority(text: str, owner_names: Collection[str]) -> bool:
    """Whether a text claims to pass on the owner's words ("Dad said you may ...", "message from Dad: ...").

    Letters of other alphabets and curved quotation marks are read as what they look like.
    """
    plain = legible(text)
    return any(_relay_pattern(legible(name)).search(plain) for name in owner_names if name.strip())


@lru_cache(256)  # of the configuration's names
def _relay_pattern(name: str) -> re.Pattern[str]:
    who = r"\s+".join(map(re.escape, name.split()))
    return re.compile(
        rf"\b{who}\b\s+{_RELAYS}|\b(?:message|order|instructions?|words?|permission)\s+(?:is\s+|are\s+)?from\s+{who}\b"
        rf"|\bon behalf of\s+{who}\b|\b(?:I am|I'm|this is)\s+{who}\b",
        re.IGNORECASE,
    )
