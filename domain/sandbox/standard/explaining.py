"""Why a proposal was accepted or refused, in words."""

from domain.sandbox.rule import Rule
from domain.sandbox.standard.records import Interactions

WORDS = {
    Rule.ACCEPTED: "that is enough of both",
    Rule.SAME_GROUP: "they are of one group, and nothing else counts",
    Rule.LITTLE_TRUST: "that is less trust than it asks for",
    Rule.LITTLE_VALUE: "that is less than it asks for",
    Rule.TREMBLED: "that is enough, but it refused by chance",
    Rule.UNKNOWN_COOPERATIVE: "the alliance starts cooperative with whom it does not know",
    Rule.ALLY: "the alliance holds it for an ally",
    Rule.NEUTRAL_ENGAGED: "the alliance holds it for neutral, and the public draw said yes",
    Rule.NEUTRAL_SKIPPED: "the alliance holds it for neutral, and the public draw said no",
    Rule.PROVOKED_PAUSE: "the alliance pauses after an unprovoked hostile act",
    Rule.RIVAL: "the alliance holds it for a rival",
    Rule.TIER_REACHED: "it has reached the tier of trust that is asked for",
    Rule.TIER_MISSED: "it has not reached the tier of trust that is asked for",
    Rule.SEAT_ACCEPTED: "whoever sits in its seat decided so",
    Rule.SEAT_REFUSED: "whoever sits in its seat decided so",
}


def why(rows: Interactions, number: int, ids: tuple[str, ...]) -> str:
    """One sentence about the row with this number; `ids` are the agents' by rank."""
    rule = Rule(int(rows.rule[number]))
    counterparty, initiator = ids[int(rows.counterparty[number])], ids[int(rows.initiator[number])]
    did = "accepted" if rule.accepts else "refused"
    return (
        f"{counterparty} {did} {initiator}: trusted {rows.trust[number]:.2f}, expecting {rows.value[number]:+.2f}"
        f" credits; {WORDS[rule]}."
    )
