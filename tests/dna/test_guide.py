"""docs/social-dna.md: every program in it is run, and says what the guide says."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.organisms.examination import Severity
from domain.organisms.explanation import Explanation
from domain.organisms.templates import DEFAULT, TEMPLATES
from server.dna import Engine, Fact, Program
from server.dna.capture import capture_cost
from server.dna.explain import explain
from server.dna.lint import lint
from tests.servers import Json

GUIDE = (Path(__file__).parents[2] / "docs" / "social-dna.md").read_text(encoding="utf8")
BLOCKS = re.findall(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
PROGRAMS = [text for language, _, text in BLOCKS if language == "prolog"]


@dataclass(frozen=True)
class Case:
    program: str
    predicate: str
    subject: str
    facts: list[list[Json]]
    verdict: str


def cases() -> list[Case]:
    found, program = [], ""
    for language, kind, text in BLOCKS:
        if language == "prolog":
            program = text
        elif kind == "cases":
            for each in json.loads(text):
                found.append(Case(program, *each["ask"], each["facts"], each["verdict"]))
    return found


def facts_of(program: Program, given: list[list[Json]]) -> tuple[Fact, ...]:
    return tuple((*each, program.handle) if each[0] == "so_member" else tuple(each) for each in given)


def block(kind: str) -> str:
    (text,) = [text for _, each, text in BLOCKS if each == kind]
    return text


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.split('"')[1])
def test_every_program_is_well(engine: Engine, program: str) -> None:
    findings = lint(engine, program)

    assert {each.severity for each in findings} <= {Severity.INFO}, findings


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.subject}-{case.verdict}")
def test_every_case_comes_out_as_told(engine: Engine, case: Case) -> None:
    program = engine.compile(case.program)

    found = program.evaluate(case.predicate, case.subject, facts_of(program, case.facts))

    assert str(found.verdict) == case.verdict, found.reason


def test_each_rule_of_ones_own_has_a_case_for_true_and_one_for_false() -> None:
    for program in PROGRAMS[1:]:
        assert {case.verdict for case in cases() if case.program == program} == {"true", "false"}


def test_the_first_program_is_the_default() -> None:
    assert PROGRAMS[0] == DEFAULT.program


def test_the_reason_is_the_one_shown(engine: Engine) -> None:
    program = engine.compile(PROGRAMS[0])
    found = explain(engine, program, "membrane", "did:key:new", facts_of(program, json.loads(block("facts"))))

    assert Explanation(found.tree, None, found.truncated).words + "\n" == block("why membrane did:key:new")


def test_the_capture_cost_is_the_one_shown(engine: Engine) -> None:
    (elders,) = [program for program in PROGRAMS if '"elders"' in program]

    found = capture_cost(engine, elders, 9, exact=False)

    assert block("cost elders") == f"capture cost with 9 members: {found.cost}\n"


def test_every_template_is_in_the_table() -> None:
    assert [name for name in TEMPLATES if f"| `{name}`" not in GUIDE] == []
