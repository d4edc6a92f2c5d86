"""What each event changes in the graph."""

from domain.organisms.dna import dna_hash
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Adoption, Membership, Proposal, ProposalState, VoteKind
from domain.organisms.profile import Profile
from domain.organisms.roster import roster_root
from domain.organisms.statement import ChangeKind, Verdict
from domain.organisms.templates import MAJORITY
from graphdb.store import FOUNDING, Committed, Store
from tests.worlds import DNA, World, agent, agents


async def proposal_of(store: Store, proposal_id: str) -> Proposal:
    proposal = await store.organisms.proposal(proposal_id)
    assert proposal is not None
    return proposal


async def test_founding_keeps_every_field(store: Store, world: World) -> None:
    founder = agent("founder")

    uri = await world.found(
        founder,
        name="Chœur",
        description="Sings",
        meta={"b": [1, "zwei"], "a": {}},
        nucleusNeighbourhood="neighbourhood://n",
        outputsNeighbourhood="neighbourhood://o",
        inputsDMLanguage="lang",
    )

    organism = await world.organism(uri)
    assert (organism.uri, organism.name, organism.description, organism.founder) == (uri, "Chœur", "Sings", founder.did)
    assert organism.meta == {"b": [1, "zwei"], "a": {}}
    assert organism.nucleus_neighbourhood == "neighbourhood://n"
    assert organism.outputs_neighbourhood == "neighbourhood://o"
    assert organism.inputs_dm_language == "lang"
    assert (organism.dna, await store.organisms.program(DNA)) == (DNA, MAJORITY.program)
    assert organism.created_at == world.now


async def test_a_founded_organism_has_one_member_and_its_invitations(world: World) -> None:
    founder, *others = agents(3)

    uri = await world.found(founder, founder, *others)

    gathering = await world.gathering(uri)
    organism = gathering.organism
    assert (organism.epoch, organism.size, organism.facts_size, organism.member_count) == (0, 1, 1, 1)
    assert organism.roster == roster_root([founder.did])
    assert gathering.members == (Membership(founder.did, 0, world.now),)
    assert list(gathering.invited) == sorted(other.did for other in others)


async def test_what_is_missing_is_none(store: Store) -> None:
    assert await store.organisms.organism("so://nowhere") is None
    assert await store.organisms.gathering("so://nowhere") is None
    assert await store.organisms.program("0" * 64) is None
    assert await store.organisms.proposal("0" * 64) is None
    assert await store.organisms.coherence("json://nothing") is None
    assert await store.organisms.spoken(["json://nothing"]) == (None,)
    assert await store.organisms.position() == 0


async def test_an_invited_agent_becomes_a_member_by_joining(store: Store, world: World) -> None:
    founder, guest = agents(2)
    uri = await world.found(founder, guest)

    committed = await world.join(uri, guest)

    organism = await world.organism(uri)
    assert [entry.seq for entry in committed.entries] == [2, 3]
    assert (organism.epoch, organism.size, organism.member_count) == (1, 3, 2)
    assert organism.roster == roster_root([founder.did, guest.did])
    assert await store.organisms.invited(uri) == ()
    assert await store.organisms.memberships(guest.did) == ((uri, Membership(guest.did, 1, world.now)),)


async def test_a_spoken_expression_counts_as_its_speakers_concurrence(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)

    url = await world.speak(uri, speaker, {"said": "äöü"})

    (spoken,) = await store.organisms.spoken([url])
    organism = await world.organism(uri)
    assert spoken is not None
    assert (spoken.url, spoken.organism, spoken.speaker, spoken.language) == (url, uri, speaker.did, "json")
    assert (spoken.epoch, spoken.roster, spoken.dna) == (1, organism.roster, DNA)
    assert (spoken.spoken_at, spoken.received_at, spoken.retracted_at) == (world.now, world.now, None)
    assert (spoken.concurring, spoken.members) == (1, 2)
    (verdict,) = (await store.organisms.verdicts(url, 10, None)).items
    assert (verdict.did, verdict.verdict, verdict.automatic, verdict.as_spoken) == (
        speaker.did,
        Verdict.CONCUR,
        False,
        True,
    )


async def test_the_content_of_a_spoken_expression_is_kept(store: Store, world: World) -> None:
    speaker = agent("speaker")
    uri = await world.found(speaker)
    url, expression = world.expression(speaker, {"number": 1.5, "text": "\u0000 \U0001f3b6"})

    await store.organisms.commit(await world.speaking(uri, speaker, url, expression))

    (stored,) = await store.expressions.get([url])
    assert stored is not None
    assert (stored.url, stored.language, stored.expression) == (url, "json", expression)


