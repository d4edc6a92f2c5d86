"""Lists: an observer's people, what was recorded, and how trust went over time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from datetime import timedelta

from domain.people.constants import DAY
from domain.people.history import KEPT, Snapshot, snapshot
from domain.people.interaction import Interaction, distinct
from domain.people.report import Override
from domain.people.signals import Signals, record
from domain.people.tier import Tier
from domain.people.trust import trust
from graphdb.interactions import Logged
from graphdb.page import Page
from resolvers.context import Context, Services
from resolvers.errors import InvalidArgument
from resolvers.paging import Place, decode, page_size
from resolvers.people.known import Known, among_known, moment, observer_of

SEARCH_LENGTH = 100
EPOCH = calendar_date(1970, 1, 1)


async def people(
    context: Context, first: int | None, after: str | None, tier: Tier | None, search: str | None
) -> Page[Known]:
    """Those with whom the observer recorded something, the most trusted first."""
    observer, services = observer_of(context, "READ"), context.services
    size = page_size(first, services.limits.page)
    if search is not None and not 0 < len(search.strip()) <= SEARCH_LENGTH:
        raise InvalidArgument("search", f"1 to {SEARCH_LENGTH} characters", search)
    await services.store.interactions.refresh(observer, moment(services, observer))
    tiers = None if tier is None else [tier]
    page = await services.store.interactions.trusted(
        observer, size, decode(after, place=Place.SCORE), tiers=tiers, search=search
    )
    records = await services.store.people.persons([each.person for each in page.items])
    found = zip(await among_known(services, observer, records), page.cursors, strict=True)
    there = [(each, cursor) for each, cursor in found if each is not None]
    return Page(tuple(each for each, _ in there), tuple(cursor for _, cursor in there), page.total, page.more)


async def interactions(
    context: Context, found: Known, first: int | None, after: str | None, *, newest_first: bool
) -> Page[Logged]:
    size = page_size(first, context.services.limits.page)
    return await context.services.store.interactions.page(
        found.observer, found.person.id, size, decode(after, place=Place.MOMENT), newest_first=newest_first
    )


# Trust over time


@dataclass(frozen=True, slots=True)
class DatedScore:
    """The snapshot of a date, kept on it or calculated now from what is known of it."""

    snapshot: Snapshot
    calculated: bool


def date_text(date: int) -> str:
    """`2026-01-31` for days since 1970."""
    return (EPOCH + timedelta(days=date)).isoformat()


async def trust_history(context: Context, found: Known, first: int | None, after: str | None) -> Page[DatedScore]:
    """One for each UTC date of the last year, from the first one with a record on, oldest first."""
    size, start = page_size(first, context.services.limits.page), _date_after(after)
    services, observer, person = context.services, found.observer, found.person.id
    today = services.clock() // DAY
    kept = {each.date: each for each in await services.store.people.snapshots(observer, person)}
    ((_, recorded),) = await services.store.interactions.histories(observer, [person])
    history = distinct(recorded)
    began = min([*kept, *(each.at // DAY for each in history[:1])], default=today + 1)
    dates = range(max(began, today - KEPT + 1), today + 1)
    wanted = [each for each in dates if start is None or each > start][:size]
    scored = await asyncio.to_thread(_scores, services, found, history, [each for each in wanted if each not in kept])
    items = tuple(DatedScore(kept.get(each) or scored[each], each not in kept) for each in wanted)
    more = bool(wanted) and wanted[-1] < today
    return Page(items, tuple(map(str, wanted)), len(dates), more)


def _date_after(cursor: str | None) -> int | None:
    place = decode(cursor)
    return None if place is None else int(place)


def _scores(
    services: Services, found: Known, history: Sequence[Interaction], dates: Sequence[int]
) -> dict[int, Snapshot]:
    """The scores at the end of each date, today's as of now, in one walk through the history."""
    owner = services.people.owners.owns(found.observer, found.person)
    now, signals, walked = services.clock(), Signals(), 0
    scores: dict[int, Snapshot] = {}
    for date in dates:
        end = min(now, (date + 1) * DAY - 1)
        while walked < len(history) and history[walked].at <= end:
            signals = record(signals, history[walked])
            walked += 1
        scores[date] = snapshot(trust(signals, end, owner=owner, override=_override(found, end, now)))
    return scores


def _override(found: Known, end: int, now: int) -> Override | None:
    """Holds today; the past is told as the history tells it."""
    return found.grounds.override if end == now else None
