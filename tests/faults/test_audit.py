"""The audit itself: it reads one moment however much happens meanwhile, and it finds what is wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults import documents
from tests.faults.audit import audit
from tests.faults.faulty import Inside, inside
from tests.faults.ledger import Ledger, Sent, hosted_mark
from tests.faults.line import Asks, Json

SAID = "hello"


@dataclass
class Meddled:
    """The answers of another line: signatures come through `forge`, the first ones after `meddle`."""

    real: Asks
    meddle: Callable[[], Awaitable[None]] | None = None
    forge: Callable[[list[Json]], list[Json]] = field(default=lambda signatures: signatures)

    async def ask(self, query: str, variables: Json = None) -> Json:
        if query != documents.SIGNATURES:
            return await self.real.ask(query, variables)
        meddle, self.meddle = self.meddle, None
        if meddle is not None:
            await meddle()
        answer = await self.real.ask(query, variables)
        return {"soSignatures": self.forge(answer["soSignatures"])}


@dataclass
class Spoken:
    """An expression of an organism, and one who can still concur with it."""

    uri: str
    url: str
    other: Asks
    ledger: Ledger

    async def concur(self) -> None:
        await self.other.ask(documents.CONCUR, {"u": self.uri, "url": self.url})


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, {}) as opened:
        yield opened


async def spoken(here: Inside) -> Spoken:
    """Said by one of two hosted members; neither concurs automatically."""
    (first, one), (second, two) = [await _hosted(here, name) for name in ("Ada", "Bob")]
    uri = str((await one.ask(documents.CREATE, {"o": {"name": "Pair", "members": [second]}}))["soCreate"])
    await two.ask(documents.JOIN, {"u": uri})
    await two.ask("mutation { soSetAutoConcur(soURI: null, on: false) }")
    said = {"u": uri, "content": f'"{SAID}"', "languageAddress": "literal"}
    url = str((await one.ask(documents.SPEAK, said))["soSpeak"]["url"])
    await here.quiet()
    return Spoken(uri, url, two, _ledger(uri, url, first, second))


async def _hosted(here: Inside, name: str) -> tuple[str, Asks]:
    async with here.connect() as opened:
        made = (await opened.ask(documents.HOST, {"n": name}))["agentCreateHosted"]
    async with here.connect(made["token"]) as own:
        return made["did"], own


def _ledger(uri: str, url: str, first: str, second: str) -> Ledger:
    """All that is said and done here, as sent and not answered."""
    marks = [hosted_mark(second, "join", uri, ""), hosted_mark(first, "speak", uri, SAID)]
    marks.append(hosted_mark(second, "verdict", uri, url))
    return Ledger(frozenset({first, second}), [Sent("", {}, mark, uri, "") for mark in marks])


async def test_a_verdict_given_while_the_audit_reads_is_no_difference(here: Inside) -> None:
    said = await spoken(here)

    async with here.connect() as opened:
        audited = await audit(Meddled(opened, said.concur), said.uri, said.ledger)

    assert audited.counted.coherence(said.url)["asSpokenConcurring"] == 2


async def test_a_verdict_that_is_not_shown_is_found(here: Inside) -> None:
    said = await spoken(here)
    await said.concur()

    async with here.connect() as opened:
        hiding = Meddled(opened, forge=lambda signatures: signatures[:-1])
        with pytest.raises(AssertionError, match="not the live verdicts"):
            await audit(hiding, said.uri, said.ledger)


async def test_a_verdict_that_is_shown_twice_is_found(here: Inside) -> None:
    said = await spoken(here)

    async with here.connect() as opened:
        doubling = Meddled(opened, forge=lambda signatures: signatures * 2)
        with pytest.raises(AssertionError, match="shown twice"):
            await audit(doubling, said.uri, said.ledger)
