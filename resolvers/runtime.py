"""The runtime section: what runs here, and signatures checked for anybody."""

from dataclasses import dataclass

from domain.capabilities import Domain
from domain.expressions import verify_message
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Info:
    """ad4m's runtime info."""

    version: str
    initialized: bool
    unlocked: bool


async def info(context: Context) -> Info:
    """Unguarded, as in ad4m: a client asks before it has a token."""
    keyring = context.services.keyring
    main = await keyring.main_agent()
    unlocked = main is not None and keyring.open_key(main) is not None
    return Info(context.services.version, main is not None, unlocked)


def verify_string(context: Context, did: str, data: str, signed_data: str) -> bool:
    context.require(Domain.AGENT, "READ")
    return verify_message(did, data, signed_data)
