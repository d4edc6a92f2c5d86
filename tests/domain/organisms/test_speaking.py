"""Speaking, concurring, rejecting, retracting: every check of a statement, on values alone."""

from dataclasses import replace

import pytest

from domain.canonical import Json, parse
from domain.errors import DomainError
from domain.expressions import Expression, link_url, sign_expression
from domain.organisms import speaking
from domain.organisms.acceptance import Acceptance, check_arguments
from domain.organisms.dna import DnaVerdict, Evaluation
from domain.organisms.events import Event, ExpressionRetracted, NewExpression, VerdictGiven, entry_text, event_from
from domain.organisms.log import sign_head
from domain.organisms.organism import Membership, Organism, SignedVerdict, SpokenExpression
from domain.organisms.roster import roster_root
from domain.organisms.statement import Statement, Verdict, make_statement
from domain.timestamp import format_millis
from tests.domain.agents import agent
from tests.domain.organisms.examples import ORGANISM, OTHER_ORGANISM, hash_of

NOW = 1_772_600_767_089
SERVER = agent(99)
ACCEPTANCE = Acceptance(SERVER.did, NOW)
SPEAKER, MEMBER, STRANGER = agent(0), agent(1), agent(2)
EXPRESSION = sign_expression(SPEAKER, {"source": "a", "predicate": None, "target": "b"}, format_millis(NOW))
URL = link_url(EXPRESSION)
CONCUR: dict[str, Json] = {
    "expression": URL,
    "content": EXPRESSION.content,
    "epoch": 4,
    "verdict": "concur",
    "dna": hash_of("dna"),
}


def organism() -> Organism:
    dids = [SPEAKER.did, MEMBER.did]
    return Organism(
        uri=ORGANISM,
        name="Garden club",
        description=None,
        founder=SPEAKER.did,
        created_at=NOW,
        epoch=4,
        size=9,
        facts_size=9,
        root=hash_of("root"),
        roster=roster_root(dids),
        member_count=2,
        dna=hash_of("dna"),
    )


SPOKEN = SpokenExpression(
    url=URL,
    organism=ORGANISM,
    content=EXPRESSION.content,
    speaker=SPEAKER.did,
    language="link",
    epoch=4,
    roster=organism().roster,
    dna=hash_of("dna"),
    spoken_at=NOW,
    received_at=NOW,
    concurring=1,
    members=2,
)
STAY = Membership(MEMBER.did, 2, NOW - 1000)


def statement(kind: str, fields: dict[str, Json], *, author: object = SPEAKER, at: int = NOW) -> Statement:
    common: dict[str, Json] = {"type": kind, "organism": ORGANISM, "timestamp": format_millis(at)}
    return make_statement(author, {**common, **fields})  # type: ignore[arg-type]  # a KeyPair


def speak_fields(**changes: Json) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "expression": URL,
        "content": EXPRESSION.content,
        "epoch": 4,
        "roster": organism().roster,
        "dna": hash_of("dna"),
    }
    return fields | changes


def check_speak(asked: Statement, expression: Expression = EXPRESSION, membership: Membership | None = STAY) -> None:
    speaking.check_speak(asked, expression, URL, organism=organism(), membership=membership, acceptance=ACCEPTANCE)


def give(
    asked: Statement,
    *,
    membership: Membership | None = STAY,
    spoken: SpokenExpression | None = SPOKEN,
    previous: SignedVerdict | None = None,
) -> tuple[Event, ...]:
    return speaking.give_verdict(
        asked,
        organism=organism(),
        membership=membership,
        spoken=spoken,
        previous=previous,
        in_spoken_roster=True,
        acceptance=ACCEPTANCE,
    )


def evaluation(verdict: DnaVerdict, reason: str | None = None) -> Evaluation:
    return Evaluation(verdict, reason, 10, 0.1, hash_of("engine"), hash_of("dna"), hash_of("facts"))


def refusal(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_a_member_says_what_the_social_dna_allows() -> None:
    asked = statement("speak", speak_fields())

    check_speak(asked)
    (spoken,) = speaking.speak(asked, "link", organism(), evaluation(DnaVerdict.TRUE))

    assert isinstance(spoken, NewExpression)
    assert (spoken.members, spoken.language) == (2, "link")
    assert spoken.evaluation is not None
    assert spoken.evaluation["fuel"] == 10


def test_what_the_social_dna_does_not_allow_is_refused_with_the_predicate() -> None:
    with pytest.raises(DomainError, match="output_expression") as caught:
        speaking.speak(statement("speak", speak_fields()), "link", organism(), evaluation(DnaVerdict.FALSE))

    assert caught.value.code == "DNA_REFUSED"


def test_an_evaluation_that_hits_a_limit_decides_nothing() -> None:
    with pytest.raises(DomainError, match="fuel") as caught:
        speaking.speak(statement("speak", speak_fields()), "link", organism(), evaluation(DnaVerdict.UNDECIDED, "fuel"))

    assert caught.value.code == "DNA_UNDECIDED"


def test_strangers_cannot_speak() -> None:
    with refusal("NOT_A_MEMBER"):
        check_speak(statement("speak", speak_fields()), membership=None)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("epoch", 3, "EPOCH_MOVED"),
        ("roster", hash_of("another roster"), "ROSTER_MISMATCH"),
        ("dna", hash_of("another program"), "DNA_MISMATCH"),
        ("content", hash_of("other content"), "EXPRESSION_MISMATCH"),
        ("expression", "link:ffffffffffffffffffffffffffffffff", "EXPRESSION_MISMATCH"),
    ],
)
def test_a_speak_names_the_present_state(field: str, value: Json, code: str) -> None:
    with refusal(code):
        check_speak(statement("speak", speak_fields(**{field: value})))


