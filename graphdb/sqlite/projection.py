"""Writing accepted events: the log entry, and what it changes in the tables."""

from collections import Counter
from collections.abc import Callable

import apsw

from domain.canonical import canonical
from domain.organisms.events import (
    DnaChanged,
    Event,
    ExpressionRetracted,
    Founded,
    JoinRequested,
    MemberRemoved,
    NewExpression,
    NewMember,
    ProfileChanged,
    ProposalClosed,
    ProposalOpened,
    VerdictGiven,
    VoteCast,
)
from domain.organisms.statement import ChangeKind
from graphdb.plan import Accepted, LogHead, Plan
from graphdb.store import KEPT_FACTS


def write(connection: apsw.Connection, plan: Plan) -> None:
    """Appends the entries of a plan and projects their events; the caller holds the transaction."""
    deltas: Counter[str] = Counter()
    for accepted in plan.accepted:
        _append(connection, accepted)
        _PROJECTIONS[type(accepted.event)](connection, accepted)
        if accepted.commit.facts is not None and accepted.event is accepted.commit.events[0]:
            _keep_facts(connection, accepted, *accepted.commit.facts)
        if accepted.delta:
            deltas[str(accepted.event.signed.fields["expression"])] += accepted.delta
    for url, delta in deltas.items():
        connection.execute("UPDATE spoken SET concurring = concurring + ? WHERE url = ?", (delta, url))
    for uri, head in plan.heads.items():
        _move(connection, uri, head)
    connection.execute("UPDATE log SET position = ?", (plan.position,))


def _append(connection: apsw.Connection, accepted: Accepted) -> None:
    entry, commit, statement = accepted.entry, accepted.commit, accepted.event.statement
    connection.execute(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
        (entry.position, entry.organism, entry.seq, accepted.leaf, entry.text),
    )
    if statement is not None:
        connection.execute("INSERT INTO statement VALUES (?, ?)", (statement.id, commit.result))
        if commit.idempotency is not None:
            key = commit.idempotency
            row = (key.agent, key.key, key.fingerprint, commit.result)
            connection.execute("INSERT INTO idempotency VALUES (?, ?, ?, ?)", row)


def _keep_facts(connection: apsw.Connection, accepted: Accepted, facts_hash: str, facts: bytes) -> None:
    uri, position = accepted.commit.organism, accepted.entry.position
    connection.execute("INSERT OR REPLACE INTO kept_facts VALUES (?, ?, ?, ?)", (uri, facts_hash, position, facts))
    connection.execute(
        "DELETE FROM kept_facts WHERE organism = ? AND position <= ("
        "SELECT position FROM kept_facts WHERE organism = ? ORDER BY position DESC LIMIT 1 OFFSET ?)",
        (uri, uri, KEPT_FACTS),
    )


def _move(connection: apsw.Connection, uri: str, head: LogHead) -> None:
    connection.execute(
        "UPDATE organism SET epoch = ?, size = ?, facts_size = ?, frontier = ?, root = ?, roster = ?,"
        " member_count = ? WHERE uri = ?",
        (
            head.epoch,
            head.size,
            head.facts_size,
            head.frontier.to_bytes(),
            head.root,
            head.roster,
            head.members,
            uri,
        ),
    )


def _founded(connection: apsw.Connection, accepted: Accepted) -> None:
    event, uri, position = accepted.event, accepted.commit.organism, accepted.entry.position
    statement, fields = event.signed, event.signed.fields
    meta = canonical(fields["meta"]) if "meta" in fields else None
    connection.execute(
        "INSERT INTO organism VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, x'', '', '', 0, ?, ?, ?, ?, ?)",
        (
            uri,
            position,
            fields["name"],
            fields.get("description"),
            statement.author,
            statement.millis,
            fields["dna"],
            meta,
            fields.get("nucleusNeighbourhood"),
            fields.get("outputsNeighbourhood"),
            fields.get("inputsDMLanguage"),
        ),
    )
    _keep_program(connection, accepted, statement.dna)
    _adopt(connection, accepted, 0, statement.dna, None)
    _admit(connection, accepted, statement.author, epoch=0)
    invited = fields["invited"]
    assert isinstance(invited, list)
    for did in invited:
        if did != statement.author:
            connection.execute("INSERT INTO invitation VALUES (?, ?)", (uri, did))


def _keep_program(connection: apsw.Connection, accepted: Accepted, dna: str) -> None:
    if accepted.commit.program is not None:
        connection.execute("INSERT OR IGNORE INTO dna VALUES (?, ?)", (dna, accepted.commit.program))


def _adopt(connection: apsw.Connection, accepted: Accepted, epoch: int, dna: str, proposal: str | None) -> None:
    commit = accepted.commit
    row = (commit.organism, epoch, dna, proposal, commit.received_at)
    connection.execute("INSERT INTO adoption VALUES (?, ?, ?, ?, ?)", row)


def _admit(connection: apsw.Connection, accepted: Accepted, did: str, *, epoch: int) -> None:
    uri, position, received_at = accepted.commit.organism, accepted.entry.position, accepted.commit.received_at
    connection.execute(
        "INSERT INTO membership VALUES (?, ?, ?, ?, ?, NULL, NULL)", (uri, did, epoch, received_at, position)
    )
    connection.execute("DELETE FROM invitation WHERE organism = ? AND did = ?", (uri, did))


