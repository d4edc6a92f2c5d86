"""The GraphQL schema: one base for each section and root."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.agent import AgentMutation, AgentQuery, AgentSubscription
from schema.alliance.mutations import AllianceMutation
from schema.alliance.published import AlliancePublishedQuery
from schema.alliance.queries import AllianceQuery
from schema.alliance.subscriptions import AllianceSubscription
from schema.expression import ExpressionMutation, ExpressionQuery
from schema.people.hearsay import HearsayMutation, HearsayQuery
from schema.people.mutations import PeopleMutation
from schema.people.queries import PeopleQuery
from schema.people.social_graph import SocialGraphMutation, SocialGraphQuery
from schema.people.subscriptions import PeopleSubscription
from schema.runtime import RuntimeQuery, RuntimeSubscription
from schema.sandbox.organism import SandboxOrganismQuery
from schema.sandbox.runs import SandboxMutation, SandboxQuery, SandboxSubscription
from schema.sandbox.seats import SeatsMutation, SeatsSubscription
from schema.sandbox.sweeps import SandboxSweepMutation, SandboxSweepQuery, SandboxSweepSubscription
from schema.so.dna import SoDnaQuery
from schema.so.mutations import SoMutation
from schema.so.queries import SoQuery
from schema.so.subscriptions import SoSubscription
from schema.so.whatif import SoWhatIfQuery


@strawberry.type(description="What can be asked.")
class Query(
    SoQuery,
    SoDnaQuery,
    SoWhatIfQuery,
    PeopleQuery,
    SocialGraphQuery,
    HearsayQuery,
    AllianceQuery,
    AlliancePublishedQuery,
    SandboxQuery,
    SandboxSweepQuery,
    SandboxOrganismQuery,
    ExpressionQuery,
    AgentQuery,
    RuntimeQuery,
):
    pass


@strawberry.type(description="What can be done.")
class Mutation(
    SoMutation,
    PeopleMutation,
    SocialGraphMutation,
    HearsayMutation,
    AllianceMutation,
    SandboxMutation,
    SandboxSweepMutation,
    SeatsMutation,
    ExpressionMutation,
    AgentMutation,
):
    pass


@strawberry.type(description="What can be watched, over a WebSocket.")
class Subscription(
    SoSubscription,
    PeopleSubscription,
    AllianceSubscription,
    SandboxSubscription,
    SandboxSweepSubscription,
    SeatsSubscription,
    AgentSubscription,
    RuntimeSubscription,
):
    pass


CONFIG = StrawberryConfig(auto_camel_case=True)

__all__ = ["CONFIG", "Mutation", "Query", "Subscription"]
