"""Seats: agents of a run that somebody outside plays, turn by turn.

A seat is shown what its agent sees and says what it does. If nothing comes in time, the agent's own policy decides,
with the draws that it would have had anyway: a run whose seats are silent is the run without seats.
"""