def _new_expression(connection: apsw.Connection, accepted: Accepted) -> None:
    event, commit, position = accepted.event, accepted.commit, accepted.entry.position
    assert isinstance(event, NewExpression)
    statement, fields = event.signed, event.signed.fields
    connection.execute(
        "INSERT INTO spoken VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, NULL)",
        (
            fields["expression"],
            commit.organism,
            position,
            fields["content"],
            statement.author,
            event.language,
            fields["epoch"],
            fields["roster"],
            fields["dna"],
            statement.millis,
            commit.received_at,
            event.members,
        ),
    )
    if commit.expression is not None:
        url, expression = commit.expression
        row = (url, event.language, canonical(expression.as_json()))
        connection.execute("INSERT OR IGNORE INTO expression VALUES (?, ?, ?)", row)
    _sign(connection, accepted, "concur", automatic=False, as_spoken=True)


def _sign(connection: apsw.Connection, accepted: Accepted, verdict: str, *, automatic: bool, as_spoken: bool) -> None:
    statement = accepted.event.signed
    connection.execute(
        "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            statement.fields["expression"],
            statement.author,
            verdict,
            accepted.entry.position,
            statement.id,
            statement.millis,
            accepted.commit.received_at,
            automatic,
            as_spoken,
        ),
    )


def _verdict_given(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, VerdictGiven)
    _sign(connection, accepted, str(event.verdict), automatic=event.automatic, as_spoken=event.as_spoken)


def _retracted(connection: apsw.Connection, accepted: Accepted) -> None:
    statement = accepted.event.signed
    row = (statement.millis, statement.fields["expression"])
    connection.execute("UPDATE spoken SET retracted_at = ? WHERE url = ?", row)


def _opened(connection: apsw.Connection, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, ProposalOpened)
    statement = event.signed
    connection.execute(
        "INSERT INTO proposal VALUES (?, ?, ?, ?, ?, ?, 'OPEN', ?, ?, ?, NULL, NULL, ?, ?)",
        (
            statement.id,
            commit.organism,
            accepted.entry.position,
            str(event.change),
            event.subject,
            statement.author,
            commit.received_at,
            statement.fields.get("note"),
            commit.received_at if event.joined else None,
            event.base,
            None if event.profile is None else canonical(dict(event.profile)),
        ),
    )
    if event.change is ChangeKind.DNA:
        _keep_program(connection, accepted, event.subject)
    if not event.joined:
        _vote(connection, accepted, statement.id, "vouch", None)


def _vote(connection: apsw.Connection, accepted: Accepted, proposal: str, vote: str, reason: object) -> None:
    statement = accepted.event.signed
    connection.execute(
        "INSERT OR REPLACE INTO vote VALUES (?, ?, ?, ?, ?, ?)",
        (proposal, statement.author, vote, reason, statement.millis, accepted.commit.received_at),
    )


def _vote_cast(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, VoteCast)
    _vote(connection, accepted, event.proposal, str(event.vote), event.signed.fields.get("reason"))


def _join_requested(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, JoinRequested)
    row = (accepted.commit.received_at, event.proposal)
    connection.execute("UPDATE proposal SET joined_at = ? WHERE id = ?", row)


def _new_member(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, NewMember)
    _admit(connection, accepted, event.did, epoch=event.epoch)


def _member_removed(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, MemberRemoved)
    connection.execute(
        "UPDATE membership SET until_epoch = ?, until_position = ?"
        " WHERE organism = ? AND did = ? AND until_epoch IS NULL",
        (event.epoch, accepted.entry.position, accepted.commit.organism, event.did),
    )


def _dna_changed(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, DnaChanged)
    row = (event.dna, accepted.commit.organism)
    connection.execute("UPDATE organism SET dna = ? WHERE uri = ?", row)
    _adopt(connection, accepted, event.epoch, event.dna, event.proposal)


def _profile_changed(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, ProfileChanged)
    profile = event.profile
    meta = canonical(profile["meta"]) if "meta" in profile else None
    row = (profile["name"], profile.get("description"), meta, accepted.commit.organism)
    connection.execute("UPDATE organism SET name = ?, description = ?, meta = ? WHERE uri = ?", row)


def _closed(connection: apsw.Connection, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, ProposalClosed)
    evaluation = None if event.evaluation is None else canonical(dict(event.evaluation))
    connection.execute(
        "UPDATE proposal SET state = ?, closed_at = ?, evaluation = ? WHERE id = ?",
        (str(event.state), accepted.commit.received_at, evaluation, event.proposal),
    )


_PROJECTIONS: dict[type[Event], Callable[[apsw.Connection, Accepted], None]] = {
    Founded: _founded,
    NewExpression: _new_expression,
    VerdictGiven: _verdict_given,
    ExpressionRetracted: _retracted,
    ProposalOpened: _opened,
    VoteCast: _vote_cast,
    JoinRequested: _join_requested,
    NewMember: _new_member,
    MemberRemoved: _member_removed,
    DnaChanged: _dna_changed,
    ProfileChanged: _profile_changed,
    ProposalClosed: _closed,
}
