"""One valid statement of every type, signed by a numbered agent."""

import hashlib
from typing import Any

from domain.address import address
from domain.canonical import Json
from domain.identity import KeyPair
from domain.organisms.log import sign_head
from domain.organisms.statement import Statement, StatementType, make_statement
from tests.domain.agents import agent

AUTHOR = agent(0)
SERVER = agent(99)
AT = "2026-03-04T05:06:07.089Z"
ORGANISM = f"so://{address('an organism')}"
OTHER_ORGANISM = f"so://{address('another organism')}"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def head(organism: str = ORGANISM) -> dict[str, Json]:
    return sign_head(SERVER, organism, 7, hash_of("root"), 2, AT).as_json()


SPOKEN: dict[str, Json] = {"expression": "link:00112233445566778899aabbccddeeff", "content": hash_of("content")}

FIELDS: dict[str, dict[str, Json]] = {
    "found": {
        "organism": "",
        "name": "Garden club 😀",
        "description": "We grow things.",
        "invited": [agent(1).did, agent(2).did],
        "dna": hash_of("dna"),
        "meta": {"colour": "green", "n": 1},
        "nucleusNeighbourhood": f"neighbourhood://{address('nucleus')}",
        "outputsNeighbourhood": f"neighbourhood://{address('outputs')}",
        "inputsDMLanguage": address("inputs"),
        "nonce": "00112233445566778899aabbccddeeff",
    },
    "speak": SPOKEN | {"epoch": 2, "roster": hash_of("roster"), "dna": hash_of("dna"), "head": head()},
    "verdict": SPOKEN | {"epoch": 2, "verdict": "concur", "dna": hash_of("dna"), "reason": "It is so.", "head": head()},
    "propose": {"change": "add", "subject": agent(1).did, "epoch": 2, "note": "She knows roses."},
    "vouch": {"proposal": hash_of("proposal"), "reason": "I know her."},
    "decline": {"proposal": hash_of("proposal"), "reason": "I do not."},
    "withdraw": {"proposal": hash_of("proposal")},
    "join": {"epoch": 2, "proposal": hash_of("proposal")},
    "leave": {"epoch": 2},
    "retract": SPOKEN | {"reason": "I was wrong."},
}
OPTIONAL = {
    "found": {"description", "meta", "nucleusNeighbourhood", "outputsNeighbourhood", "inputsDMLanguage"},
    "speak": {"head"},
    "verdict": {"reason", "head"},
    "propose": {"note"},
    "vouch": {"reason"},
    "decline": {"reason"},
    "withdraw": set(),
    "join": {"proposal"},
    "leave": set(),
    "retract": {"reason"},
}
TYPES = [str(kind) for kind in StatementType]


def fields(kind: str, **changes: Any) -> dict[str, Json]:  # Any: JSON, right or wrong
    """All fields of a statement of this type but its author."""
    return {"type": kind, "organism": ORGANISM, "timestamp": AT} | FIELDS[kind] | changes


def example(kind: str, keys: KeyPair = AUTHOR, **changes: Any) -> Statement:  # Any: as above
    return make_statement(keys, fields(kind, **changes))
