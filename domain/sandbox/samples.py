"""Made-up interactions to try metrics on, as the seed's examples do.

Source: section 4 of the sandbox specification, test-data generators. The same generator state gives the same batch.
"""

from collections.abc import Sequence
from random import Random

from domain.sandbox.interaction import InteractionType, SoftInteraction
from domain.sandbox.proxy import Observables, Proxy


def benign(random: Random, count: int) -> list[SoftInteraction]:
    """p in [0.7, 0.95], accepted 4 times in 5, all truly good."""
    return [
        SoftInteraction(
            interaction_id=f"benign-{number}",
            initiator=f"agent-{random.randrange(10)}",
            counterparty=f"agent-{10 + random.randrange(10)}",
            interaction_type=InteractionType.COLLABORATION,
            accepted=random.random() < 0.8,
            p=random.uniform(0.7, 0.95),
            tau=random.uniform(-0.1, 0.1),
            c_a=random.uniform(0.01, 0.05),
            c_b=random.uniform(0.01, 0.05),
            r_a=random.uniform(0.1, 0.3),
            ground_truth=1,
        )
        for number in range(count)
    ]


def toxic(random: Random, count: int) -> list[SoftInteraction]:
    """p in [0.1, 0.4], accepted 3 times in 5, all truly bad."""
    return [
        SoftInteraction(
            interaction_id=f"toxic-{number}",
            initiator=f"adversary-{random.randrange(5)}",
            counterparty=f"agent-{random.randrange(10)}",
            interaction_type=InteractionType.TRADE,
            accepted=random.random() < 0.6,
            rework_count=random.randint(2, 5),
            verifier_rejections=random.randint(1, 3),
            p=random.uniform(0.1, 0.4),
            tau=random.uniform(-0.3, 0.5),
            ground_truth=-1,
        )
        for number in range(count)
    ]


def mixed(random: Random, count: int, toxic_fraction: float = 0.3) -> list[SoftInteraction]:
    """int(count * toxic_fraction) toxic ones among benign ones, in a random order."""
    bad = int(count * toxic_fraction)
    both = toxic(random, bad) + benign(random, count - bad)
    random.shuffle(both)
    return both


def adversarial_burst(random: Random, honest: int = 30, burst: int = 20) -> list[SoftInteraction]:
    """Quiet cooperation around p = 0.75, then trades of one adversary with p in [0.2, 0.45]."""
    quiet = [
        SoftInteraction(
            interaction_id=f"quiet-{number}",
            interaction_type=InteractionType.COLLABORATION,
            accepted=random.random() < 0.7,
            p=min(1.0, max(0.0, random.gauss(0.75, 0.1))),
            ground_truth=1,
        )
        for number in range(honest)
    ]
    trades = [
        SoftInteraction(
            interaction_id=f"burst-{number}",
            initiator="adversary-0",
            interaction_type=InteractionType.TRADE,
            accepted=random.random() < 0.5,
            p=random.uniform(0.2, 0.45),
            ground_truth=-1,
        )
        for number in range(burst)
    ]
    return quiet + trades


def uncertain(random: Random, count: int) -> list[SoftInteraction]:
    """p within 0.15 of one half, truth unknown."""
    return [
        SoftInteraction(
            interaction_id=f"uncertain-{number}", accepted=random.random() < 0.5, p=random.uniform(0.35, 0.65)
        )
        for number in range(count)
    ]


def from_observables(proxy: Proxy, seen: Sequence[Observables]) -> list[SoftInteraction]:
    """Accepted interactions labelled by the proxy."""
    return [_labelled(proxy, number, one) for number, one in enumerate(seen)]


def _labelled(proxy: Proxy, number: int, seen: Observables) -> SoftInteraction:
    labels = proxy.labels(seen)
    return SoftInteraction(
        interaction_id=f"observed-{number}",
        accepted=True,
        task_progress_delta=seen.task_progress_delta,
        rework_count=seen.rework_count,
        verifier_rejections=seen.verifier_rejections,
        tool_misuse_flags=seen.tool_misuse_flags,
        counterparty_engagement_delta=seen.counterparty_engagement_delta,
        v_hat=labels.v_hat,
        p=labels.p,
    )
