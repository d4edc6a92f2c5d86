"""What must hold of every organism after a fault: its log against the clients' ledger, its answers against its log."""

from dataclasses import dataclass

from domain.canonical import sha256_hex
from tests.faults import documents
from tests.faults.ledger import Ledger
from tests.faults.line import Asks, Json
from tests.faults.recount import Recount, recount

SIGNATURES_LOOKED_AT = 10
ATTEMPTS = 50


@dataclass(frozen=True)
class Audited:
    """One organism found sound, at one size of its log."""

    uri: str
    texts: list[str]
    counted: Recount


async def read_log(line: Asks, uri: str) -> list[str]:
    """The texts of all entries there are, their numbers without gaps and their hashes right."""
    texts: list[str] = []
    while page := (await line.ask(documents.LOG, {"u": uri, "a": len(texts)}))["soLog"]:
        for entry in page:
            assert entry["seq"] == len(texts) + 1
            assert entry["leaf"] == sha256_hex(b"\0" + entry["text"].encode())
            texts.append(entry["text"])
    return texts


async def audit(line: Asks, uri: str, ledger: Ledger) -> Audited:
    """Raises AssertionError where anything is lost, invented, counted wrongly or hidden."""
    for _ in range(ATTEMPTS):
        texts = await read_log(line, uri)
        served = await _served(line, uri)
        head = served.organism["head"]
        if head["size"] == len(texts) == (await _organism(line, uri))["head"]["size"]:
            break  # the log did not grow in between, so everything read is of one moment
    else:
        raise AssertionError("the log never came to rest")
    counted = recount(texts)
    ledger.check(uri, texts)
    _check_organism(served.organism, counted)
    _check_expressions(served.expressions, counted)
    _check_proposals(served.proposals, counted)
    _check_signatures(served.signatures, counted)
    return Audited(uri, texts, counted)


@dataclass(frozen=True)
class _Served:
    """`signatures` are those of the newest expressions, by URL."""

    organism: Json
    expressions: list[Json]
    proposals: list[Json]
    signatures: dict[str, list[Json]]


async def _served(line: Asks, uri: str) -> _Served:
    expressions = await _pages(line, documents.EXPRESSIONS, uri)
    proposals = await _pages(line, documents.PROPOSALS, uri)
    newest = [each["url"] for each in expressions[-SIGNATURES_LOOKED_AT:]]
    signatures = {url: (await line.ask(documents.SIGNATURES, {"u": uri, "l": url}))["soSignatures"] for url in newest}
    return _Served(await _organism(line, uri), expressions, proposals, signatures)


async def _organism(line: Asks, uri: str) -> Json:
    return (await line.ask(documents.ORGANISM, {"u": uri}))["so"]


async def _pages(line: Asks, query: str, uri: str) -> list[Json]:
    nodes: list[Json] = []
    after = None
    while True:
        ((_, page),) = (await line.ask(query, {"u": uri, "a": after})).items()
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(nodes)
            return nodes
        after = page["pageInfo"]["endCursor"]


def _check_organism(organism: Json, counted: Recount) -> None:
    assert (organism["head"]["size"], organism["head"]["root"]) == (counted.size, counted.root)
    assert organism["epoch"] == organism["head"]["epoch"] == counted.epoch
    assert organism["rosterRoot"] == counted.roster
    assert organism["memberCount"] == organism["members"]["totalCount"] == len(counted.members)
    assert {edge["node"]["did"] for edge in organism["members"]["edges"]} == counted.members
    assert organism["dormant"] == (not counted.members)


def _check_expressions(served: list[Json], counted: Recount) -> None:
    assert [each["url"] for each in served] == list(counted.said)
    for each in served:
        said = counted.said[each["url"]]
        assert (each["content"], each["speaker"], each["epoch"]) == (said.content, said.speaker, said.epoch)
        assert (each["retractedAt"] is not None) == said.retracted
        assert each["expression"] is not None, "what was said is not stored"
        assert each["coherence"] == counted.coherence(each["url"])


def _check_proposals(served: list[Json], counted: Recount) -> None:
    assert [each["id"] for each in served] == list(counted.proposals)
    for each in served:
        asked = counted.proposals[each["id"]]
        assert (each["subject"], each["author"], each["joined"]) == (asked.subject, asked.author, asked.joined)
        assert (each["change"].lower(), each["state"]) == (asked.change, asked.state)
        assert set(each["vouches"]) == asked.voters("vouch")
        assert set(each["declines"]) == asked.voters("decline")


def _check_signatures(served: dict[str, list[Json]], counted: Recount) -> None:
    """The newest expressions show exactly the live verdicts."""
    for url, signatures in served.items():
        shown, live = by_agent(signatures), counted.signatures(url)
        assert len(signatures) == len(shown), f"a verdict on {url} is shown twice"
        assert shown == live, f"on {url} are shown {shown}, not the live verdicts {live}"


def by_agent(signatures: list[Json]) -> dict[str, tuple[str, str, bool]]:
    """What `soSignatures` answers, as `Recount.signatures` has it."""
    return {each["did"]: (each["verdict"].lower(), each["statementId"], each["automatic"]) for each in signatures}
