"""The engine is Prolog: a table of ISO behaviour, each row a goal that must succeed."""

import re
from pathlib import Path

import pytest

from domain.organisms.dna import DnaVerdict
from server.dna import Engine

TABLE = (Path(__file__).parent / "data/iso.pl").read_text()
CASES = re.findall(r"^t\((\w+),", TABLE, re.MULTILINE)


def test_the_table_has_fifty_rows() -> None:
    assert len(CASES) == len(set(CASES)) == 50


@pytest.mark.parametrize("case", CASES)
def test_iso(engine: Engine, case: str) -> None:
    assert engine.compile(TABLE).evaluate("case", case).verdict is DnaVerdict.TRUE


def test_all_rows_hold_in_one_evaluation(engine: Engine) -> None:
    assert engine.compile(TABLE).evaluate("all", "").verdict is DnaVerdict.TRUE
