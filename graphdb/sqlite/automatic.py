"""What members let the server sign by itself, in SQLite."""

from collections.abc import Sequence

import apsw

from domain.identity import Did
from domain.organisms.automatic import Automatic
from graphdb.sqlite import rows

_ADOPTED = "SELECT epoch, dna, proposal FROM adoption WHERE organism = ? AND epoch <= ? ORDER BY epoch DESC LIMIT 1"
_SINCE = "SELECT since_epoch FROM membership WHERE organism = ? AND did = ? AND until_epoch IS NULL"
_OFF = "SELECT 1 FROM auto_concur_off WHERE did = ? AND organism IN (?, '')"
_VOUCHED = "SELECT 1 FROM vote WHERE proposal = ? AND did = ? AND vote = 'vouch'"
_CONFIRMED = "SELECT 1 FROM dna_confirmed WHERE did = ? AND organism = ? AND dna = ?"


def set_auto_concur(connection: apsw.Connection, did: Did, uri: str, on: bool) -> None:
    """`uri` is empty for all organisms."""
    if on:
        connection.execute("DELETE FROM auto_concur_off WHERE did = ? AND organism = ?", (did, uri))
    else:
        connection.execute("INSERT OR IGNORE INTO auto_concur_off VALUES (?, ?)", (did, uri))


def automatic(connection: apsw.Connection, uri: str, dids: Sequence[Did], epoch: int) -> tuple[Automatic, ...]:
    """What each agent allows under the Social DNA of that epoch."""
    adopted = rows.fetch_one(connection, _ADOPTED, (uri, epoch))
    return tuple(_allowed(connection, uri, did, adopted) for did in dids)


def _allowed(connection: apsw.Connection, uri: str, did: Did, adopted: rows.Row | None) -> Automatic:
    since = rows.fetch_one(connection, _SINCE, (uri, did))
    if since is None or adopted is None:
        return Automatic.STRANGER
    if rows.fetch_one(connection, _OFF, (did, uri)) is not None:
        return Automatic.OFF
    epoch, dna, proposal = adopted
    if (
        since[0] >= epoch
        or rows.fetch_one(connection, _VOUCHED, (proposal, did)) is not None
        or rows.fetch_one(connection, _CONFIRMED, (did, uri, dna)) is not None
    ):
        return Automatic.ON
    return Automatic.UNCONFIRMED
