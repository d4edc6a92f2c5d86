"""Programs examined in GraphQL."""

from domain.canonical import sha256_hex
from domain.organisms.templates import DEFAULT
from tests.dna.test_lint import CASES, WHOLE
from tests.so.society import Society

LINT = """query ($p: String!) { soDnaLint(program: $p) { dnaHash template { template parameters }
  findings { rule severity line column message suggestion } } }"""
COST = """query ($p: String!, $m: Int!) { soDnaLint(program: $p) { captureCost(members: $m) {
  members cost lower upper impossible exact exhausted moves evaluations } } }"""
OWN = 'register_social_organism("own", o).\nmembrane(Did, o) :- so_vouch(Did, _, _).\n'


async def test_findings_have_places_and_suggestions(chorus: Society) -> None:
    alice = await chorus.person("alice")
    program = OWN + "output_expression(Url, o) :- so_expresion(Url, _, _, _).\n"

    report = await chorus.ask(LINT, {"p": program}, alice)

    assert report["findings"][-1] == {
        "rule": "unknown-predicate",
        "severity": "ERROR",
        "line": 3,
        "column": 29,
        "message": "There is no so_expresion/4",
        "suggestion": "Did you mean so_expression/4?",
    }
    assert report["dnaHash"] == sha256_hex(program.encode())
    assert report["template"] is None


async def test_every_rule_finds_what_it_is_for(chorus: Society) -> None:
    alice = await chorus.person("alice")

    for rule, clauses, line, column, message, suggestion in CASES:
        findings = (await chorus.ask(LINT, {"p": WHOLE + clauses}, alice))["findings"]
        places = [
            (each["line"], each["column"]) for each in findings if each["rule"] == rule and message in each["message"]
        ]
        assert (line, column) in places or (rule == "syntax-error" and places), (clauses, findings)
        assert suggestion is None or any(suggestion in str(each["suggestion"]) for each in findings), clauses


async def test_a_template_is_recognised(chorus: Society) -> None:
    alice = await chorus.person("alice")

    report = await chorus.ask(LINT, {"p": DEFAULT.program}, alice)

    assert report["template"] == {"template": "majority", "parameters": {}}
    assert [each["severity"] for each in report["findings"]] == ["INFO"]


async def test_any_text_is_examined(chorus: Society) -> None:
    alice = await chorus.person("alice")
    texts = ["", "p :- q(.", "% " + "x" * 70_000, "\0", "\ud800", "漢字.", ":- halt."]

    reports = [await chorus.ask(LINT, {"p": text}, alice) for text in texts]

    assert all(report["findings"] for report in reports)
    assert [report["dnaHash"] is None for report in reports] == [text == "\ud800" for text in texts]


async def test_the_cost_of_majority_with_nine_is_five(chorus: Society) -> None:
    alice = await chorus.person("alice")

    found = (await chorus.ask(COST, {"p": DEFAULT.program, "m": 9}, alice))["captureCost"]

    assert (found["cost"], found["lower"], found["upper"], found["exact"]) == (5, 5, 5, True)
    assert found["moves"][0].startswith("5 of 9 members collude")
    assert not found["exhausted"]
    assert not found["impossible"]


async def test_other_programs_get_bounds(chorus: Society) -> None:
    alice = await chorus.person("alice")

    found = (await chorus.ask(COST, {"p": OWN, "m": 3}, alice))["captureCost"]

    assert (found["lower"], found["upper"], found["exact"]) == (1, 1, False)


async def test_rosters_and_texts_have_limits(chorus: Society) -> None:
    alice = await chorus.person("alice")

    small = await chorus.refusal(COST, {"p": OWN, "m": 2}, alice)
    large = await chorus.refusal(COST, {"p": OWN, "m": 13}, alice)
    broken = await chorus.refusal(COST, {"p": "p :- q(.", "m": 3}, alice)
    endless = await chorus.refusal(LINT, {"p": "x" * 1_000_001}, alice)

    assert (small["code"], small["expected"]) == (large["code"], large["expected"]) == ("INVALID_ARGUMENT", "3 to 12")
    assert broken["code"] == "DNA_INVALID"
    assert endless["code"] == "INVALID_ARGUMENT"
