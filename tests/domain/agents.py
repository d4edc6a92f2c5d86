"""Agents for tests: numbered, the same in every run."""

import hashlib

from hypothesis import strategies as st

from domain.identity import KeyPair


def agent(number: int) -> KeyPair:
    return KeyPair.generate(hashlib.sha256(f"test agent {number}".encode()).digest())


agents = st.builds(agent, st.integers(0, 99))
