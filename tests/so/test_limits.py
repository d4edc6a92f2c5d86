"""How many an organism takes, and how often it is asked, on both stores."""

from dataclasses import replace

import pytest

from server.allowances import Allowances
from tests.so.society import JOIN, SPEAK, Society

OPEN = "register_social_organism('o', o).\noutput_expression(_, o).\nmembrane(_, o).\n"
CLOSED = "register_social_organism('o', o).\noutput_expression(_, o).\nmembrane(_, o) :- fail.\n"
SAID = """query ($u: String!) { soExpressions(soURI: $u) {
  edges { node { expression { data } coherence { asSpoken } } } } }"""
MEMBERS = "query ($u: String!) { soMembers(soURI: $u) }"
PROPOSALS = "query ($u: String!) { soProposals(soURI: $u) { edges { node { id state } } } }"
SETTLE = "mutation ($u: String!, $p: String!) { soSettle(soURI: $u, proposal: $p) { state } }"
WITHDRAW = "mutation ($u: String!, $p: String!) { soWithdrawProposal(soURI: $u, proposal: $p) { state } }"


async def test_an_organism_takes_no_more_members_than_it_may_have(chorus: Society) -> None:
    ann, bob, cid, dan = await chorus.people("Ann", "Bob", "Cid", "Dan")
    uri = await chorus.found(ann, bob, dna=OPEN)
    chorus.limit(members=2)

    await chorus.ask(JOIN, {"u": uri}, cid)

    assert len(await chorus.ask(MEMBERS, {"u": uri}, ann)) == 2
    (waiting,) = (await chorus.ask(PROPOSALS, {"u": uri}, ann))["edges"]
    assert waiting["node"]["state"] == "OPEN"
    refused = await chorus.refusal(SETTLE, {"u": uri, "p": waiting["node"]["id"]}, ann)
    assert (refused["code"], refused["limit"]) == ("LIMIT_EXCEEDED", 2)
    chorus.limit(members=3)
    await chorus.tick()
    assert len(await chorus.ask(MEMBERS, {"u": uri}, dan)) == 3


async def test_the_invited_do_not_come_in_beyond_the_limit_either(chorus: Society) -> None:
    ann, bob = await chorus.people("Ann", "Bob")
    uri = await chorus.ask(
        'mutation ($m: [String!]) { soCreate(socialOrganism: {name: "Duo", members: $m}) }', {"m": [bob.did]}, ann
    )
    chorus.limit(members=1)

    refused = await chorus.refusal(JOIN, {"u": uri}, bob)

    assert refused["code"] == "LIMIT_EXCEEDED"
    chorus.limit(members=2)
    assert (await chorus.ask(JOIN, {"u": uri}, bob))["memberCount"] == 2


async def test_all_members_are_told_although_the_limit_was_lowered(chorus: Society) -> None:
    ann, *others = await chorus.people("Ann", "Bob", "Cid", "Dan", "Eve")
    uri = await chorus.found(ann, *others)
    chorus.limit(members=2)

    assert await chorus.ask(MEMBERS, {"u": uri}, ann) == sorted(each.did for each in (ann, *others))


@pytest.mark.parametrize(
    "content",
    ["[" * 64 + "]" * 64, '"' + "x" * 999_900 + '"', "[" + ",".join(["9e15"] * 100_000) + "]"],
    ids=["too deep", "too long with its signature", "too long when written out"],
)
@pytest.mark.parametrize("language", ["json", "literal"])
async def test_what_could_not_be_read_again_is_not_said(chorus: Society, content: str, language: str) -> None:
    (ann,) = await chorus.people("Ann")
    uri = await chorus.found(ann)

    refused = await chorus.refusal(SPEAK, {"u": uri, "c": content, "l": language}, ann)

    assert refused["code"] == "INVALID_JSON"
    await chorus.say(uri, ann, "something")


async def test_the_deepest_and_the_longest_that_may_be_said_are_read_again(chorus: Society) -> None:
    ann, bob = await chorus.people("Ann", "Bob")
    uri = await chorus.found(ann, bob)
    data = ["[" * 63 + "]" * 63, '"' + "x" * 999_500 + '"']

    for content in data:
        await chorus.ask(SPEAK, {"u": uri, "c": content, "l": "json"}, ann)
        await chorus.rest()

    said = (await chorus.ask(SAID, {"u": uri}, ann))["edges"]
    assert [each["node"]["expression"]["data"] for each in said] == data
    assert [each["node"]["coherence"]["asSpoken"] for each in said] == [1, 1]


async def test_requests_to_join_and_to_settle_are_counted_by_agent(chorus: Society) -> None:
    ann, bob, cid = await chorus.people("Ann", "Bob", "Cid")
    uri = await chorus.found(ann, dna=CLOSED)
    chorus.services = replace(chorus.services, allow=Allowances(2, chorus.clock))
    await chorus.ask(JOIN, {"u": uri}, bob)
    (asked,) = (await chorus.ask(PROPOSALS, {"u": uri}, bob))["edges"]
    proposal = {"u": uri, "p": asked["node"]["id"]}
    await chorus.ask(SETTLE, proposal, bob)
    await chorus.ask(WITHDRAW, proposal, bob)

    again, settling = await chorus.refusal(JOIN, {"u": uri}, bob), await chorus.refusal(SETTLE, proposal, bob)

    assert (again["code"], settling["code"]) == ("TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS")
    await chorus.ask(JOIN, {"u": uri}, cid)
    chorus.clock.forward(30)
    await chorus.ask(JOIN, {"u": uri}, bob)
