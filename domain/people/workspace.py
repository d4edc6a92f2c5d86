"""What a workspace of another system holds about people, as far as it could be read, and what became of the rest."""

from dataclasses import dataclass
from enum import StrEnum

from domain.people.connection import Bond
from domain.people.history import Snapshot
from domain.people.person import PlatformIdentity


class Handling(StrEnum):
    """What became of something that was not as it should be."""

    REPAIRED = "repaired"
    REFUSED = "refused"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a file; `path` is where in it, `$` for all of it."""

    file: str
    path: str
    handling: Handling
    what: str


@dataclass(frozen=True, slots=True)
class WorkspaceNote:
    content: str
    added_at: int


@dataclass(frozen=True, slots=True)
class WorkspaceViolation:
    """`severity` in [0, 1], clamped when it counts; `at` in milliseconds."""

    description: str
    severity: float
    at: int


@dataclass(frozen=True, slots=True)
class WorkspaceConnection:
    """`other` is an id of the workspace."""

    other: str
    bond: Bond


@dataclass(frozen=True, slots=True)
class WorkspacePerson:
    """One person of the workspace, under its own id there. Times in milliseconds."""

    id: str
    display_name: str
    identities: tuple[PlatformIdentity, ...]
    aliases: tuple[str, ...] = ()
    summary: str | None = None
    met: tuple[int, ...] = ()
    """The first and the last interaction: all that is dated of the history."""
    notes: tuple[WorkspaceNote, ...] = ()
    violations: tuple[WorkspaceViolation, ...] = ()
    connections: tuple[WorkspaceConnection, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    people: tuple[WorkspacePerson, ...]
    findings: tuple[Finding, ...]
