"""How an organism changes its own rules and its profile (protocol section 5)."""

from dataclasses import dataclass

from domain.canonical import Json
from domain.organisms.dna import Decision, DnaVerdict
from domain.organisms.errors import StatementMismatch, Unchanged
from domain.organisms.events import DnaChanged, Event, ProfileChanged, ProposalClosed
from domain.organisms.facts import Situation, voters
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Proposal, ProposalState, VoteKind
from domain.organisms.profile import Profile, profile_of
from domain.organisms.statement import ChangeKind


@dataclass(frozen=True, slots=True)
class TwoThirds:
    """The rule for changing a DNA that says nothing of it: 3 · vouches ≥ 2 · members."""

    dna: str
    vouches: int
    members: int

    @property
    def true(self) -> bool:
        return 3 * self.vouches >= 2 * self.members > 0

    def record(self) -> dict[str, Json]:
        """What the log keeps; there was no program to run."""
        verdict = DnaVerdict.TRUE if self.true else DnaVerdict.FALSE
        counts: dict[str, Json] = {"vouches": self.vouches, "members": self.members}
        return {"verdict": str(verdict), "rule": "two thirds", "dna": self.dna, **counts}


def two_thirds(dna: str, situation: Situation) -> TwoThirds:
    """Counts what a program would see: votes of present members since their admission."""
    return TwoThirds(dna, len(voters(situation, VoteKind.VOUCH)), len(situation.members))


def check_new(change: ChangeKind, subject: str, gathering: Gathering, profile: Profile | None) -> None:
    """Raises `Unchanged` for what the organism has already, `StatementMismatch` for a profile of another hash."""
    if change is ChangeKind.DNA and subject == gathering.organism.dna:
        raise Unchanged("Social DNA", subject)
    if change is ChangeKind.PROFILE:
        if profile is None or profile.hash != subject:
            raise StatementMismatch("subject", subject, None if profile is None else profile.hash)
        if subject == profile_of(gathering.organism).hash:
            raise Unchanged("profile", subject)


def adopt(proposal: Proposal, gathering: Gathering, decision: Decision) -> tuple[Event, ...]:
    """The proposed program or profile takes effect. A new DNA begins an epoch, and closes all other proposals."""
    record = decision.record()
    accepted = ProposalClosed(proposal=proposal.id, state=ProposalState.ACCEPTED, evaluation=record)
    if proposal.change is ChangeKind.PROFILE:
        assert proposal.profile is not None, f"the proposal {proposal.id} has no profile"
        changed = ProfileChanged(evaluation=record, profile=proposal.profile, proposal=proposal.id)
        return (changed, accepted)
    organism = gathering.organism
    adopted = DnaChanged(
        evaluation=record,
        dna=proposal.subject,
        previous=organism.dna,
        epoch=organism.epoch + 1,
        proposal=proposal.id,
    )
    others = (each for each in gathering.proposals if each.id != proposal.id)
    return (adopted, accepted, *(ProposalClosed(proposal=each.id, state=ProposalState.MOOT) for each in others))
