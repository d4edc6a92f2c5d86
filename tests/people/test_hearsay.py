"""What others say: opinions that agents share reach those who trust them, and change no score (P23)."""

from collections.abc import Mapping, Sequence

import pytest

from domain.expressions import sign_message
from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.opinion import Opinion, discount, fuse
from domain.people.transitive import RESTART
from resolvers.people.registry import consent_text
from tests.people.village import Village
from tests.servers import Json
from tests.so.society import Person
from tests.worlds import agent

OPINION = "r s belief disbelief uncertainty expectation"
HEARSAY = f"""query ($p: String!) {{ personHearsay(id: $p) {{
  person opinion {{ {OPINION} }} rumours {{ people opinion {{ r s }} }} }} }}"""
SHARE = f"mutation ($p: String!) {{ personShareOpinion(id: $p) {{ person at opinion {{ {OPINION} }} }} }}"
UNSHARE = "mutation ($p: String!) { personUnshareOpinion(id: $p) }"
SHARED = "query ($p: String!) { personSharedOpinion(id: $p) { person at opinion { r s } } }"


async def hears(village: Village, by: Person, person: str) -> Json:
    return await village.society.ask(HEARSAY, {"p": person}, by)


async def shares(village: Village, by: Person, person: str) -> Opinion:
    """Gives the opinion."""
    shared = await village.society.ask(SHARE, {"p": person}, by)
    return Opinion(shared["opinion"]["r"], shared["opinion"]["s"])


async def familiar(village: Village, by: Person, agent: Person) -> tuple[str, Opinion]:
    """The person of an agent after two perfect weeks, and what the observer makes of them."""
    person = await village.live(by, range(16), platformId=None, did=agent.did)
    evidence = "query ($p: String!) { personTrust(id: $p) { tier evidence { r s } } }"
    report = await village.society.ask(evidence, {"p": person}, by)
    assert report["tier"] == "FAMILIAR"
    return person, Opinion(report["evidence"]["r"], report["evidence"]["s"])


def approximately(opinion: Opinion) -> Json:
    return {"r": pytest.approx(opinion.r), "s": pytest.approx(opinion.s)}


async def test_a_familiar_agent_s_shared_opinion_is_heard_and_discounted(village: Village) -> None:
    bot, ben = await village.observers("bot", "ben")
    person, own = await familiar(village, bot, ben)
    cat = await village.live(ben, range(16), platformId="discord:cat")
    assert await village.meet(bot, 15, platformId="discord:cat") == cat
    before = await village.trust(bot, cat)
    told = await shares(village, ben, cat)

    heard = await hears(village, bot, cat)

    expected = discount(own, told)
    assert heard["rumours"] == [{"people": [person, cat], "opinion": approximately(expected)}]
    assert {name: heard["opinion"][name] for name in ("r", "s")} == approximately(expected)
    assert heard["opinion"]["expectation"] == pytest.approx(expected.expectation)
    assert await village.trust(bot, cat) == before


async def test_only_what_is_shared_is_heard_and_it_can_be_taken_back(village: Village) -> None:
    bot, ben = await village.observers("bot", "ben")
    await familiar(village, bot, ben)
    cat = await village.live(ben, range(16), platformId="discord:cat")
    await village.meet(bot, 15, platformId="discord:cat")
    ask = village.society.ask

    assert (await hears(village, bot, cat))["rumours"] == []
    assert await ask(SHARED, {"p": cat}, ben) is None
    told = await shares(village, ben, cat)
    assert (await ask(SHARED, {"p": cat}, ben))["opinion"] == approximately(told)
    assert len((await hears(village, bot, cat))["rumours"]) == 1
    assert [await ask(UNSHARE, {"p": cat}, ben) for _ in range(2)] == [True, False]
    heard = await hears(village, bot, cat)
    assert (heard["rumours"], heard["opinion"]["uncertainty"], heard["opinion"]["expectation"]) == ([], 1.0, 0.5)


