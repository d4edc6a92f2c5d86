"""The automatic process: hosted members whose key is unlocked concur where the Social DNA says true.

Silent on false, on an error and on a limit: a person can still decide. It signs only for members,
and an agent becomes a member only by founding or joining itself (protocol section 3). What it owes
follows from the store alone: expressions without a verdict of the member and without a silent try.
"""

import asyncio
from collections.abc import Sequence

import structlog

from domain.canonical import Json
from domain.errors import CodedError, DomainError
from domain.identity import Did
from domain.organisms import speaking
from domain.organisms.acceptance import Acceptance
from domain.organisms.automatic import Automatic
from domain.organisms.dna import DnaVerdict
from domain.organisms.facts import said
from domain.organisms.organism import SpokenExpression
from domain.organisms.statement import Statement, StatementType
from graphdb.errors import StoreUnavailable
from graphdb.store import Commit, Expected, IdempotencyKey, Standing
from resolvers.context import Services
from resolvers.so.decide import acceptance, commit, gathering, sign
from resolvers.so.evaluate import Question, answer, output_question

log = structlog.get_logger(__name__)

CATCH_UP_PAGE = 100
TOGETHER = 32
"""Members evaluated at a time, so that a large organism does not fill the engine's queue."""
PASSING = frozenset({"STORE_UNAVAILABLE", "CONTENDED", "DNA_BUSY"})
"""Codes of what says nothing about the expression: the agent's concurrence is owed, and the timer tries again."""


async def concur_automatically(services: Services, url: str) -> None:
    """Every hosted member that may, concurs with an expression just spoken."""
    unlocked = sorted(services.keyring.unlocked())
    try:
        await _concur_each(services, unlocked, url)
    except CodedError as exc:
        _owe(services, unlocked, url, exc)


async def catch_up_owed(services: Services) -> None:
    """What was cut short, for as many as the store lets: called by the timer."""
    for did in tuple(services.owed):
        services.owed.discard(did)
        await catch_up(services, did)


async def catch_up_unlocked(services: Services) -> None:
    """What the process before this one did not come to: called at start."""
    for did in sorted(services.keyring.unlocked()):
        await catch_up(services, did)


async def catch_up(services: Services, did: Did) -> None:
    """What was spoken while the agent's key was locked, or the agent had not confirmed the Social DNA."""
    try:
        await _catch_up(services, did)
    except StoreUnavailable:
        services.owed.add(did)


async def _catch_up(services: Services, did: Did) -> None:
    """Whatever was evaluated for the agent once, signed or not, is not evaluated again."""
    after: str | None = None
    while services.keyring.open_key(did) is not None:
        page = await services.store.organisms.awaiting_verdict(did, CATCH_UP_PAGE, after, untried=True)
        for spoken in page.items:
            try:
                await _concur_each(services, [did], spoken.url)
            except DomainError as exc:
                _owe(services, [did], spoken.url, exc)
        if not page.more:
            return
        after = page.cursors[-1]


async def _concur_each(services: Services, dids: Sequence[Did], url: str) -> None:
    """As many of these agents as may; they look at one situation, each with its own eyes."""
    (spoken,) = await services.store.organisms.spoken([url])
    (stored,) = await services.store.expressions.get([url])
    if spoken is None or stored is None or stored.expression is None or not dids:
        return
    allowed = await services.store.organisms.automatic(spoken.organism, dids, spoken.epoch)
    candidates = [did for did, each in zip(dids, allowed, strict=True) if each is Automatic.ON]
    if not candidates:
        return
    gathered = await gathering(services, spoken.organism)
    subject, now = said(spoken, stored.expression), services.clock()
    question = await output_question(services, spoken.dna, gathered, subject, now)
    for start in range(0, len(candidates), TOGETHER):
        together = candidates[start : start + TOGETHER]
        await asyncio.gather(*(_concur_as(services, did, spoken, question) for did in together))


async def _concur_as(services: Services, did: Did, spoken: SpokenExpression, question: Question) -> None:
    """Evaluates as that member and signs its concurrence, unless it has given a verdict itself."""
    try:
        found = (await answer(services, question, did)).evaluation.verdict
        if found is DnaVerdict.TRUE:
            await commit(services, spoken.organism, lambda: _concur(services, did, spoken))
        else:
            await services.store.organisms.leave_unsigned(did, spoken.url, found)
    except CodedError as exc:
        _owe(services, [did], spoken.url, exc)


def _owe(services: Services, dids: Sequence[Did], url: str, exc: CodedError) -> None:
    if exc.code in PASSING:
        services.owed.update(dids)
    log.info("automatic_concurrence_refused", dids=len(dids), url=url, code=exc.code)


async def _concur(services: Services, did: Did, spoken: SpokenExpression) -> Commit | None:
    standing = await services.store.organisms.standing(spoken.organism, spoken.url, did)
    if standing.verdict is not None or standing.membership is None:
        return None
    now = acceptance(services)
    fields: dict[str, Json] = {
        "expression": spoken.url,
        "content": spoken.content,
        "epoch": spoken.epoch,
        "verdict": "concur",
        "dna": spoken.dna,
    }
    statement = sign(services, did, StatementType.VERDICT, spoken.organism, fields, now.now)
    return verdict_commit(statement, standing, now, automatic=True)


def verdict_commit(
    statement: Statement,
    standing: Standing,
    now: Acceptance,
    *,
    automatic: bool = False,
    idempotency: IdempotencyKey | None = None,
) -> Commit:
    """A verdict decided from one standing; it holds while the epoch and the agent's live verdict do."""
    organism, previous = standing.organism, standing.verdict
    assert organism is not None
    events = speaking.give_verdict(
        statement,
        organism=organism,
        membership=standing.membership,
        spoken=standing.spoken,
        previous=previous,
        in_spoken_roster=standing.in_spoken_roster,
        acceptance=now,
        automatic=automatic,
    )
    expected = Expected(organism.epoch, verdict=None if previous is None else previous.statement_id)
    return Commit(organism.uri, events, expected, now.now, statement.expression, idempotency=idempotency)
