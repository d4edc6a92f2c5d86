"""The example operations for GraphiQL: each fits the schema, and in their order they work on a fresh server."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, OperationType, build_schema, parse, validate

from tests.e2e import needs
from tests.servers import Chorus, chorus, socket

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((needs.EXAMPLES / "documents").glob("*.graphql"))
TEXTS = {path: path.read_text(encoding="utf8") for path in DOCUMENTS}

Json = Any  # Any: answers have the shape that their document asks for


def operation(document: Path) -> OperationDefinitionNode:
    """The one operation of a document."""
    (definition,) = parse(TEXTS[document]).definitions
    assert isinstance(definition, OperationDefinitionNode)
    return definition


def name(document: Path) -> str:
    named = operation(document).name
    assert named is not None, "GraphiQL shows the name on the tab"
    return named.value


def variables(document: Path) -> dict[str, Json]:
    beside = document.with_suffix(".variables.json")
    return dict(json.loads(beside.read_text(encoding="utf8"))) if beside.exists() else {}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_fits_the_schema(document: Path, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(TEXTS[document])) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_comes_with_the_variables_it_needs(document: Path) -> None:
    declared = operation(document).variable_definitions or ()
    names = {each.variable.name.value for each in declared}
    needed = (each for each in declared if each.type.kind == "non_null_type" and each.default_value is None)

    assert {each.variable.name.value for each in needed} <= variables(document).keys() <= names


def test_variables_belong_to_documents() -> None:
    beside = (needs.EXAMPLES / "documents").glob("*.variables.json")

    assert {path.name.removesuffix(".variables.json") for path in beside} <= {path.stem for path in DOCUMENTS}


@dataclass
class Newcomer:
    """Opens the tabs from left to right and pastes what earlier answers gave."""

    server: Chorus
    pasted: dict[str, str] = field(default_factory=dict)
    token: str = ""
    answers: dict[str, Json] = field(default_factory=dict)

    async def open(self, document: Path) -> None:
        given = {each: self.pasted.get(each, value) for each, value in variables(document).items()}
        acting = self.token if name(document) == "Join" else ""
        watching = operation(document).operation is OperationType.SUBSCRIPTION
        answer = await (self._watch if watching else self.server.ask)(TEXTS[document], given, acting)
        self.answers[name(document)] = answer
        match answer:
            case {"soCreate": uri}:
                self.pasted["soURI"] = uri
            case {"agentCreateHosted": made}:
                self.pasted["did"], self.token = made["did"], made["token"]
            case {"soSuggestMemberAddition": proposal}:
                self.pasted["proposal"] = proposal["id"]
            case {"personRecordInteraction": recorded}:
                self.pasted["person"] = recorded["person"]
            case {"sandboxStartRun": run}:
                self.pasted["run"] = run["id"]
            case {"sandboxStartSweep": sweep}:
                self.pasted["sweep"] = sweep["id"]

    async def _watch(self, text: str, given: dict[str, Json], token: str) -> Json:
        async with socket(self.server, token) as connection:
            await connection.subscribe(text, given)
            return await connection.event()


async def test_the_documents_work_one_after_another(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        newcomer = Newcomer(server)
        for document in DOCUMENTS:
            await newcomer.open(document)

    answers = newcomer.answers
    (organism,) = (edge["node"] for edge in answers["Organisms"]["soAll"]["edges"])
    (spoken,) = (edge["node"] for edge in organism["expressions"]["edges"])
    assert spoken["coherence"] == {"asSpoken": 1, "current": 1}
    assert spoken["expression"]["socialOrganismSource"] == organism["uri"]
    assert answers["Vote"]["soVote"]["state"] == "OPEN"
    assert answers["Join"]["soJoin"]["memberCount"] == 2
    assert answers["Pending"]["soPending"]["votes"]["edges"] == []
    assert answers["Log"]["soHead"]["size"] == len(answers["Log"]["soLog"])
    assert answers["Watch"]["soEvents"]["entry"]["event"] == "Founded"
    assert answers["Record"]["personRecordInteraction"]["tier"] == "STRANGER"
    assert answers["Trust"]["personTrust"]["reasons"][0].startswith("Conduct 0.667: 1 good dates")
    (ann,) = (edge["node"] for edge in answers["People"]["people"]["edges"])
    assert (ann["displayName"], ann["trust"]["tier"]) == ("Ann", "STRANGER")
    assert "**Ann** (stranger" in answers["Scene"]["peopleScene"]["markdown"]
    assert answers["Gate"]["directMessageGate"]["open"] is False
    assert answers["WatchTrust"]["personTrustChanged"]["person"] == ann["id"]
    assert answers["Engage"]["allianceShouldEngage"]["strategy"]["tone"] == "warm"
    assert answers["WatchEpochs"]["sandboxEpochs"]["epoch"] == 0
    assert answers["Observe"]["sandboxObserve"]["turn"] == 0
    assert answers["Act"]["sandboxAct"] is True
    assert answers["WatchSweep"]["sandboxSweepProgress"]["runs"] == 8
    made = answers["OrganismAsScenario"]["sandboxScenarioFromOrganism"]
    assert [each["mix"]["name"] for each in made["scenarios"]] == ["mostly_honest", "mixed", "hostile"]
    assert [each["name"] for each in made["members"]] == ["member_01", "member_02"]