async def test_a_verdict_carries_its_statement(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    url = await world.speak(uri, speaker, "hello")
    commit = await world.judging(uri, other, url, "reject", reason="too loud")

    await store.organisms.commit(commit)

    statement = commit.events[0].signed
    verdict = (await store.organisms.verdicts(url, 10, None)).items[1]
    assert (verdict.url, verdict.did, verdict.verdict, verdict.reason) == (url, other.did, Verdict.REJECT, "too loud")
    assert (verdict.statement, verdict.signature) == (statement.text, statement.signature)
    assert (verdict.statement_id, verdict.timestamp) == (statement.id, statement.millis)
    assert (verdict.received_at, verdict.member_now) == (world.now, True)


async def test_a_later_verdict_replaces_the_first(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    url = await world.speak(uri, speaker, "hello")

    concurring = []
    for verdict in ("concur", "reject", "reject", "concur"):
        await world.verdict(uri, other, url, verdict)
        (spoken,) = await store.organisms.spoken([url])
        assert spoken is not None
        concurring.append(spoken.concurring)

    verdicts = await store.organisms.verdicts(url, 10, None)
    assert concurring == [2, 1, 1, 2]
    assert (verdicts.total, [each.did for each in verdicts.items]) == (2, [speaker.did, other.did])


async def test_a_speaker_may_come_to_reject_its_own_words(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    url = await world.speak(uri, speaker, "hello")

    await world.verdict(uri, speaker, url, "reject")

    coherence = await store.organisms.coherence(url)
    assert coherence is not None
    assert (coherence.as_spoken_concurring, coherence.rejecting) == (0, 1)


async def test_a_retracted_expression_keeps_its_verdicts(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    url = await world.speak(uri, speaker, "hello")

    await world.retract(uri, speaker, url)

    (spoken,) = await store.organisms.spoken([url])
    assert spoken is not None
    assert (spoken.retracted_at, spoken.concurring) == (world.now, 1)
    assert (await store.organisms.verdicts(url, 10, None)).total == 1


async def test_a_proposal_counts_as_its_authors_vouch(store: Store, world: World) -> None:
    member, candidate = agents(2)
    uri = await world.found(member)

    proposal_id = await world.propose(uri, member, candidate.did, note="sings well")

    proposal = await proposal_of(store, proposal_id)
    assert (proposal.organism, proposal.change, proposal.subject) == (uri, ChangeKind.ADD, candidate.did)
    assert (proposal.author, proposal.state, proposal.note) == (member.did, ProposalState.OPEN, "sings well")
    assert (proposal.opened_at, proposal.joined_at, proposal.closed_at) == (world.now, None, None)
    assert [(vote.did, vote.vote, vote.timestamp) for vote in proposal.votes] == [
        (member.did, VoteKind.VOUCH, world.now)
    ]


async def test_a_later_vote_replaces_the_first(store: Store, world: World) -> None:
    member, other, candidate = agents(3)
    uri = await world.choir(member, other)
    proposal_id = await world.propose(uri, member, candidate.did)

    await world.vote(uri, other, proposal_id, "vouch")
    await world.vote(uri, other, proposal_id, "decline", reason="too loud")

    votes = (await proposal_of(store, proposal_id)).votes
    assert [(vote.did, vote.vote, vote.reason) for vote in votes] == [
        (member.did, VoteKind.VOUCH, None),
        (other.did, VoteKind.DECLINE, "too loud"),
    ]


async def test_an_accepted_candidate_is_a_member_of_the_next_epoch(store: Store, world: World) -> None:
    member, candidate = agents(2)
    uri = await world.found(member)
    proposal_id = await world.propose(uri, member, candidate.did)
    await world.join(uri, candidate)
    joined = world.now

    await world.settle(uri, proposal_id)

    proposal, gathering = await proposal_of(store, proposal_id), await world.gathering(uri)
    assert (proposal.state, proposal.joined_at, proposal.closed_at) == (ProposalState.ACCEPTED, joined, world.now)
    assert proposal.evaluation is not None
    assert proposal.evaluation["verdict"] == "true"
    assert gathering.member(candidate.did) == Membership(candidate.did, 1, world.now)
    assert gathering.proposals == ()


async def test_asking_to_join_opens_a_proposal_without_a_vote(store: Store, world: World) -> None:
    member, candidate = agents(2)
    uri = await world.found(member)

    proposal_id = (await world.join(uri, candidate)).result

    proposal = await proposal_of(store, proposal_id)
    assert (proposal.author, proposal.joined_at, proposal.votes) == (candidate.did, world.now, ())


async def test_a_removed_member_is_remembered(store: Store, world: World) -> None:
    founder, other = agents(2)
    uri = await world.choir(founder, other)
    since = world.now
    proposal_id = await world.propose(uri, founder, other.did, ChangeKind.REMOVE)

    await world.settle(uri, proposal_id)

    organism = await world.organism(uri)
    assert (organism.epoch, organism.member_count, organism.roster) == (2, 1, roster_root([founder.did]))
    assert await store.organisms.memberships(other.did) == ()
    past = await store.organisms.members(uri, 10, None, epoch=1)
    assert Membership(other.did, 1, since, 2) in past.items


async def test_proposals_end_withdrawn_or_expired(store: Store, world: World) -> None:
    member, candidate, another = agents(3)
    uri = await world.found(member)
    withdrawn, expired = [await world.propose(uri, member, each.did) for each in (candidate, another)]

    await world.withdraw(uri, member, withdrawn)
    await world.expire(uri, expired)

    assert (await proposal_of(store, withdrawn)).state is ProposalState.WITHDRAWN
    assert (await proposal_of(store, expired)).state is ProposalState.EXPIRED
    again = await world.propose(uri, member, candidate.did)
    assert [each.id for each in (await world.gathering(uri)).proposals] == [again]


async def test_a_proposal_to_remove_somebody_who_left_is_moot(store: Store, world: World) -> None:
    founder, other = agents(2)
    uri = await world.choir(founder, other)
    proposal_id = await world.propose(uri, founder, other.did, ChangeKind.REMOVE)

    await world.leave(uri, other)

    assert (await proposal_of(store, proposal_id)).state is ProposalState.MOOT


async def test_an_organism_that_everybody_left_is_dormant(world: World) -> None:
    founder = agent("founder")
    uri = await world.found(founder)
    await world.propose(uri, founder, agent("candidate").did)

    await world.leave(uri, founder)

    gathering: Gathering = await world.gathering(uri)
    assert gathering.organism.dormant
    assert (gathering.members, gathering.proposals) == ((), ())


async def test_who_leaves_and_comes_back_has_two_stays(store: Store, world: World) -> None:
    founder, other = agents(2)
    uri = await world.choir(founder, other)
    await world.leave(uri, other)
    await world.admit(uri, founder, other)

    stays = [(await store.organisms.members(uri, 10, None, epoch=epoch)).items for epoch in range(4)]

    epochs = [[(each.since_epoch, each.until_epoch) for each in stay if each.did == other.did] for stay in stays]
    assert epochs == [[], [(1, 2)], [], [(3, None)]]


async def test_the_answer_of_a_commit_is_what_the_log_holds(store: Store, world: World) -> None:
    founder = agent("founder")

    committed = await store.organisms.commit(world.founding(founder))

    assert committed == Committed(await store.organisms.entries(committed.result, 0, 10), committed.result)
    assert FOUNDING.epoch == -1


async def test_another_dna_begins_an_epoch_and_closes_all_other_proposals(store: Store, world: World) -> None:
    founder, candidate = agents(2)
    uri = await world.found(founder)
    url = await world.speak(uri, founder, "under the old one")
    other = await world.propose(uri, founder, candidate.did)
    program = MAJORITY.program + "% another\n"
    proposal_id = await world.propose_dna(uri, founder, program)
    before = await world.organism(uri)

    await world.settle(uri, proposal_id)

    organism, adopted_at = await world.organism(uri), world.now
    assert (organism.dna, organism.epoch, organism.roster) == (dna_hash(program), before.epoch + 1, before.roster)
    assert await store.organisms.program(organism.dna) == program
    assert (await store.organisms.spoken([url]))[0].dna == DNA  # type: ignore[union-attr]  # it was spoken
    accepted = await proposal_of(store, proposal_id)
    assert (accepted.state, accepted.base, accepted.subject) == (ProposalState.ACCEPTED, DNA, organism.dna)
    assert (await proposal_of(store, other)).state is ProposalState.MOOT
    assert await store.organisms.adoptions(uri) == (
        Adoption(0, DNA, None, before.created_at),
        Adoption(1, organism.dna, proposal_id, adopted_at),
    )
    assert await store.organisms.adoptions("so://nowhere") == ()


async def test_a_dna_may_come_back(store: Store, world: World) -> None:
    founder = agent("founder")
    uri = await world.found(founder)
    another = MAJORITY.program + "% another\n"
    for program in (another, MAJORITY.program, another):
        await world.settle(uri, await world.propose_dna(uri, founder, program))

    adoptions = await store.organisms.adoptions(uri)

    assert [(each.epoch, each.dna) for each in adoptions] == [
        (epoch, dna_hash(program))
        for epoch, program in enumerate([MAJORITY.program, another, MAJORITY.program, another])
    ]
    assert (await world.organism(uri)).dna == dna_hash(another)


async def test_another_profile_replaces_name_description_and_meta(store: Store, world: World) -> None:
    founder = agent("founder")
    uri = await world.found(founder, description="Sings", meta={"a": 1})
    profile = Profile("Orchestra", None, {"b": ["é", 2]})
    proposal_id = await world.propose_profile(uri, founder, profile)

    await world.settle(uri, proposal_id)

    organism = await world.organism(uri)
    assert (organism.name, organism.description, organism.meta, organism.epoch) == (
        "Orchestra",
        None,
        {"b": ["é", 2]},
        0,
    )
    assert (await proposal_of(store, proposal_id)).profile == profile.as_json()
    found = await store.organisms.organisms(10, None, search="orchestra")
    assert [each.uri for each in found.items] == [uri]
