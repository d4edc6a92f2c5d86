"""What goes to another process comes out as it was."""

import pickle

import pytest
from hypothesis import given

from domain.errors import CodedError, InvalidStatement
from domain.people.errors import UnknownPerson
from domain.people.interaction import Interaction
from domain.people.tier import Tier
from graphdb.errors import DamagedRecord, StoreUnavailable
from graphdb.interactions import Moment, Recorded, RecordedBatch, Recording, RecordingBatch, TrustChange, Trusted
from graphdb.sqlite.recorder import packing
from tests.domain.people.histories import histories
from tests.domain.test_errors import every_error
from tests.populace import ANN, ME, with_person


@given(histories)
def test_recordings_come_through(history: list[Interaction]) -> None:
    recordings = tuple(Recording(each, each.id, "what was asked") for each in with_person(history, ANN))
    batches = [RecordingBatch(ME, (each,), Moment(7, frozenset({"discord:1"})), whole=True) for each in recordings]

    assert packing.unpack(packing.pack(batches)) == batches


def test_answers_come_through() -> None:
    before = Trusted(ME, ANN, 0.1 + 0.2, Tier.STRANGER, 7, None, 1, 1)
    changes = (TrustChange(None, before), TrustChange(before, before, 4))
    answers = [RecordedBatch((Recorded("i", ANN, 1, repeated=True), None), changes)]

    assert packing.unpack(packing.pack(answers)) == answers


@pytest.mark.parametrize(
    "error",
    [
        UnknownPerson("p_nobody"),
        DamagedRecord("the history", "rows are missing"),
        StoreUnavailable("the disk is full"),
        InvalidStatement("$.x", "a field", None),
    ],
)
def test_refusals_come_through(error: CodedError) -> None:
    again = packing.unpack(packing.pack(error))

    assert (type(again), again.args, vars(again)) == (type(error), error.args, vars(error))


def test_every_refusal_comes_through_whatever_it_is_made_from() -> None:
    for kind in every_error():
        error = kind.__new__(kind, "a message")
        CodedError.__init__(error, "a message", person="p_ann")
        error.facts["index"] = 3

        again = pickle.loads(pickle.dumps(error))

        assert (type(again), again.args, vars(again)) == (kind, ("a message",), vars(error))
