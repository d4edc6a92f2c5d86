"""How often Python looks for garbage in cycles, in a process that serves."""

import gc

THRESHOLDS = 10_000, 20, 20


def spare_the_collector() -> None:
    """Once started: what is there now stays for good and is looked at no more, the rest is looked at less often.

    A look at everything takes a tenth of a second with the schema alone, and long histories are many objects at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