def test_nobody_speaks_what_another_wrote() -> None:
    foreign = sign_expression(MEMBER, EXPRESSION.data, EXPRESSION.timestamp)

    with refusal("NOT_THE_AUTHOR"):
        check_speak(statement("speak", speak_fields()), foreign)


def test_an_expression_with_a_broken_proof_is_not_said() -> None:
    broken = replace(EXPRESSION, data={"source": "a", "predicate": None, "target": "c"})

    with refusal("INVALID_EXPRESSION"):
        check_speak(statement("speak", speak_fields()), broken)


def test_a_head_that_this_server_did_not_sign_is_refused() -> None:
    foreign = sign_head(agent(50), ORGANISM, 9, hash_of("root"), 4, format_millis(NOW)).as_json()

    with refusal("HEAD_REFUSED"):
        check_speak(statement("speak", speak_fields(head=foreign)))


def test_a_head_of_the_future_is_refused() -> None:
    ahead = sign_head(SERVER, ORGANISM, 10, hash_of("root"), 4, format_millis(NOW)).as_json()

    with refusal("HEAD_REFUSED"):
        check_speak(statement("speak", speak_fields(head=ahead)))


def test_a_head_of_this_server_is_accepted() -> None:
    seen = sign_head(SERVER, ORGANISM, 5, hash_of("root"), 3, format_millis(NOW)).as_json()

    check_speak(statement("speak", speak_fields(head=seen)))


def test_another_organism_may_not_say_it_too() -> None:
    elsewhere = replace(SPOKEN, organism=OTHER_ORGANISM)

    with refusal("ALREADY_SPOKEN"):
        speaking.check_unspoken(elsewhere, organism(), EXPRESSION.content)


def test_two_links_that_share_a_url_are_told_apart() -> None:
    with refusal("EXPRESSION_MISMATCH"):
        speaking.check_unspoken(SPOKEN, organism(), hash_of("the other link"))


def test_a_member_concurs() -> None:
    (given,) = give(statement("verdict", CONCUR, author=MEMBER))

    assert isinstance(given, VerdictGiven)
    assert (given.verdict, given.as_spoken, given.automatic) == (Verdict.CONCUR, True, False)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("epoch", 3, "EPOCH_MISMATCH"),
        ("dna", hash_of("another program"), "DNA_MISMATCH"),
        ("content", hash_of("other content"), "EXPRESSION_MISMATCH"),
    ],
)
def test_a_verdict_names_what_was_spoken(field: str, value: Json, code: str) -> None:
    with refusal(code):
        give(statement("verdict", CONCUR | {field: value}, author=MEMBER))


def test_strangers_give_no_verdicts() -> None:
    with refusal("NOT_A_MEMBER"):
        give(statement("verdict", CONCUR, author=STRANGER), membership=None)


def test_there_is_no_verdict_on_what_was_never_said() -> None:
    with refusal("UNKNOWN_EXPRESSION"):
        give(statement("verdict", CONCUR, author=MEMBER), spoken=None)


@pytest.mark.parametrize("later", [0, -1])
def test_a_verdict_that_is_not_later_replaces_nothing(later: int) -> None:
    standing = SignedVerdict(
        URL, MEMBER.did, Verdict.REJECT, None, "{}", "", hash_of("id"), NOW, NOW, False, True, True
    )

    with refusal("NOT_LATER"):
        give(statement("verdict", CONCUR, author=MEMBER, at=NOW + later), previous=standing)


def test_only_the_speaker_takes_an_expression_back() -> None:
    asked = statement("retract", {"expression": URL, "content": EXPRESSION.content}, author=MEMBER)

    with refusal("NOT_THE_AUTHOR"):
        speaking.retract(asked, organism=organism(), spoken=SPOKEN, acceptance=ACCEPTANCE)


def test_taking_back_twice_changes_nothing() -> None:
    asked = statement("retract", {"expression": URL, "content": EXPRESSION.content})

    first = speaking.retract(asked, organism=organism(), spoken=SPOKEN, acceptance=ACCEPTANCE)
    gone = replace(SPOKEN, retracted_at=NOW)
    second = speaking.retract(asked, organism=organism(), spoken=gone, acceptance=ACCEPTANCE)

    assert [type(event) for event in first] == [ExpressionRetracted]
    assert second == ()


def test_arguments_that_differ_from_the_statement_are_refused() -> None:
    with refusal("STATEMENT_MISMATCH"):
        check_arguments(statement("verdict", CONCUR, author=MEMBER), {"verdict": "reject"})


def test_an_entry_of_the_log_gives_its_event_back() -> None:
    events: list[Event] = [
        *speaking.speak(statement("speak", speak_fields()), "link", organism(), evaluation(DnaVerdict.TRUE)),
        *give(statement("verdict", CONCUR, author=MEMBER)),
    ]

    texts = [entry_text(event, seq=7, received_at=NOW) for event in events]

    again = [event_from(parse(text)) for text in texts]  # type: ignore[arg-type]  # an object
    assert [entry_text(event, seq=7, received_at=NOW) for event in again] == texts
