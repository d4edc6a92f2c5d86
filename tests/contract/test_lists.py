"""Every list is read to its end in order, page by page, and says how long it is."""

from collections.abc import Sequence

import pytest

from domain.identity import KeyPair
from domain.organisms.automatic import Automatic
from domain.organisms.dna import DnaVerdict, dna_hash
from domain.organisms.organism import ProposalState
from domain.organisms.statement import ChangeKind
from domain.organisms.templates import MAJORITY
from graphdb.store import ExpressionFilter, Store
from tests.contract.pages import all_pages, items, totals
from tests.worlds import DNA, World, agent, agents, dids


async def test_organisms_are_listed_in_the_order_of_their_founding(store: Store, world: World) -> None:
    founder = agent("founder")
    uris = [await world.found(founder, name=f"Choir {number}") for number in range(7)]

    pages = await all_pages(lambda after: store.organisms.organisms(3, after))

    assert [each.uri for each in items(pages)] == uris
    assert ([len(page.items) for page in pages], totals(pages)) == ([3, 3, 1], {7})
    assert items(pages)[2] == await world.organism(uris[2])


async def test_organisms_of_a_member_are_those_it_belongs_to_now(store: Store, world: World) -> None:
    founder, guest = agents(2)
    stayed, left, _ = [await world.found(founder, guest) for _ in range(3)]
    for uri in (stayed, left):
        await world.join(uri, guest)
    await world.leave(left, guest)

    pages = await all_pages(lambda after: store.organisms.organisms(1, after, member=guest.did))

    assert [each.uri for each in items(pages)] == [stayed]
    assert totals(pages) == {1}


@pytest.mark.parametrize(("words", "found"), [("CHO", 2), ("über", 1), ("sings", 1), ("%", 0), ("", 3)])
async def test_organisms_are_found_by_name_and_description(store: Store, world: World, words: str, found: int) -> None:
    founder = agent("founder")
    for name, description in (("Choir", None), ("Band", "a cHOrus that SINGS"), ("ÜBER uns", None)):
        await world.found(founder, name=name, description=description)

    page = await store.organisms.organisms(10, None, search=words)

    assert (len(page.items), page.total) == (found, found)


async def test_members_are_listed_by_did(store: Store, world: World) -> None:
    everybody = agents(5)
    uri = await world.choir(*everybody)

    pages = await all_pages(lambda after: store.organisms.members(uri, 2, after))

    assert [each.did for each in items(pages)] == dids(everybody)
    assert totals(pages) == {5}


async def test_the_roster_of_every_epoch_can_be_read(store: Store, world: World) -> None:
    founder, *others = agents(4)
    uri = await world.choir(founder, *others)
    await world.leave(uri, others[0])
    await world.leave(uri, founder)

    rosters = [
        [each.did for each in items(await all_pages(lambda after: store.organisms.members(uri, 2, after, epoch=at)))]  # noqa: B023
        for at in range(6)
    ]

    stages: list[Sequence[KeyPair]] = [[founder, *others[:joined]] for joined in range(4)]
    stages += [[founder, *others[1:]], others[1:]]
    assert rosters == [dids(list(stage)) for stage in stages]


async def test_expressions_are_listed_in_the_order_they_were_spoken(store: Store, world: World) -> None:
    speaker = agent("speaker")
    uri, another = [await world.found(speaker) for _ in range(2)]
    urls = [await world.speak(uri, speaker, number) for number in range(5)]
    await world.speak(another, speaker, "elsewhere")

    pages = await all_pages(lambda after: store.organisms.expressions(uri, 2, after, ExpressionFilter()))

    assert [each.url for each in items(pages)] == urls
    assert totals(pages) == {5}
    assert tuple(items(pages)) == await store.organisms.spoken(urls)


