"""The automatic process: hosted members whose key is unlocked concur where the Social DNA says true.

Silent on false, on an error and on a limit: a person can still decide. It signs only for members,
and an agent becomes a member only by founding or joining itself (protocol section 3).
"""

import structlog

from domain.canonical import Json
from domain.errors import DomainError
from domain.identity import Did
from domain.organisms import speaking
from domain.organisms.acceptance import Acceptance
from domain.organisms.facts import Said, said
from domain.organisms.organism import SpokenExpression
from domain.organisms.statement import Statement, StatementType
from graphdb.errors import StoreUnavailable
from graphdb.store import Commit, Expected, IdempotencyKey, Standing
from resolvers.context import Services
from resolvers.so.decide import acceptance, commit, gathering, sign
from resolvers.so.evaluate import evaluate_output

log = structlog.get_logger(__name__)

CATCH_UP_PAGE = 100
PASSING = frozenset({"STORE_UNAVAILABLE", "CONTENDED", "DNA_BUSY"})
"""Codes of what says nothing about the expression: the agent's concurrence is owed, and the timer tries again."""


async def concur_automatically(services: Services, uri: str, url: str) -> None:
    """Every hosted member that may, concurs with an expression just spoken."""
    unlocked = sorted(services.keyring.unlocked())
    try:
        candidates = await services.store.organisms.auto_concurring(uri, unlocked)
    except StoreUnavailable:
        services.owed.update(unlocked)
        return
    for did in candidates:
        await concur_as(services, did, url)


async def catch_up_owed(services: Services) -> None:
    """What was cut short, for as many as the store lets: called by the timer."""
    for did in tuple(services.owed):
        services.owed.discard(did)
        await catch_up(services, did)


async def catch_up(services: Services, did: Did) -> None:
    """What was spoken while the agent's key was locked: called when it is unlocked."""
    try:
        await _catch_up(services, did)
    except StoreUnavailable:
        services.owed.add(did)


async def _catch_up(services: Services, did: Did) -> None:
    after: str | None = None
    while services.keyring.open_key(did) is not None:
        page = await services.store.organisms.awaiting_verdict(did, CATCH_UP_PAGE, after)
        for spoken in page.items:
            if await services.store.organisms.auto_concurring(spoken.organism, [did]):
                await concur_as(services, did, spoken.url)
        if not page.more:
            return
        after = page.cursors[-1]


async def concur_as(services: Services, did: Did, url: str) -> None:
    """Evaluates as that member and signs its concurrence, unless it has given a verdict itself."""
    try:
        (spoken,) = await services.store.organisms.spoken([url])
        (stored,) = await services.store.expressions.get([url])
        if spoken is None or stored is None or stored.expression is None:
            return
        if await _allowed(services, did, said(spoken, stored.expression), spoken):
            await commit(services, spoken.organism, lambda: _concur(services, did, spoken))
    except DomainError as exc:
        if exc.code in PASSING:
            services.owed.add(did)
        log.info("automatic_concurrence_refused", did=did, url=url, code=exc.code)


async def _allowed(services: Services, did: Did, subject: Said, spoken: SpokenExpression) -> bool:
    gathered = await gathering(services, spoken.organism)
    judged = await evaluate_output(services, spoken.dna, gathered, subject, did, services.clock())
    return judged.evaluation.true


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
