"""What another Social DNA would have decided: the organism's newest expressions and admissions, judged again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.organisms.acceptance import require_member
from domain.organisms.dna import Case, DnaVerdict, Fact, Program
from domain.organisms.facts import Said, facts
from domain.organisms.kept import Remembered, remember
from domain.organisms.organism import Membership
from domain.organisms.whatif import Compared, Past, WhatIf, not_comparable, past_of, situation_of, undefined
from graphdb.store import Page, StoredExpression
from resolvers.context import Context, Services
from resolvers.paging import decode, page_size
from resolvers.so.evaluate import program_text
from resolvers.so.read import known_organism

LOOKED_AT = 200
TOGETHER = 500
"""Facts of a case that is judged on one instance with others; more are loaded faster by snapshots, case by case."""


async def what_if(context: Context, uri: str, dna: str, first: int | None, after: str | None) -> Page[WhatIf]:
    """The newest first. For members, and one organism's history once at a time: it takes the engine a while."""
    organism, services = await known_organism(context, uri), context.services
    mine = dict(await services.store.organisms.memberships(context.me))
    require_member(mine.get(uri), context.me, organism)
    size, start = page_size(first, services.limits.page), decode(after)
    context.allow()
    program = await services.engine.compile(dna)
    every = [past_of(entry.text) for entry in await services.store.organisms.evaluated(uri, LOOKED_AT)]
    waiting = [past for past in every if start is None or past.seq < int(start)]
    async with services.guard(f"what-if {uri}"):
        judged = await _History(services, uri, dna, program).judge(waiting[:size])
    return Page(tuple(judged), tuple(str(each.past.seq) for each in judged), len(every), len(waiting) > size)


def _said(stored: StoredExpression | None) -> Said | None:
    if stored is None or stored.expression is None:
        return None
    return Said(stored.url, stored.language, stored.expression)


@dataclass(frozen=True, slots=True)
class _Question:
    """What the other program is asked about one decision."""

    past: Past
    facts: tuple[Fact, ...]

    @property
    def case(self) -> Case:
        return Case(self.past.predicate, self.past.subject, self.facts)


class _History:
    """One organism's past in the eyes of one program; what several decisions share is read once."""

    def __init__(self, services: Services, uri: str, dna: str, program: Program) -> None:
        self._services = services
        self._uri = uri
        self._dna = dna
        self._program = program
        self._roster: tuple[int, tuple[Membership, ...]] = (-1, ())
        """Of the epoch looked at latest: decisions come in order, and rosters may be large."""
        self._said: dict[str, Said | None] = {}

    async def judge(self, pasts: Sequence[Past]) -> list[WhatIf]:
        kept = await self._services.store.organisms.kept_facts(self._uri, sorted({past.facts for past in pasts}))
        found: list[_Question | WhatIf] = []
        for past in pasts:
            question = await self._question(past, kept.get(past.facts))
            if isinstance(question, _Question) and len(question.facts) > TOGETHER:
                question = await self._fresh(question)  # at once, so that large facts are not held together
            found.append(question)
        answers = iter(await self._answers([each for each in found if isinstance(each, _Question)]))
        return [next(answers) if isinstance(each, _Question) else each for each in found]

    async def _question(self, past: Past, packed: bytes | None) -> "_Question | WhatIf":
        """The facts of that time for the other program, where the same are found for the one that decided."""
        nothing = undefined(past, self._program)
        if nothing is not None:
            return nothing
        remembered = Remembered() if packed is None else remember(packed)
        missing = remembered.lacks(self._program)
        if missing:
            return not_comparable(past, f"facts of that time are not kept: {', '.join(missing)}")
        said = await self._expressions(remembered)
        if said is None:
            return not_comparable(past, "the content of an expression is not there any more")
        proposal = None if past.proposal is None else await self._services.store.organisms.proposal(past.proposal)
        situation = situation_of(past, remembered, await self._members(past.epoch), said, proposal)
        decided = await program_text(self._services, past.dna)
        engine = self._services.engine
        found = await engine.facts_hash(decided, facts(situation, await engine.compile(decided)))
        if found != past.facts:
            return not_comparable(past, "the facts of that time cannot be put together again")
        return _Question(past, facts(situation, self._program))

    async def _members(self, epoch: int) -> tuple[Membership, ...]:
        known, members = self._roster
        if known != epoch:
            organisms, most = self._services.store.organisms, self._services.limits.members
            members = (await organisms.members(self._uri, most, None, epoch=epoch)).items
            self._roster = (epoch, members)
        return members

    async def _expressions(self, remembered: Remembered) -> list[Said] | None:
        """None where one of them was erased."""
        wanted = remembered.said or ()
        missing = [url for url, _ in wanted if url not in self._said]
        if missing:
            stored = await self._services.store.expressions.get(missing)
            self._said |= {url: _said(each) for url, each in zip(missing, stored, strict=True)}
        found = [(self._said[url], coherence) for url, coherence in wanted]
        said = [replace(each, coherence=coherence) for each, coherence in found if each is not None]
        return said if len(said) == len(wanted) else None

    async def _answers(self, questions: Sequence[_Question]) -> list[WhatIf]:
        """Judged together, and by a fresh instance wherever the answer would matter."""
        together = await self._services.engine.evaluate_all(self._dna, [each.case for each in questions])
        return [
            WhatIf(each.past, Compared(each.past.verdict))
            if answer.verdict is each.past.verdict
            else await self._fresh(each)
            for each, answer in zip(questions, together, strict=True)
        ]

    async def _fresh(self, question: _Question) -> WhatIf:
        past = question.past
        found = await self._services.engine.evaluate(self._dna, past.predicate, past.subject, question.facts)
        reason = found.reason if found.verdict is DnaVerdict.UNDECIDED else None
        return WhatIf(past, Compared(found.verdict), reason)