async def test_expressions_are_filtered(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    both = await world.speak(uri, speaker, "both")
    await world.verdict(uri, other, both)
    alone = await world.speak(uri, other, "alone")

    async def urls(**wanted: object) -> list[str]:
        found = await store.organisms.expressions(uri, 10, None, ExpressionFilter(**wanted))  # type: ignore[arg-type]  # by name
        assert found.total == len(found.items)
        return [each.url for each in found.items]

    assert await urls(min_coherence=0.5) == [both, alone]
    assert await urls(min_coherence=0.51) == [both]
    assert await urls(author=other.did) == [alone]
    assert await urls(language="json") == [both, alone]
    assert await urls(language="link") == []
    assert await urls(author=speaker.did, language="json", min_coherence=1.0) == [both]


async def test_the_newest_expressions_come_first(store: Store, world: World) -> None:
    speaker = agent("speaker")
    uri = await world.found(speaker)
    urls = [await world.speak(uri, speaker, number) for number in range(4)]

    newest = await store.organisms.newest_expressions(uri, 3)

    assert [(spoken.url, expression.data) for spoken, expression in newest] == [
        (urls[number], number) for number in (3, 2, 1)
    ]


async def test_verdicts_are_listed_in_the_order_of_the_log(store: Store, world: World) -> None:
    speaker, *others = agents(5)
    uri = await world.choir(speaker, *others)
    url = await world.speak(uri, speaker, "hello")
    for other in others:
        await world.verdict(uri, other, url)
    await world.verdict(uri, others[0], url, "reject")
    await world.leave(uri, others[1])

    pages = await all_pages(lambda after: store.organisms.verdicts(url, 2, after))

    order = [speaker, *others[1:], others[0]]
    assert [each.did for each in items(pages)] == [each.did for each in order]
    assert [each.member_now for each in items(pages)] == [True, False, True, True, True]
    assert totals(pages) == {5}


async def test_automatic_verdicts_are_those_signed_in_ones_name(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    urls = [await world.speak(uri, speaker, number) for number in range(4)]
    for number, url in enumerate(urls):
        await store.organisms.commit(await world.judging(uri, other, url, automatic=number != 1))
    await world.verdict(uri, other, urls[3], "reject")

    pages = await all_pages(lambda after: store.organisms.automatic_verdicts(other.did, 1, after))

    assert [(each.url, each.automatic) for each in items(pages)] == [(urls[0], True), (urls[2], True)]
    assert totals(pages) == {2}
    assert (await store.organisms.automatic_verdicts(speaker.did, 5, None)).items == ()


async def test_expressions_await_the_verdict_of_whoever_was_a_member_then(store: Store, world: World) -> None:
    speaker, other, late = agents(3)
    uri = await world.choir(speaker, other)
    urls = [await world.speak(uri, speaker, number) for number in range(5)]
    await world.verdict(uri, other, urls[1], "reject")
    await world.retract(uri, speaker, urls[2])
    await world.admit(uri, speaker, late)
    newest = await world.speak(uri, speaker, "newest")

    pages = await all_pages(lambda after: store.organisms.awaiting_verdict(other.did, 2, after))

    assert [each.url for each in items(pages)] == [urls[0], urls[3], urls[4], newest]
    assert totals(pages) == {4}
    assert [each.url for each in (await store.organisms.awaiting_verdict(late.did, 5, None)).items] == [newest]
    assert (await store.organisms.awaiting_verdict(speaker.did, 5, None)).total == 0


async def test_proposals_are_listed_in_the_order_of_the_log(store: Store, world: World) -> None:
    member, *candidates = agents(6)
    uri = await world.found(member)
    ids = [await world.propose(uri, member, each.did) for each in candidates]
    await world.withdraw(uri, member, ids[1])

    pages = await all_pages(lambda after: store.organisms.proposals(uri, 2, after))
    open_ones = await all_pages(lambda after: store.organisms.proposals(uri, 3, after, open_only=True))
    closed = await store.organisms.proposals(uri, 3, None, open_only=False)

    assert [each.id for each in items(pages)] == ids
    assert [each.id for each in items(open_ones)] == [ids[0], *ids[2:]]
    assert [(each.id, each.state) for each in closed.items] == [(ids[1], ProposalState.WITHDRAWN)]
    assert (totals(pages), totals(open_ones), closed.total) == ({5}, {4}, 1)


async def test_open_proposals_of_all_organisms(store: Store, world: World) -> None:
    member, candidate, another = agents(3)
    uris = [await world.found(member) for _ in range(2)]
    places = [(uri, await world.propose(uri, member, each.did)) for each in (candidate, another) for uri in uris]
    await world.expire(*places[1])

    assert await store.organisms.open_proposals() == (places[0], *places[2:])


async def test_proposals_await_the_vote_of_every_other_member(store: Store, world: World) -> None:
    member, other, candidate, stranger = agents(4)
    uri = await world.choir(member, other)
    on_candidate = await world.propose(uri, member, candidate.did)
    on_other = await world.propose(uri, member, other.did, ChangeKind.REMOVE)
    voted = await world.propose(uri, member, stranger.did)
    await world.vote(uri, other, voted, "decline")

    pages = [await store.organisms.awaiting_vote(each.did, 10, None) for each in (other, candidate, member)]

    assert [[each.id for each in page.items] for page in pages] == [[on_candidate], [], []]
    assert [(page.total, page.more) for page in pages] == [(1, False), (0, False), (0, False)]
    assert on_other != on_candidate


async def test_what_awaits_a_vote_is_listed_a_page_at_a_time(store: Store, world: World) -> None:
    member, other, *candidates = agents(7)
    uris = [await world.choir(member, other) for _ in range(2)]
    opened = [await world.propose(uri, member, each.did) for each in candidates for uri in uris]

    pages = await all_pages(lambda after: store.organisms.awaiting_vote(other.did, 3, after))

    assert [each.id for each in items(pages)] == opened
    assert ([len(page.items) for page in pages], totals(pages)) == ([3, 3, 3, 1], {10})


async def test_invitations_and_proposals_await_a_join(store: Store, world: World) -> None:
    member, candidate = agents(2)
    proposing, asked = [await world.found(member) for _ in range(2)]
    first = await world.found(member, candidate)
    proposal_id = await world.propose(proposing, member, candidate.did)
    await world.join(asked, candidate)
    last = await world.found(member, candidate)

    waiting = await store.organisms.awaiting_join(candidate.did, 10, None)

    places = [(organism.uri, proposal and proposal.id) for organism, proposal in waiting.items]
    assert places == [(first, None), (proposing, proposal_id), (last, None)]
    assert (waiting.total, waiting.more) == (3, False)


async def test_what_awaits_a_join_is_listed_a_page_at_a_time(store: Store, world: World) -> None:
    member, candidate = agents(2)
    uris = [await world.found(member, *[candidate][: number % 2]) for number in range(7)]
    for uri in uris[::2]:
        await world.propose(uri, member, candidate.did)

    pages = await all_pages(lambda after: store.organisms.awaiting_join(candidate.did, 2, after))

    assert [organism.uri for organism, _ in items(pages)] == [*uris[1::2], *uris[::2]]
    assert ([len(page.items) for page in pages], totals(pages)) == ([2, 2, 2, 1], {7})


async def test_automatic_concurrence_is_on_until_switched_off(store: Store, world: World) -> None:
    members = [each.did for each in agents(3)]
    uri = await world.choir(*agents(3))
    stranger = agent("stranger").did
    await store.organisms.set_auto_concur(members[1], uri, False)
    await store.organisms.set_auto_concur(members[1], uri, False)
    await store.organisms.set_auto_concur(members[2], None, False)

    before = await store.organisms.automatic(uri, [*members, stranger], 2)
    for did, where in ((members[1], uri), (members[2], None)):
        await store.organisms.set_auto_concur(did, where, True)
    after = await store.organisms.automatic(uri, members, 2)

    assert before == (Automatic.ON, Automatic.OFF, Automatic.OFF, Automatic.STRANGER)
    assert after == (Automatic.ON, Automatic.ON, Automatic.ON)
    assert await store.organisms.automatic("so://nowhere", members[:1], 0) == (Automatic.STRANGER,)


async def test_a_new_dna_is_confirmed_by_a_vouch_by_joining_under_it_or_by_saying_so(
    store: Store, world: World
) -> None:
    proposer, voucher, silent, decliner, later = agents(5)
    uri = await world.choir(proposer, voucher, silent, decliner)
    everybody = [each.did for each in (proposer, voucher, silent, decliner, later)]
    program = MAJORITY.program + "% another\n"
    proposal = await world.propose_dna(uri, proposer, program)
    await world.vote(uri, voucher, proposal)
    await world.vote(uri, decliner, proposal, "decline")
    before = (await world.organism(uri)).epoch
    await world.settle(uri, proposal)
    await world.admit(uri, proposer, later)
    on, unconfirmed = Automatic.ON, Automatic.UNCONFIRMED

    assert await store.organisms.automatic(uri, everybody, before) == (on, on, on, on, on)
    assert await store.organisms.automatic(uri, everybody, before + 1) == (on, on, unconfirmed, unconfirmed, on)
    for _ in range(2):
        await store.organisms.confirm_dna(silent.did, uri, dna_hash(program))
    await store.organisms.confirm_dna(decliner.did, uri, DNA)

    assert await store.organisms.automatic(uri, everybody, before + 2) == (on, on, on, unconfirmed, on)


async def test_what_was_tried_in_silence_is_not_tried_again(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    urls = [await world.speak(uri, speaker, words) for words in ("one", "two", "three")]
    await store.organisms.leave_unsigned(other.did, urls[0], DnaVerdict.UNDECIDED)
    await store.organisms.leave_unsigned(other.did, urls[0], DnaVerdict.FALSE)
    await store.organisms.leave_unsigned(speaker.did, urls[1], DnaVerdict.FALSE)

    untried = await store.organisms.awaiting_verdict(other.did, 10, None, untried=True)

    assert [each.url for each in untried.items] == urls[1:]
    assert (await store.organisms.awaiting_verdict(other.did, 10, None)).total == 3
    assert await store.organisms.unsigned(other.did, [*urls, "json://nothing"]) == {urls[0]: DnaVerdict.FALSE}
