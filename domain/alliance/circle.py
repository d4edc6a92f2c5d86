"""What an observer's people are to it: allies, rivals and the counts of every class."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.alliance.policy import Relationship
from domain.alliance.relationship import Assessment


@dataclass(frozen=True, slots=True)
class Circle:
    """Assessments of one moment, the highest score first."""

    assessments: tuple[Assessment, ...]

    @property
    def allies(self) -> tuple[str, ...]:
        return self.subjects(Relationship.ALLY)

    @property
    def rivals(self) -> tuple[str, ...]:
        """The lowest score first."""
        return self.subjects(Relationship.RIVAL)[::-1]

    @property
    def counts(self) -> Mapping[Relationship, int]:
        """Every class is there, those without anybody too."""
        found = Counter(each.relationship for each in self.assessments)
        return {relationship: found[relationship] for relationship in Relationship}

    def subjects(self, relationship: Relationship) -> tuple[str, ...]:
        return tuple(each.subject for each in self.assessments if each.relationship is relationship)


def circle(assessments: Iterable[Assessment]) -> Circle:
    """Equal scores are ordered by subject, so that the order never depends on arrival."""
    return Circle(tuple(sorted(assessments, key=lambda each: (-each.tally.score, each.subject))))
