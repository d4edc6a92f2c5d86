from random import Random

from domain.sandbox import metrics, samples
from domain.sandbox.batch import batch_of
from domain.sandbox.proxy import Observables, Proxy


def test_the_same_generator_state_gives_the_same_batch() -> None:
    assert samples.mixed(Random(7), 50) == samples.mixed(Random(7), 50) != samples.mixed(Random(8), 50)


def test_a_mixed_batch_holds_the_stated_fraction_of_toxic_ones() -> None:
    truths = [it.ground_truth for it in samples.mixed(Random(1), 101, toxic_fraction=0.3)]

    assert (truths.count(-1), truths.count(1)) == (30, 71)


def test_a_toxic_batch_is_more_toxic_than_a_benign_one() -> None:
    bad, good = (batch_of(kind(Random(2), 200)) for kind in (samples.toxic, samples.benign))

    assert (metrics.toxicity_rate(bad) or 0) > 0.55 > 0.35 > (metrics.toxicity_rate(good) or 1)


def test_an_adversarial_burst_comes_after_the_quiet() -> None:
    found = samples.adversarial_burst(Random(3))

    assert [it.ground_truth for it in found] == [1] * 30 + [-1] * 20
    assert all(0.2 <= it.p <= 0.45 for it in found[30:])


def test_uncertain_ones_have_no_truth() -> None:
    found = batch_of(samples.uncertain(Random(4), 30))

    assert metrics.uncertain_fraction(found) == 1
    assert not found.labelled.any()


def test_observables_get_the_labels_of_the_proxy() -> None:
    seen = Observables(task_progress_delta=0.7, rework_count=1, counterparty_engagement_delta=0.4)

    (found,) = samples.from_observables(Proxy(), [seen])

    assert (found.v_hat, found.p) == (Proxy().labels(seen).v_hat, Proxy().labels(seen).p)