async def test_opinions_come_through_two_and_add_up_along_paths_of_their_own(village: Village) -> None:
    bot, ben, dan = await village.observers("bot", "ben", "dan")
    (ben_id, of_ben), (dan_id, of_dan) = [await familiar(village, bot, each) for each in (ben, dan)]
    cat = await village.live(ben, range(16), platformId="discord:cat")
    eva = await village.live(dan, range(16), platformId="discord:eva")
    assert await village.live(ben, range(16), platformId=None, did=dan.did) == dan_id
    for name in ("cat", "eva"):
        await village.meet(bot, 15, platformId=f"discord:{name}")
    of_cat, of_eva, ben_of_dan = [
        await shares(village, by, person) for by, person in ((ben, cat), (dan, eva), (ben, dan_id))
    ]

    assert (await hears(village, bot, cat))["rumours"] == [
        {"people": [ben_id, cat], "opinion": approximately(discount(of_ben, of_cat))}
    ]
    assert (await hears(village, bot, eva))["rumours"] == [
        {"people": [dan_id, eva], "opinion": approximately(discount(of_dan, of_eva))}
    ]
    await village.meet(ben, 15, platformId="discord:eva")
    own_view = await shares(village, ben, eva)
    heard = await hears(village, bot, eva)
    assert [each["people"] for each in heard["rumours"]] == sorted([[ben_id, eva], [dan_id, eva]])
    both = fuse([discount(of_ben, own_view), discount(of_dan, of_eva)])
    assert {name: heard["opinion"][name] for name in ("r", "s")} == approximately(both)
    # Of Dan himself it hears from Ben, though it knows him.
    assert (await hears(village, bot, dan_id))["rumours"] == [
        {"people": [ben_id, dan_id], "opinion": approximately(discount(of_ben, ben_of_dan))}
    ]


EIGEN_TRUST = "query ($p: String!) { personHearsay(id: $p) { eigenTrust } }"


async def eigen_trust(village: Village, by: Person, person: str) -> float | None:
    found = (await village.society.ask(EIGEN_TRUST, {"p": person}, by))["eigenTrust"]
    assert found is None or isinstance(found, float)
    return found


async def test_trust_that_is_passed_on_adds_up_and_comes_back_to_those_it_started_with(village: Village) -> None:
    bot, ben, dan = await village.observers("bot", "ben", "dan")
    stranger = await village.meet(bot, platformId="discord:stranger")
    assert await eigen_trust(village, bot, stranger) is None
    (ben_id, _), (dan_id, _) = [await familiar(village, bot, each) for each in (ben, dan)]
    cat = await village.live(ben, range(16), platformId="discord:cat")
    eva = await village.live(dan, range(16), platformId="discord:eva")
    assert await village.meet(dan, 15, platformId="discord:cat") == cat
    for name in ("cat", "eva"):
        await village.meet(bot, 15, platformId=f"discord:{name}")
    await shares(village, ben, cat)
    to_cat, to_eva = [await shares(village, dan, person) for person in (cat, eva)]

    # What starts, 0.15 of all in every step, goes on by 0.85 to Cat and Eva, who say nothing.
    started = 0.15 / (1 - 0.85**2) / 2
    part = (to_cat.r - to_cat.s) / (to_cat.r - to_cat.s + to_eva.r - to_eva.s)
    expected = {ben_id: started, dan_id: started, cat: 0.85 * started * (1 + part), eva: 0.85 * started * (1 - part)}
    found = {person: await eigen_trust(village, bot, person) for person in expected}
    assert found == pytest.approx(expected)
    assert await eigen_trust(village, bot, stranger) == 0


