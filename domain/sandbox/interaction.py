"""One interaction between two agents, with its soft label."""

from dataclasses import dataclass
from enum import StrEnum

from domain.sandbox.errors import OutOfRange
from domain.sandbox.quantities import Count, Real, Share, Signed, check_fields


class InteractionType(StrEnum):
    REPLY = "reply"
    VOTE = "vote"
    TRADE = "trade"
    COLLABORATION = "collaboration"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftInteraction:
    """The initiator proposed, the counterparty accepted or not; p = P(v = +1) is how good it was.

    tau goes from initiator to counterparty (negative: the initiator takes), c_a and c_b are governance costs, r_a and
    r_b the reputation changes that enter the payoffs. `ground_truth` is +1, -1, or None when nobody knows.
    """

    interaction_id: str = ""
    initiator: str = ""
    counterparty: str = ""
    interaction_type: InteractionType = InteractionType.REPLY
    accepted: bool = False
    task_progress_delta: Real = 0.0
    rework_count: Count = 0
    verifier_rejections: Count = 0
    tool_misuse_flags: Count = 0
    counterparty_engagement_delta: Real = 0.0
    v_hat: Signed = 0.0
    p: Share = 0.5
    tau: Real = 0.0
    c_a: Real = 0.0
    c_b: Real = 0.0
    r_a: Real = 0.0
    r_b: Real = 0.0
    ground_truth: int | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if self.ground_truth not in (1, -1, None) or isinstance(self.ground_truth, bool):
            raise OutOfRange("ground_truth", "1, -1 or nothing", self.ground_truth)

    def high_quality(self, threshold: float = 0.5) -> bool:
        return self.p >= threshold

    def uncertain(self, band: float = 0.2) -> bool:
        """p is closer to one half than `band`, on either side."""
        return 0.5 - band < self.p < 0.5 + band
