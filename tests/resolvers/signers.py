"""Agents that sign for themselves in two live organisms, and one valid statement of every type that is not sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.canonical import Json, canonical, parse, sha256_hex
from domain.expressions import Expression, link_url, sign_expression
from domain.identity import Did, KeyPair
from domain.organisms.statement import Statement, make_statement
from domain.organisms.templates import DEFAULT
from domain.sign_in import SIGN_IN_DOMAIN
from domain.timestamp import format_millis
from server.app import now_millis
from tests.domain.agents import agent
from tests.faults import documents
from tests.faults.faulty import Inside
from tests.faults.line import Refused

ADA, BOB, CLEO, DAN, EVE, FAY = map(agent, range(6))
"""The first three are members of both organisms, the fourth is invited, the others are proposed."""

PROGRAM = sha256_hex(DEFAULT.program.encode())
NOWHERE = "so://QmzSYwdexVtzt8GEY37qzRy15mNL59XrpjvZJjgYXa43j6CewKE"

MUTATIONS = {
    "soCreate": documents.CREATE,
    "soSpeak": documents.SPEAK,
    "soConcur": documents.CONCUR,
    "soReject": documents.REJECT,
    "soRetract": documents.RETRACT,
    "soSuggestMemberAddition": documents.ADD,
    "soSuggestMemberRemoval": documents.REMOVE,
    "soVouchForNewMember": documents.VOUCH,
    "soRejectNewMember": documents.DECLINE,
    "soVote to vouch": documents.VOTE,
    "soVote to decline": documents.VOTE,
    "soWithdrawProposal": documents.WITHDRAW,
    "soJoin": documents.JOIN,
    "soLeave": documents.LEAVE,
}
OWN = {
    "found": {"soCreate"},
    "speak": {"soSpeak"},
    "verdict": {"soConcur"},
    "retract": {"soRetract"},
    "propose": {"soSuggestMemberAddition"},
    "vouch": {"soVote to vouch", "soVouchForNewMember"},
    "decline": {"soVote to decline", "soRejectNewMember"},
    "withdraw": {"soWithdrawProposal"},
    "join": {"soJoin"},
    "leave": {"soLeave"},
}
"""The mutations that each type of the waiting statements is for."""


def fields_of(statement: Statement) -> dict[str, Json]:
    value = parse(statement.text)
    assert isinstance(value, dict)
    return value


def _text(fields: Mapping[str, Json], name: str, otherwise: str) -> str:
    """A field as an argument: where there is none, or it is no string, something plausible."""
    value = fields.get(name)
    return value if isinstance(value, str) else otherwise


@dataclass
class Signers:
    """`waiting` has one valid statement of each type, signed and not sent."""

    inside: Inside
    tokens: dict[str, str] = field(default_factory=dict)
    here: str = ""
    there: str = ""
    said: dict[str, Expression] = field(default_factory=dict)
    proposals: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, Statement] = field(default_factory=dict)
    newest: int = 0

    def sign(self, keys: KeyPair, kind: str, organism: str, **fields: Json) -> Statement:
        """Each dated later than the one before."""
        self.newest = max(now_millis(), self.newest + 1)
        common = {"type": kind, "organism": organism, "timestamp": format_millis(self.newest)}
        return make_statement(keys, {**common, **fields})

    def variables(self, fields: Mapping[str, Json], mutation: str, organism: str | None = None) -> dict[str, Json]:
        """Arguments that agree with the statement wherever it says anything about them."""
        url = _text(fields, "expression", next(iter(self.said), ""))
        expression = self.said.get(url)
        invited = fields.get("invited")
        proposed = _text(fields, "proposal", self.proposals.get(EVE.did, ""))
        return {
            "u": organism if organism is not None else _text(fields, "organism", self.here),
            "o": {"name": _text(fields, "name", "N"), "members": invited if isinstance(invited, list) else []},
            "url": url,
            "content": "null" if expression is None else canonical(expression.as_json()),
            "languageAddress": "link",
            "did": _text(fields, "subject", EVE.did),
            "proposal": fields.get("proposal") if mutation == "soJoin" else proposed,
            "vote": "DECLINE" if mutation.endswith("decline") else "VOUCH",
        }

    async def answer(self, text: str, signature: str, mutation: str, variables: Mapping[str, Json], token: str) -> str:
        """ "accepted", or the code of the refusal."""
        signed = {"statement": text, "signature": signature}
        async with self.inside.connect(token) as direct:
            try:
                await direct.ask(MUTATIONS[mutation], {**variables, "s": signed})
            except Refused as refused:
                return refused.code
        return "accepted"

    async def send(self, statement: Statement, mutation: str = "") -> str:
        """To where it belongs."""
        fields = fields_of(statement)
        mutation = mutation or sorted(OWN[str(statement.type)])[0]
        if "proposal" in fields:
            fields["subject"] = next(did for did, each in self.proposals.items() if each == fields["proposal"])
        variables = self.variables(fields, mutation)
        return await self.answer(
            statement.text, statement.signature, mutation, variables, self.tokens[statement.author]
        )

    async def written(self) -> object:
        """Everything that a statement could change."""
        store = self.inside.services.store
        organisms = [await store.organisms.gathering(uri) for uri in (self.here, self.there)]
        spoken = await store.organisms.spoken(list(self.said))
        kept = await store.expressions.get(list(self.said))
        return await store.organisms.position(), organisms, spoken, kept

    # How the world comes to be

    async def build(self) -> None:
        for keys in (ADA, BOB, CLEO, DAN, EVE, FAY):
            self.tokens[keys.did] = await self._sign_in(keys)
        self.here, self.there = await self._found("Here"), await self._found("There")
        for uri in (self.here, self.there):
            for epoch, keys in enumerate((BOB, CLEO)):
                await self._accepted(self.sign(keys, "join", uri, epoch=epoch))
        for keys, uri in ((ADA, self.here), (BOB, self.here), (ADA, self.there)):
            await self._accepted(await self.speak(keys, uri))
        for keys, subject in ((ADA, EVE), (BOB, FAY)):
            opened = self.sign(keys, "propose", self.here, change="add", subject=subject.did, epoch=2)
            await self._accepted(opened)
            self.proposals[subject.did] = opened.id
        await self._wait()

    async def _sign_in(self, keys: KeyPair) -> str:
        async with self.inside.connect() as direct:
            challenge = (await direct.ask(documents.CHALLENGE, {"d": keys.did}))["agentChallenge"]
            signature = keys.sign(SIGN_IN_DOMAIN + canonical(challenge).encode())
            given = {"d": keys.did, "n": challenge["nonce"], "s": signature}
            return str((await direct.ask(documents.SIGN_IN, given))["agentSignIn"])

    def founding(self, name: str, *invited: Did) -> Statement:
        dids: list[Json] = [*invited]
        return self.sign(ADA, "found", "", name=name, invited=dids, dna=PROGRAM, nonce=f"{len(name):032x}")

    async def _found(self, name: str) -> str:
        statement = self.founding(name, BOB.did, CLEO.did, DAN.did)
        async with self.inside.connect(self.tokens[ADA.did]) as direct:
            given = {"o": {"name": name, "members": list(statement.invited)}}
            signed = {"statement": statement.text, "signature": statement.signature}
            return str((await direct.ask(documents.CREATE, {**given, "s": signed}))["soCreate"])

    async def _accepted(self, statement: Statement) -> None:
        assert await self.send(statement) == "accepted"

    async def speak(self, keys: KeyPair, uri: str) -> Statement:
        """A statement that speaks a new link, now."""
        gathered = await self.inside.services.store.organisms.gathering(uri)
        assert gathered is not None
        organism = gathered.organism
        data: Json = {"source": f"said {len(self.said)}", "predicate": None, "target": "t"}
        expression = sign_expression(keys, data, format_millis(now_millis()))
        url = link_url(expression)
        self.said[url] = expression
        facts: dict[str, Json] = {"epoch": organism.epoch, "roster": organism.roster, "dna": organism.dna}
        return self.sign(keys, "speak", uri, expression=url, content=expression.content, **facts)

    async def _wait(self) -> None:
        """In an order in which all of them can be accepted."""
        url, expression = next(iter(self.said.items()))
        of = {"expression": url, "content": expression.content}
        eve, fay = self.proposals.values()
        self.waiting = {
            "found": self.founding("Elsewhere", BOB.did),
            "speak": await self.speak(BOB, self.here),
            "verdict": self.sign(CLEO, "verdict", self.here, **of, epoch=2, verdict="concur", dna=PROGRAM),
            "retract": self.sign(ADA, "retract", self.here, **of),
            "propose": self.sign(ADA, "propose", self.here, change="add", subject=agent(6).did, epoch=2),
            "vouch": self.sign(CLEO, "vouch", self.here, proposal=eve),
            "decline": self.sign(CLEO, "decline", self.here, proposal=fay),
            "withdraw": self.sign(BOB, "withdraw", self.here, proposal=fay),
            "join": self.sign(DAN, "join", self.here, epoch=2),
            "leave": self.sign(CLEO, "leave", self.here, epoch=2),
        }


async def signers(inside: Inside) -> Signers:
    made = Signers(inside)
    await made.build()
    return made
