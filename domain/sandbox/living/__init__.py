"""Scenarios from a living organism: its roster, its Social DNA, and what one agent knows of its members."""
