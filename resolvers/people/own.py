"""What an observer keeps about people for itself: notes and a summary."""

from graphdb.people import Kept, Note
from resolvers.context import Context
from resolvers.people.errors import UnknownNote
from resolvers.people.known import Known, known
from resolvers.people.words import checked_words

NOTE_LENGTH = 2_000
SUMMARY_LENGTH = 500
SOURCE_LENGTH = 100


async def kept(context: Context, found: Known) -> Kept:
    (keeping,) = await context.services.store.people.kept(found.observer, [found.person.id])
    return keeping


async def add_note(context: Context, person: str, content: str, source: str | None) -> tuple[Note, ...]:
    """The notes afterwards, oldest first; of more than fifty the oldest goes."""
    found = await known(context, "CREATE", person)
    services = context.services
    note = Note(
        id=f"n_{services.random(16).hex()}",
        content=checked_words("content", content, NOTE_LENGTH),
        author=found.observer,
        added_at=services.clock(),
        source=None if source is None else checked_words("source", source, SOURCE_LENGTH),
    )
    return await services.store.people.add_note(found.observer, found.person.id, note)


async def delete_note(context: Context, person: str, note: str) -> bool:
    found = await known(context, "DELETE", person)
    if not await context.services.store.people.remove_note(found.observer, found.person.id, note):
        raise UnknownNote(note)
    return True


async def set_summary(context: Context, person: str, summary: str | None) -> Known:
    """None takes it away."""
    found = await known(context, "UPDATE", person)
    words = None if summary is None else checked_words("summary", summary, SUMMARY_LENGTH)
    await context.services.store.people.summarise(found.observer, found.person.id, words)
    return found
