"""The event that people record feeds the alliance as it is."""

from typing import cast

from hypothesis import given

from domain.alliance.engagement import Context, should_engage
from domain.alliance.history import History
from domain.alliance.interaction import Interaction
from domain.alliance.interaction import Kind as AllianceKind
from domain.identity import Did
from domain.people import interaction as people
from tests.domain.alliance.worlds import NOW, O, P, histories, history


def as_people_record(each: Interaction) -> Interaction:
    recorded = people.Interaction(
        id=each.id,
        observer=Did(O),
        person=people.PersonId(P),
        kind=people.Kind(each.kind),
        by=people.By(each.by),
        at=each.at,
        context=each.context,
        severity=each.severity,
    )
    return cast("Interaction", recorded)  # the same fields by other names of the same words


def test_both_have_the_same_kinds() -> None:
    assert set(map(str, people.Kind)) == set(map(str, AllianceKind))


@given(known=histories)
def test_an_event_of_people_gives_the_same_answers(known: History) -> None:
    recorded = history(map(as_people_record, known.interactions))

    answers = [should_engage(each, Context(post_id="p"), NOW) for each in (known, recorded)]

    assert answers[0] == answers[1]
