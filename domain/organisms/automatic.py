"""The automatic process seen from a member: whether the server may sign for it, and why it did not (section 3)."""

from enum import StrEnum

from domain.organisms.dna import DnaVerdict


class Automatic(StrEnum):
    """What a member of an organism allows the server to sign by itself, under one Social DNA."""

    ON = "on"
    OFF = "off"
    UNCONFIRMED = "unconfirmed"
    STRANGER = "stranger"


class NotAutomatic(StrEnum):
    """Why an expression has no automatic verdict of a member."""

    OWN_KEY = "own key"
    SWITCHED_OFF = "switched off"
    DNA_NOT_CONFIRMED = "DNA not confirmed"
    DNA_FALSE = "DNA false"
    DNA_UNDECIDED = "DNA undecided"
    KEY_LOCKED = "key locked"
    NOT_YET = "not yet"


def why_not(*, hosted: bool, unlocked: bool, allowed: Automatic, found: DnaVerdict | None) -> NotAutomatic:
    """The first thing that keeps the server from signing; `found` is what an evaluation that was silent said."""
    if not hosted:
        return NotAutomatic.OWN_KEY
    if found is not None:
        return NotAutomatic.DNA_FALSE if found is DnaVerdict.FALSE else NotAutomatic.DNA_UNDECIDED
    if allowed is Automatic.OFF:
        return NotAutomatic.SWITCHED_OFF
    if allowed is Automatic.UNCONFIRMED:
        return NotAutomatic.DNA_NOT_CONFIRMED
    return NotAutomatic.NOT_YET if unlocked else NotAutomatic.KEY_LOCKED
