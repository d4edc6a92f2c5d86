"""Why the server did not sign by itself: the first thing that keeps it from doing so."""

import pytest

from domain.organisms.automatic import Automatic, NotAutomatic, why_not
from domain.organisms.dna import DnaVerdict

ON = Automatic.ON


@pytest.mark.parametrize(
    ("hosted", "unlocked", "allowed", "found", "reason"),
    [
        (False, False, ON, None, NotAutomatic.OWN_KEY),
        (True, True, ON, DnaVerdict.FALSE, NotAutomatic.DNA_FALSE),
        (True, False, Automatic.OFF, DnaVerdict.UNDECIDED, NotAutomatic.DNA_UNDECIDED),
        (True, False, Automatic.OFF, None, NotAutomatic.SWITCHED_OFF),
        (True, False, Automatic.UNCONFIRMED, None, NotAutomatic.DNA_NOT_CONFIRMED),
        (True, False, ON, None, NotAutomatic.KEY_LOCKED),
        (True, True, ON, None, NotAutomatic.NOT_YET),
    ],
)
def test_the_first_reason_counts(
    hosted: bool, unlocked: bool, allowed: Automatic, found: DnaVerdict | None, reason: NotAutomatic
) -> None:
    assert why_not(hosted=hosted, unlocked=unlocked, allowed=allowed, found=found) is reason
