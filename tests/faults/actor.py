"""Agents that act at random: their own key or a hosted one, several requests under way at once."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain.canonical import canonical, sha256_hex
from domain.expressions import literal_url, sign_expression
from domain.identity import KeyPair
from domain.organisms.statement import make_statement
from domain.organisms.templates import TEMPLATES
from domain.timestamp import format_millis
from tests.faults import documents
from tests.faults.ledger import Ledger, Mark, Sent, hosted_mark, signed_mark

Json = Any  # Any: variables and answers of GraphQL


@dataclass(slots=True)
class View:
    """What agents last saw of an organism; a stale view gets statements refused.

    In a calm organism the members stay; in others all may leave but the founder, so that none becomes dormant.
    """

    uri: str
    founder: str
    calm: bool = False
    epoch: int = 0
    roster: str = ""
    dna: str = ""
    members: frozenset[str] = frozenset()
    expressions: list[Json] = field(default_factory=list)
    proposals: list[str] = field(default_factory=list)

    def update(self, organism: Json) -> None:
        self.epoch, self.roster, self.dna = organism["epoch"], organism["rosterRoot"], organism["dnaHash"]
        self.members = frozenset(edge["node"]["did"] for edge in organism["members"]["edges"])


@dataclass(slots=True)
class Actor:
    """One agent; `keys` is None where the server keeps them. Every request it makes can be sent again as it is."""

    name: str
    did: str
    token: str
    keys: KeyPair | None
    ledger: Ledger
    chance: random.Random
    number: int = 0
    newest: int = 0

    def act(self, view: View, everybody: list[str]) -> Sent:
        """A random request, noted in the ledger before it is sent."""
        if self.did not in view.members:
            return self._join(view)
        kinds: list[tuple[int, Callable[[View, list[str]], Sent]]] = [
            (4, self._speak),
            (5 if view.expressions else 0, self._verdict),
            (0 if view.calm or view.founder == self.did else 1, self._leave),
            (0 if view.calm else 1, self._propose),
            (3 if view.proposals else 0, self._vote),
        ]
        (chosen,) = self.chance.choices([each for _, each in kinds], [weight for weight, _ in kinds])
        return chosen(view, everybody)

    def speak(self, view: View) -> Sent:
        return self._speak(view, [])

    def verdict(self, view: View) -> Sent:
        return self._verdict(view, [])

    def join(self, view: View) -> Sent:
        return self._join(view)

    def leave(self, view: View) -> Sent:
        return self._leave(view, [])

    def propose(self, view: View, everybody: list[str]) -> Sent:
        return self._propose(view, everybody)

    def vote(self, view: View) -> Sent:
        return self._vote(view, [])

    def retract(self, view: View) -> Sent:
        """The newest expression that this agent spoke."""
        spoken = next(each for each in reversed(view.expressions) if each["speaker"] == self.did)
        reason = f"{self.name} retracts {self._next()}"
        fields = {"expression": spoken["url"], "content": spoken["content"], "reason": reason}
        variables = {"url": spoken["url"], "reason": reason}
        return self._sent(documents.RETRACT, view, "retract", reason, variables, fields)

    def withdraw(self, view: View) -> Sent:
        """The newest proposal, which this agent must have opened."""
        proposal = view.proposals[-1]
        return self._sent(documents.WITHDRAW, view, "withdraw", "", {"proposal": proposal}, {"proposal": proposal})

    def vouch(self, view: View, did: str) -> Sent:
        """For the newcomer of the newest proposal."""
        return self._sent(documents.VOUCH, view, "vouch", "", {"did": did}, {"proposal": view.proposals[-1]})

    def decline(self, view: View, did: str) -> Sent:
        """The newcomer of the newest proposal."""
        reason = f"{self.name} declines {self._next()}"
        fields = {"proposal": view.proposals[-1], "reason": reason}
        return self._sent(documents.DECLINE, view, "decline", reason, {"did": did, "reason": reason}, fields)

    def _speak(self, view: View, _: list[str]) -> Sent:
        said = f"{self.name} says {self._next()}"
        variables: Json = {"languageAddress": "literal", "content": canonical(said)}
        fields: Json = {"epoch": view.epoch, "roster": view.roster, "dna": view.dna}
        if self.keys is not None:
            expression = sign_expression(self.keys, said, format_millis(self._millis()))
            variables["content"] = json.dumps(expression.as_json())
            fields |= {"expression": literal_url(expression), "content": expression.content}
        return self._sent(documents.SPEAK, view, "speak", said, variables, fields)

    def _verdict(self, view: View, _: list[str]) -> Sent:
        spoken, rejects = self.chance.choice(view.expressions), self.chance.random() < 0.3
        reason = f"{self.name} objects {self._next()}" if rejects else None
        fields = {
            "expression": spoken["url"],
            "content": spoken["content"],
            "epoch": spoken["epoch"],
            "dna": spoken["dnaHash"],
            "verdict": "reject" if rejects else "concur",
        }
        fields |= {"reason": reason} if reason else {}
        variables = {"url": spoken["url"], **({"reason": reason} if reason else {})}
        document = documents.REJECT if rejects else documents.CONCUR
        return self._sent(document, view, "verdict", reason or spoken["url"], variables, fields)

    def _join(self, view: View) -> Sent:
        return self._sent(documents.JOIN, view, "join", "", {}, {"epoch": view.epoch})

    def _leave(self, view: View, _: list[str]) -> Sent:
        return self._sent(documents.LEAVE, view, "leave", "", {}, {"epoch": view.epoch})

    def _propose(self, view: View, everybody: list[str]) -> Sent:
        subject = self.chance.choice([did for did in everybody if did not in {self.did, view.founder}])
        note = f"{self.name} proposes {self._next()}"
        change = "remove" if subject in view.members else "add"
        fields = {"change": change, "subject": subject, "note": note, "epoch": view.epoch}
        document = documents.REMOVE if change == "remove" else documents.ADD
        return self._sent(document, view, "propose", note, {"did": subject, "note": note}, fields)

    def _vote(self, view: View, _: list[str]) -> Sent:
        proposal, reason = self.chance.choice(view.proposals[-5:]), f"{self.name} votes {self._next()}"
        kind = "vouch" if self.chance.random() < 0.8 else "decline"
        variables = {"proposal": proposal, "vote": kind.upper(), "reason": reason}
        return self._sent(documents.VOTE, view, kind, reason, variables, {"proposal": proposal, "reason": reason})

    def founding(self, given: Json) -> Json:
        """The variables of a `soCreate` that this agent signs itself."""
        assert self.keys is not None
        dna = sha256_hex(TEMPLATES[given["template"]].program.encode())
        fields = {"type": "found", "organism": "", "name": given["name"], "invited": given["members"], "dna": dna}
        fields |= {"timestamp": format_millis(self._millis()), "nonce": f"{self.chance.getrandbits(128):032x}"}
        statement = make_statement(self.keys, fields)
        return {"o": given, "s": {"statement": statement.text, "signature": statement.signature}}

    def _sent(self, document: str, view: View, kind: str, word: str, variables: Json, fields: Json) -> Sent:
        """Signed here where the key is here; else named by an idempotency key. Both make a repeat the same request."""
        mark: Mark
        if self.keys is None:
            mark = hosted_mark(self.did, kind, view.uri, word)
            variables = {**variables, "k": f"{self.name} {self._next()}"}
        else:
            common = {"type": kind, "organism": view.uri, "timestamp": format_millis(self._millis())}
            statement = make_statement(self.keys, {**common, **fields})
            mark = signed_mark(statement)
            variables = {**variables, "s": {"statement": statement.text, "signature": statement.signature}}
        sent = Sent(document, {"u": view.uri, **variables}, mark, view.uri, self.name)
        self.ledger.requests.append(sent)
        return sent

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _millis(self) -> int:
        """Strictly growing, so that a later verdict or vote of this agent is dated later."""
        self.newest = max(time.time_ns() // 1_000_000, self.newest + 1)
        return self.newest
