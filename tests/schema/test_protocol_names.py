"""The names of the protocol's GraphQL section (`so`, sign-in, hosted agents) that this version promises to clients."""

import pytest
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema

from server.schema import ChorusSchema

SCHEMA = build_schema(ChorusSchema().as_str())

FIELDS = {
    "Query": """
        so(uri): SocialOrganism
        soAll(first, after, member, search): SocialOrganismConnection!
        soMembers(soURI): [String!]!
        soMemberPage(soURI, first, after, epoch): SoMemberConnection!
        soInvited(soURI): [String!]!
        soExpressions(soURI, first, after, minCoherence, author, language): SoExpressionConnection!
        soExpression(soURI, url): SoExpression
        soSignatures(soURI, url): [SoSignature!]!
        soCoherence(soURI, url): SoCoherence!
        soProposals(soURI, first, after, open): SoProposalConnection!
        soLog(uri, after, first): [SoLogEntry!]!
        soHead(uri): SoHead!
        soPending: SoPending!
        soSignedInMyName(first, after): SoSignatureConnection!""",
    "Mutation": """
        soCreate(socialOrganism, signed, idempotencyKey): String!
        soSpeak(soURI, content, languageAddress, signed, idempotencyKey): SoExpression!
        soConcur(soURI, url, signed, idempotencyKey): SoExpression!
        soReject(soURI, url, reason, signed, idempotencyKey): SoExpression!
        soRetract(soURI, url, reason, signed, idempotencyKey): SoExpression!
        soSuggestMemberAddition(soURI, did, note, signed, idempotencyKey): SoProposal!
        soSuggestMemberRemoval(soURI, did, note, signed, idempotencyKey): SoProposal!
        soVouchForNewMember(soURI, did, signed, idempotencyKey): SoProposal!
        soRejectNewMember(soURI, did, reason, signed, idempotencyKey): SoProposal!
        soVote(soURI, proposal, vote, reason, signed, idempotencyKey): SoProposal!
        soWithdrawProposal(soURI, proposal, signed, idempotencyKey): SoProposal!
        soSettle(soURI, proposal): SoProposal!
        soJoin(soURI, proposal, signed, idempotencyKey): SocialOrganism!
        soLeave(soURI, signed, idempotencyKey): SocialOrganism!
        soSetAutoConcur(soURI, on): Boolean!
        agentGenerate(passphrase): AgentStatus!
        agentCreateHosted(name, passphrase): HostedAgentCreated!
        agentChallenge(did): AgentChallenge!
        agentSignIn(did, nonce, signature): String!
        agentUnlock(passphrase, holochain): AgentStatus!
        agentLock(passphrase): AgentStatus!""",
    "Subscription": """
        soNewExpression(soURI, after): SoExpressionEvent!
        soNewMember(soURI, after): SoMemberEvent!
        soMemberRemoved(soURI, after): SoMemberEvent!
        soProposalChanged(soURI, after): SoProposalEvent!
        soCoherenceChanged(soURI, url, after): SoCoherenceEvent!
        soEvents(soURI, after): SoEvent!""",
}
"""Each with its arguments, in any order, and its type."""

TYPES = {
    "SocialOrganism": "uri name description founder createdAt epoch dormant memberCount members invited dnaHash dna"
    " meta nucleusNeighbourhood outputsNeighbourhood inputsDMLanguage head expressions proposals",
    "SoExpression": "url content soURI speaker epoch rosterRoot dnaHash spokenAt retractedAt expression coherence"
    " signatures",
    "SoCoherence": "asSpoken asSpokenConcurring asSpokenMembers current currentConcurring currentMembers rejecting"
    " epoch rosterRoot",
    "SoSignature": "did verdict reason statement signature statementId timestamp receivedAt automatic memberNow",
    "SoProposal": "id change subject author state vouches declines joined openedAt closedAt evaluation",
    "SoHead": "organism size root epoch timestamp signature",
    "SoLogEntry": "seq event statement signature evaluation receivedAt",
    "SoExpressionEvent": "cursor soURI expression",
    "SoMemberEvent": "cursor soURI did epoch memberCount",
    "SoProposalEvent": "cursor soURI proposal",
    "SoCoherenceEvent": "cursor soURI url coherence",
    "SoEvent": "cursor soURI entry",
    "SoPending": "verdicts votes joins",
    "SocialOrganismInput": "name description members dna template meta nucleusNeighbourhood outputsNeighbourhood"
    " inputsDMLanguage",
    "SignedStatement": "statement signature",
    "AgentChallenge": "did server nonce expiresAt",
    "HostedAgentCreated": "did token",
    "ExpressionProof": "key signature valid invalid socialOrganismCoherence",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
}


def shown(root: str) -> set[str]:
    found = SCHEMA.type_map[root]
    assert isinstance(found, GraphQLObjectType)
    return {
        f"{name}{'(' + ', '.join(sorted(field.args)) + ')' if field.args else ''}: {field.type}"
        for name, field in found.fields.items()
    }


def promised(root: str) -> set[str]:
    lines = (line.strip() for line in FIELDS[root].strip().splitlines())
    return {_sorted(line) for line in lines}


def _sorted(line: str) -> str:
    name, bracket, rest = line.partition("(")
    arguments, _, of = rest.partition(")")
    return f"{name}({', '.join(sorted(arguments.split(', ')))}){of}" if bracket else line


@pytest.mark.parametrize("root", FIELDS)
def test_every_field_of_the_protocol_is_there_with_its_arguments_and_type(root: str) -> None:
    assert promised(root) - shown(root) == set()


@pytest.mark.parametrize("name", TYPES)
def test_every_type_of_the_protocol_has_its_fields(name: str) -> None:
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)

    assert set(TYPES[name].split()) - found.fields.keys() == set()
