"""An organism with everybody and everything that a decision about its members looks at."""

from dataclasses import dataclass

from domain.identity import Did
from domain.organisms.acceptance import require_member
from domain.organisms.organism import Membership, Organism, Proposal
from domain.organisms.statement import ChangeKind


@dataclass(frozen=True, slots=True)
class Gathering:
    """An organism with its whole roster, its open invitations and its open proposals, at one log size."""

    organism: Organism
    members: tuple[Membership, ...]
    invited: tuple[Did, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    def member(self, did: str) -> Membership | None:
        return next((member for member in self.members if member.did == did), None)

    def require_member(self, did: Did) -> Membership:
        """Raises `NotAMember`."""
        return require_member(self.member(did), did, self.organism)

    def open_on(self, change: ChangeKind, subject: str) -> Proposal | None:
        found = (each for each in self.proposals if each.change is change and each.subject == subject)
        return next(found, None)
