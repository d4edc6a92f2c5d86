"""What is kept of the facts of a recorded evaluation, so that another program can be judged by them.

Members, votes, epoch and time follow from the log, and the text of expressions is kept elsewhere (and
can be erased there). So only the rest is kept, under the hash of the evaluation's facts: whoever puts the
facts together again knows by that hash whether they are the same.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.identity import Did
from domain.organisms.dna import Program
from domain.organisms.facts import EXPRESSIONS, NUCLEUS, RELATIONS, VERDICTS, Given, NucleusLink, Relation, Situation
from domain.organisms.statement import Verdict

LARGEST = 128 << 10
"""Bytes, compressed: facts of more than that are not kept."""

SECTIONS = {"said": EXPRESSIONS, "verdicts": VERDICTS, "links": NUCLEUS, "relations": RELATIONS}


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an evaluation looked at; None for what its program did not mention.

    `said` are URL and coherence of the expressions, in their order.
    """

    said: tuple[tuple[str, float | None], ...] | None = None
    verdicts: tuple[Given, ...] | None = None
    links: tuple[NucleusLink, ...] | None = None
    relations: tuple[Relation, ...] | None = None

    def lacks(self, program: Program) -> list[str]:
        """The names of facts that the program mentions and that are not here."""
        missing = [names for section, names in SECTIONS.items() if getattr(self, section) is None]
        return sorted(name for names in missing for name in names & program.mentions)


def keep(situation: Situation, program: Program) -> bytes | None:
    """What the program looked at in the situation; None where that is too much to be kept."""
    sections: dict[str, Any] = {  # Any: JSON
        "said": [[each.url, each.coherence] for each in situation.said],
        "verdicts": [[each.url, each.did, str(each.verdict), each.received_at] for each in situation.verdicts],
        "links": [[each.source, each.predicate, each.target, each.millis, each.author] for each in situation.links],
        "relations": [
            [each.observer, each.did, each.score, each.tier, each.relationship] for each in situation.relations
        ],
    }
    read = {section: value for section, value in sections.items() if SECTIONS[section] & program.mentions}
    packed = zlib.compress(json.dumps(read, separators=(",", ":")).encode())
    return packed if len(packed) <= LARGEST else None


def remember(packed: bytes) -> Remembered:
    """The inverse of `keep`."""
    sections: Mapping[str, Sequence[Sequence[Any]]] = json.loads(zlib.decompress(packed))  # Any: as kept
    said, verdicts, links, relations = (sections.get(section) for section in SECTIONS)
    return Remembered(
        None if said is None else tuple((str(url), coherence) for url, coherence in said),
        None if verdicts is None else tuple(Given(u, Did(d), Verdict(v), at) for u, d, v, at in verdicts),
        None if links is None else tuple(NucleusLink(*link) for link in links),
        None if relations is None else tuple(Relation(*relation) for relation in relations),
    )
