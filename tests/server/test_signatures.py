"""Signatures that come many at once are verified by a process beside the server's, and nobody can tell."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError, InvalidDid, InvalidSignature
from domain.identity import Did, KeyPair, verify
from server.signatures import frames
from server.signatures.verifier import FEW, MOST_BYTES, Verifier

KEYS = [KeyPair.generate(bytes([number]) * 32) for number in range(3)]
MANY = 4 * FEW

Claim = tuple[Did, bytes, str]


@pytest.fixture
async def verifier(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Verifier]:
    """On a machine of two processors, with its process ready."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    made = Verifier()
    await started(made)
    yield made
    await made.close()
    assert not processes()


async def started(verifier: Verifier) -> None:
    while not verifier.has_process:
        assert await answers(verifier, sound(MANY)) == [None] * MANY


def processes() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "server.signatures" in each.cmdline()]


def process() -> psutil.Process:
    (child,) = processes()
    return child


def sound(count: int) -> list[Claim]:
    messages = [str(number).encode() for number in range(count)]
    return [(KEYS[0].did, message, KEYS[0].sign(message)) for message in messages]


async def answers(verifier: Verifier, claims: list[Claim]) -> list[BaseException | None]:
    return await asyncio.gather(*(verifier.verify(*claim) for claim in claims), return_exceptions=True)


def expected(claim: Claim) -> str | None:
    try:
        verify(*claim)
    except DomainError as refusal:
        return f"{refusal.code}: {refusal}"
    return None


async def test_many_at_once_are_answered_each_as_by_itself(verifier: Verifier) -> None:
    (did, message, signature), (_, _, other) = sound(2)
    claims = sound(MANY)
    claims[3] = (did, message, other)
    claims[5] = (did, message + b"!", signature)
    claims[7] = (KEYS[1].did, message, signature)
    claims[9] = (did, message, "00" * 64)
    claims[11] = (did, message, signature.upper())
    claims[13] = (Did("did:key:nobody"), message, signature)

    told = await answers(verifier, claims)

    assert [each and f"{each.code}: {each}" for each in told] == [expected(claim) for claim in claims]
    assert [type(told[place]) for place in (3, 9, 13)] == [InvalidSignature, InvalidSignature, InvalidDid]


async def test_statements_as_large_as_may_be_come_through(verifier: Verifier) -> None:
    message = bytes(300_000)
    claims = [(keys.did, message, keys.sign(message)) for keys in KEYS * 3]
    assert len(claims) * len(message) > MOST_BYTES

    assert await answers(verifier, claims) == [None] * len(claims)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_without_its_process_everything_is_verified_here(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    monkeypatch.setattr("graphdb.beside.PATIENCE_SECONDS", 0.1)
    child = process()
    child.send_signal(how)

    told = await answers(verifier, [*sound(MANY), (KEYS[0].did, b"", "00" * 64)])

    assert [type(each) for each in told] == [type(None)] * MANY + [InvalidSignature]
    assert not child.is_running()


async def test_a_lost_process_is_started_again(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphdb.beside.RETRY_SECONDS", 0)
    first = process()
    first.kill()

    await answers(verifier, sound(MANY))
    await started(verifier)

    assert process() != first


async def test_a_process_that_cannot_be_started_is_missed_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    verifier = Verifier()

    for _ in range(3):
        assert await answers(verifier, sound(MANY)) == [None] * MANY

    await verifier.close()


async def test_few_and_single_processors_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    alone, off = Verifier(), Verifier(aside=False)

    assert await answers(alone, sound(MANY)) + await answers(off, sound(MANY)) == [None] * 2 * MANY
    assert not processes()
    for each in (alone, off):
        await each.close()


@given(st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.binary())))
def test_questions_come_through_whole(claims: list[frames.Claim]) -> None:
    assert list(frames.asked(frames.question(claims))) == claims
