"""What a request about people can lack before any rule of the domain is asked.

DomainError
├── NotShared, NotYourPerson, ConsentMissing, FutureTime
└── UnknownInteraction, NotAViolation, UnknownNote, UnknownAppeal
"""

from collections.abc import Sequence

from domain.errors import DomainError, shown


class NotShared(DomainError):
    """The same whether the record exists or not: asking must not tell."""

    code = "NOT_SHARED"

    def __init__(self, observer: str) -> None:
        super().__init__(
            f"{shown(observer)} shares nothing of the kind with you, or has nothing to share", observer=shown(observer)
        )


class NotYourPerson(DomainError):
    """Who somebody is, is the same for every observer: one of many does not decide it alone."""

    code = "NOT_YOUR_PERSON"

    def __init__(self, person: str) -> None:
        super().__init__(
            f"Others have recorded something about {person}: only an agent of this person, or the server's operator, "
            "changes who they are",
            person=person,
        )


class ConsentMissing(DomainError):
    code = "CONSENT_MISSING"

    def __init__(self, did: str, text: str) -> None:
        super().__init__(
            f"{did} has not agreed: give its signature over the text in `sign` as `consent`, made with "
            "`agentSignMessage`",
            did=did,
            sign=text,
        )


class FutureTime(DomainError):
    code = "FUTURE_TIME"

    def __init__(self, argument: str, at: str) -> None:
        super().__init__(f"{argument}: {at} is yet to come", argument=argument, at=at)


class UnknownInteraction(DomainError):
    code = "UNKNOWN_INTERACTION"

    def __init__(self, interaction: str) -> None:
        super().__init__(
            f"You recorded no interaction {shown(interaction)} with this person, or took it back",
            interaction=shown(interaction),
        )


class NotAViolation(DomainError):
    code = "NOT_A_VIOLATION"

    def __init__(self, interaction: str) -> None:
        super().__init__(f"{interaction} is no violation that is still to be pardoned", interaction=interaction)


class UnknownNote(DomainError):
    code = "UNKNOWN_NOTE"

    def __init__(self, note: str) -> None:
        super().__init__(f"You have no note {shown(note)} about this person", note=shown(note))


class UnknownAppeal(DomainError):
    code = "UNKNOWN_APPEAL"

    def __init__(self, appeal: str) -> None:
        super().__init__(f"Nobody appealed to you under {shown(appeal)}", appeal=shown(appeal))


class AmbiguousName(DomainError):
    """Several people are called so, or could be taken for one another."""

    code = "AMBIGUOUS_NAME"

    def __init__(self, name: str, people: Sequence[str]) -> None:
        super().__init__(
            f"{shown(name)} can mean {', '.join(people)}: give one of these ids, or an account",
            name=shown(name),
            people=list(people),
        )
