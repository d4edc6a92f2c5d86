"""The event log of a run: one JSON line per event, enough to compute every metric of the run again.

A log holds one run. Its bytes depend on the scenario and the seed alone: no clock, no generator state, no random id.
So a run can be checked (the same bytes again), resumed (the rest of the bytes) and asked what-if (other bytes from an
epoch on).
"""
