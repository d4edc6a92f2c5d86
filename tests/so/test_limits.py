"""How many an organism takes, and how often it is asked, on both stores."""

from dataclasses import replace

from server.allowances import Allowances
from tests.so.society import JOIN, Society

OPEN = "register_social_organism('o', o).\noutput_expression(_, o).\nmembrane(_, o).\n"
CLOSED = "register_social_organism('o', o).\noutput_expression(_, o).\nmembrane(_, o) :- fail.\n"
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
