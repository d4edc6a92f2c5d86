"""Sandbox runs on this machine: their files, their processes and their commands."""
