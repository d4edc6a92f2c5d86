"""Verifying signatures, many at once beside the event loop."""
