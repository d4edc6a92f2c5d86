"""An organism counted again from the entries of its log alone, independently of what any store keeps.

`apply` also checks what every log must hold: numbers without gaps, valid signatures, rosters and
epochs that follow from one another, and a cause for every derived entry.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.canonical import canonical, sha256_hex
from domain.identity import Did
from domain.organisms.log import Frontier, leaf_hash
from domain.organisms.roster import roster_root
from domain.organisms.statement import Statement, StatementType, parse_statement

Json = Any  # Any: entries are read as the JSON they are


@dataclass(frozen=True, slots=True)
class Live:
    """One agent's live verdict on one expression."""

    verdict: str
    millis: int
    statement_id: str
    automatic: bool


@dataclass(slots=True)
class Said:
    """One spoken expression with its live verdicts."""

    epoch: int
    roster: frozenset[str]
    content: str
    speaker: str
    retracted: bool = False
    verdicts: dict[str, Live] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """One proposal with its votes."""

    change: str
    subject: str
    author: str
    joined: bool
    state: str = "OPEN"
    profile: Json = None
    votes: dict[str, str] = field(default_factory=dict)

    def voters(self, vote: str) -> set[str]:
        return {did for did, given in self.votes.items() if given == vote}


@dataclass(slots=True)
class Recount:
    """What follows from the first `size` entries."""

    size: int = 0
    epoch: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    members: set[str] = field(default_factory=set)
    invited: set[str] = field(default_factory=set)
    dna: str = ""
    adoptions: list[tuple[int, str, str | None]] = field(default_factory=list)
    profile: dict[str, Json] = field(default_factory=dict)
    consented: set[str] = field(default_factory=set)
    said: dict[str, Said] = field(default_factory=dict)
    proposals: dict[str, Asked] = field(default_factory=dict)
    statements: set[str] = field(default_factory=set)

    @property
    def root(self) -> str:
        return self.frontier.root().hex()

    @property
    def roster(self) -> str:
        return roster_root(Did(did) for did in self.members)

    def apply(self, text: str) -> None:
        """Takes the next entry in; raises AssertionError where the log could not have come to be that way."""
        entry = json.loads(text)
        assert entry["seq"] == self.size + 1, f"entry {entry['seq']} follows entry {self.size}"
        self.size += 1
        self.frontier = self.frontier.append(leaf_hash(text))
        statement = self._statement(entry)
        getattr(self, f"_{entry['event']}")(entry["data"], statement)

    def _statement(self, entry: Json) -> Statement | None:
        if "statement" not in entry:
            return None
        statement = parse_statement(entry["statement"], entry["signature"])
        assert statement.id not in self.statements, f"the statement {statement.id} was accepted twice"
        self.statements.add(statement.id)
        return statement

    def coherence(self, url: str) -> dict[str, object]:
        """As `SoCoherence` has it."""
        said = self.said[url]
        concurring = {did for did, live in said.verdicts.items() if live.verdict == "concur"}
        counted, current = len(concurring & said.roster), len(concurring & self.members)
        return {
            "asSpoken": counted / len(said.roster),
            "asSpokenConcurring": counted,
            "asSpokenMembers": len(said.roster),
            "current": current / len(self.members) if self.members else None,
            "currentConcurring": current,
            "currentMembers": len(self.members),
            "rejecting": len(said.verdicts) - len(concurring),
            "epoch": said.epoch,
            "rosterRoot": roster_root(Did(did) for did in said.roster),
        }

    def signatures(self, url: str) -> dict[str, tuple[str, str, bool]]:
        """The live verdict of each agent: what it says, its statement, and whether the server gave it by itself."""
        verdicts = self.said[url].verdicts
        return {did: (each.verdict, each.statement_id, each.automatic) for did, each in verdicts.items()}

    def _Founded(self, data: Json, statement: Statement | None) -> None:
        assert statement is not None
        assert statement.type is StatementType.FOUND
        self.members.add(statement.author)
        self.invited.update(set(statement.invited) - {statement.author})
        self.consented = {statement.author}
        self._follow(statement.dna, None)
        fields = statement.fields
        self.profile = {name: fields[name] for name in ("name", "description", "meta") if name in fields}
        assert data["roster"] == self.roster

    def _NewExpression(self, data: Json, statement: Statement | None) -> None:
        assert statement is not None
        assert statement.type is StatementType.SPEAK
        assert statement.author in self.members
        assert (statement.epoch, statement.roster, statement.dna) == (self.epoch, self.roster, self.dna)
        assert statement.expression not in self.said
        assert data["members"] == len(self.members)
        roster = frozenset(self.members)
        said = self.said[statement.expression] = Said(self.epoch, roster, statement.content, statement.author)
        said.verdicts[statement.author] = Live("concur", statement.millis, statement.id, automatic=False)

    def _VerdictGiven(self, data: Json, statement: Statement | None) -> None:
        assert statement is not None
        assert statement.type is StatementType.VERDICT
        assert statement.author in self.members
        said = self.said[statement.expression]
        assert data["asSpoken"] == (statement.author in said.roster)
        before = said.verdicts.get(statement.author)
        assert before is None or before.millis < statement.millis
        if data["automatic"]:
            assert before is None, "a verdict of the agent's own was replaced automatically"
            assert statement.author in self.consented, "signed for an agent that never joined by itself"
        live = Live(str(statement.verdict), statement.millis, statement.id, data["automatic"])
        said.verdicts[statement.author] = live

    def _ExpressionRetracted(self, data: Json, statement: Statement | None) -> None:
        assert statement is not None
        said = self.said[statement.expression]
        assert statement.author == said.speaker
        said.retracted = True

    def _ProposalOpened(self, data: Json, statement: Statement | None) -> None:
        assert statement is not None
        asked = Asked(data["change"], data["subject"], statement.author, data["joined"])
        self.proposals[statement.id] = asked
        if asked.change == "dna":
            assert data["base"] == self.dna != asked.subject
        if asked.change == "profile":
            asked.profile = data["profile"]
            assert asked.subject == sha256_hex(canonical(asked.profile).encode())
        if asked.joined:
            assert statement.type is StatementType.JOIN
            assert statement.author == asked.subject
            self.consented.add(statement.author)
        else:
            assert statement.author in self.members
            asked.votes[statement.author] = "vouch"

    def _VoteCast(self, data: Json, statement: Statement | None) -> None:
        assert statement is not None
        assert statement.author in self.members
        assert self.proposals[data["proposal"]].state == "OPEN"
        self.proposals[data["proposal"]].votes[statement.author] = data["vote"]

    def _JoinRequested(self, data: Json, statement: Statement | None) -> None:
        assert statement is not None
        assert statement.type is StatementType.JOIN
        self.consented.add(statement.author)
        if data["proposal"] is not None:
            assert self.proposals[data["proposal"]].subject == statement.author
            self.proposals[data["proposal"]].joined = True

    def _NewMember(self, data: Json, statement: Statement | None) -> None:
        did, proposal = data["did"], data["proposal"]
        assert statement is None
        assert did not in self.members
        assert did in self.consented, "admitted without an own join"
        if proposal is None:
            assert did in self.invited
        else:
            asked = self.proposals[proposal]
            assert (asked.change, asked.subject, asked.state, asked.joined) == ("add", did, "OPEN", True)
        self.members.add(did)
        self.invited.discard(did)
        self._next_epoch(data)

    def _MemberRemoved(self, data: Json, statement: Statement | None) -> None:
        did, proposal = data["did"], data["proposal"]
        assert did in self.members
        if statement is None:
            asked = self.proposals[proposal]
            assert (asked.change, asked.subject, asked.state) == ("remove", did, "OPEN")
        else:
            assert (statement.type, statement.author) == (StatementType.LEAVE, did)
        self.members.discard(did)
        self.consented.discard(did)
        self._next_epoch(data)

    def _next_epoch(self, data: Json) -> None:
        self.epoch += 1
        assert (data["epoch"], data["members"], data["roster"]) == (self.epoch, len(self.members), self.roster)

    def _DnaChanged(self, data: Json, statement: Statement | None) -> None:
        asked = self.proposals[data["proposal"]]
        assert statement is None
        assert (asked.change, asked.subject, asked.state) == ("dna", data["dna"], "OPEN")
        assert (data["previous"], data["epoch"]) == (self.dna, self.epoch + 1)
        self.epoch += 1
        self._follow(data["dna"], data["proposal"])

    def _follow(self, dna: str, proposal: str | None) -> None:
        self.dna = dna
        self.adoptions.append((self.epoch, dna, proposal))

    def _ProfileChanged(self, data: Json, statement: Statement | None) -> None:
        asked = self.proposals[data["proposal"]]
        assert statement is None
        assert (asked.change, asked.profile, asked.state) == ("profile", data["profile"], "OPEN")
        self.profile = data["profile"]

    def _ProposalClosed(self, data: Json, statement: Statement | None) -> None:
        asked = self.proposals[data["proposal"]]
        assert asked.state == "OPEN"
        if data["state"] == "ACCEPTED":
            assert self._is_done(asked), "accepted, and nothing came of it"
        if data["state"] == "WITHDRAWN":
            assert statement is not None
            assert statement.author == asked.author
        asked.state = data["state"]

    def _is_done(self, asked: Asked) -> bool:
        if asked.change == "dna":
            return self.dna == asked.subject
        if asked.change == "profile":
            return bool(self.profile == asked.profile)
        return (asked.subject in self.members) == (asked.change == "add")


def recount(texts: Iterable[str]) -> Recount:
    """The organism after all of these entries."""
    counted = Recount()
    for text in texts:
        counted.apply(text)
    return counted


def history(texts: Iterable[str]) -> Iterator[Recount]:
    """The one recount after each entry; look at it before taking the next."""
    counted = Recount()
    for text in texts:
        counted.apply(text)
        yield counted
