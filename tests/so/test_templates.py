"""Templates asked for in GraphQL, and organisms founded with them."""

from domain.canonical import sha256_hex
from tests.servers import Json
from tests.so.society import CREATE, Society

TEMPLATES = """{ soDnaTemplates { name example { sentence program dnaHash }
  parameters { name description kind expected least most choices default } } }"""
WRITE = """query ($n: String!, $p: JSON) {
  soDnaFromTemplate(name: $n, parameters: $p) { template parameters sentence program dnaHash } }"""
DNA = "query ($u: String!) { so(uri: $u) { dna dnaHash } }"


async def test_the_templates_are_listed(chorus: Society) -> None:
    alice = await chorus.person("alice")

    listed = await chorus.ask(TEMPLATES, by=alice)

    names = [each["name"] for each in listed]
    assert names == ["majority", "open", "unanimous", "n_of_m", "sponsors", "trusted", "founder_led"]
    assert listed[3]["parameters"][0] == {
        "name": "n",
        "description": "How many of every m members must vouch; at most m.",
        "kind": "WHOLE",
        "expected": "a whole number from 1 to 100",
        "least": 1,
        "most": 100,
        "choices": None,
        "default": 2,
    }
    assert alice.did in listed[6]["example"]["sentence"]


async def test_a_program_is_written_from_a_template(chorus: Society) -> None:
    alice = await chorus.person("alice")

    written = await chorus.ask(WRITE, {"n": "sponsors", "p": {"k": 3}}, alice)

    assert written["parameters"] == {"k": 3, "hours": 24}
    assert "whoever 3 members vouched for 24 hours ago joins" in written["sentence"]
    assert "nth1(3, Sorted, Since)" in written["program"]
    assert written["dnaHash"] == sha256_hex(written["program"].encode())


async def test_an_organism_is_founded_with_parameters(chorus: Society) -> None:
    alice = await chorus.person("alice")
    founding: Json = {"name": "Sponsors", "template": "n_of_m", "parameters": {"n": 3, "m": 4}}

    uri = await chorus.ask(CREATE, {"o": founding}, alice)

    written = await chorus.ask(WRITE, {"n": "n_of_m", "p": {"n": 3, "m": 4}}, alice)
    assert await chorus.ask(DNA, {"u": uri}, alice) == {"dna": written["program"], "dnaHash": written["dnaHash"]}


async def test_the_founder_leads_its_own_organism(chorus: Society) -> None:
    alice = await chorus.person("alice")

    uri = await chorus.ask(CREATE, {"o": {"name": "Mine", "template": "founder_led"}}, alice)

    assert f'founder("{alice.did}")' in (await chorus.ask(DNA, {"u": uri}, alice))["dna"]


async def test_what_is_wrong_with_a_template_is_said(chorus: Society) -> None:
    alice = await chorus.person("alice")

    unknown = await chorus.refusal(WRITE, {"n": "anarchy"}, alice)
    outside = await chorus.refusal(WRITE, {"n": "n_of_m", "p": {"n": 0}}, alice)
    no_object = await chorus.refusal(WRITE, {"n": "n_of_m", "p": [1]}, alice)
    created = await chorus.refusal(CREATE, {"o": {"name": "N", "template": "trusted", "parameters": {"k": 0}}}, alice)
    beside = await chorus.refusal(CREATE, {"o": {"name": "N", "dna": "a.", "parameters": {"k": 0}}}, alice)

    assert unknown["code"] == "UNKNOWN_TEMPLATE"
    assert (outside["code"], outside["expected"]) == ("INVALID_PARAMETER", "a whole number from 1 to 100")
    assert no_object["code"] == "INVALID_ARGUMENT"
    assert (created["code"], created["parameter"]) == ("INVALID_PARAMETER", "k")
    assert beside["code"] == "INVALID_ARGUMENT"