async def test_p23_fresh_accounts_that_vouch_for_one_another_add_nothing(village: Village) -> None:
    bot, ben = await village.observers("bot", "ben")
    await familiar(village, bot, ben)
    cat = await village.live(ben, range(16), platformId="discord:cat")
    await village.meet(bot, 15, platformId="discord:cat")
    await shares(village, ben, cat)
    heard, trusted = await hears(village, bot, cat), await village.trust(bot, cat)
    sybils: dict[Did, str] = {}

    for number in range(6):
        did = agent(f"sybil {number}").did
        sybils[did] = await village.meet(bot, 15, platformId=None, did=did)
        alone = await village.trust(bot, sybils[did])
        await vouch(village, sybils, about=[cat, *sybils.values()])

        assert (await hears(village, bot, sybils[did]))["rumours"] == []
        assert await village.trust(bot, sybils[did]) == alone

    assert await hears(village, bot, cat) == heard
    assert await village.trust(bot, cat) == trusted
    assert (await village.trust(bot, next(iter(sybils.values()))))["tier"] == "STRANGER"


async def vouch(village: Village, sybils: Mapping[Did, str], about: Sequence[str]) -> None:
    """Every sybil says the best of everybody, whatever it has seen."""
    people, now = village.society.services.store.people, village.society.clock()
    for did, person in sybils.items():
        for other in about:
            if other != person:
                await people.share_opinion(did, PersonId(other), Opinion(1_000_000), now)


@pytest.mark.parametrize("sybils", [1, 6])
async def test_p23_whoever_took_one_in_passes_on_no_more_than_that(village: Village, sybils: int) -> None:
    bot, ben = await village.observers("bot", "ben")
    person_of_ben, of_ben = await familiar(village, bot, ben)
    accounts = [agent(f"sybil {number}").did for number in range(sybils)]
    fakes = {did: await village.meet(bot, 15, platformId=None, did=did) for did in accounts}
    taken_in = next(iter(fakes.values()))
    await village.live(ben, range(16), platformId=None, did=accounts[0])
    told = await shares(village, ben, taken_in)
    await vouch(village, fakes, about=list(fakes.values()))

    heard = [(await hears(village, bot, person))["opinion"]["r"] for person in fakes.values()]

    assert sum(heard) == pytest.approx(discount(of_ben, told).r)
    shared = [await eigen_trust(village, bot, person) or 0.0 for person in fakes.values()]
    assert 0 < sum(shared) <= (1 - RESTART) / RESTART * (await eigen_trust(village, bot, person_of_ben) or 0.0) + 1e-9


async def test_nobody_is_heard_of_themselves_and_only_the_newest_of_several_agents(village: Village) -> None:
    bot, ben = await village.observers("bot", "ben")
    person, own = await familiar(village, bot, ben)
    cat = await village.live(ben, range(16), platformId="discord:cat")
    await village.meet(bot, 15, platformId="discord:cat")
    people, now = village.society.services.store.people, village.society.clock()
    older, newer = Opinion(50), Opinion(3, 6)
    second = agent("ben's other agent")
    link = "mutation ($p: String!, $d: String!, $c: String!) { personLinkDid(id: $p, did: $d, consent: $c) { dids } }"
    consent = sign_message(second, consent_text(PersonId(person), second.did))
    await village.society.ask(link, {"p": person, "d": second.did, "c": consent}, bot)
    await people.share_opinion(ben.did, PersonId(person), Opinion(1_000), now)
    await people.share_opinion(ben.did, PersonId(cat), older, now - 1)
    await people.share_opinion(second.did, PersonId(cat), newer, now)

    assert (await hears(village, bot, person))["rumours"] == []
    (rumour,) = (await hears(village, bot, cat))["rumours"]
    assert rumour["opinion"] == approximately(discount(own, newer))


async def test_only_people_that_are_known_are_asked_about(village: Village) -> None:
    bot, ben = await village.observers("bot", "ben")
    met = await village.meet(bot)

    for query in (HEARSAY, SHARE, UNSHARE, SHARED):
        assert await village.refusal(query, {"p": "p_nobody"}, bot) == "UNKNOWN_PERSON"
        assert await village.refusal(query, {"p": met}, ben) == "UNKNOWN_PERSON"
