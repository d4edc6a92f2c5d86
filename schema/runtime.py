"""The runtime section, named as in ad4m, as far as agents need it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, cast

import strawberry

from resolvers import agent, runtime
from resolvers.context import Topic
from schema.scalars import Info


@strawberry.type(description="What runs here.")
class RuntimeInfo:
    ad4m_executor_version: str = strawberry.field(description="The version of Chorus.")
    is_initialized: bool = strawberry.field(description="Whether there is a main agent.")
    is_unlocked: bool = strawberry.field(description="Whether its key is open.")


@strawberry.type(description="Something that a person has to decide on.")
class ExceptionInfo:
    title: str = strawberry.field(description="What it is.")
    message: str = strawberry.field(description="In words.")
    type: str = strawberry.field(description="CAPABILITY_REQUESTED.")
    addon: str | None = strawberry.field(description="What is needed to decide, as JSON text.")


@strawberry.type
class RuntimeQuery:
    @strawberry.field(description="What runs here, and whether it has a main agent.")
    async def runtime_info(self, info: Info) -> RuntimeInfo:
        found = await runtime.info(info.context)
        return RuntimeInfo(
            ad4m_executor_version=found.version, is_initialized=found.initialized, is_unlocked=found.unlocked
        )

    @strawberry.field(description="Whether a DID signed a text with `agentSignMessage`.")
    def runtime_verify_string_signed_by_did(
        self,
        info: Info,
        did: Annotated[str, strawberry.argument(description="The DID.")],
        did_signing_key_id: Annotated[str, strawberry.argument(description="Its key's id; the DID decides.")],
        data: Annotated[str, strawberry.argument(description="The text.")],
        signed_data: Annotated[str, strawberry.argument(description="The signature, in hex.")],
    ) -> bool:
        return runtime.verify_string(info.context, did, data, signed_data)


@strawberry.type
class RuntimeSubscription:
    @strawberry.subscription(description="What a person has to decide on: apps that ask for a token.")
    async def exception_occurred(self, info: Info) -> AsyncGenerator[ExceptionInfo, None]:
        async with aclosing(agent.notices(info.context, Topic.EXCEPTION_OCCURRED)) as notices:
            async for notice in notices:
                raised = cast("agent.ExceptionNotice", notice)
                yield ExceptionInfo(title=raised.title, message=raised.message, type=raised.type, addon=raised.addon)
