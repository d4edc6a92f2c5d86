"""Ways to a session: an agent signs in, an app is permitted."""

from domain.capabilities import AuthInfo, Capability
from domain.identity import KeyPair
from resolvers.context import Session
from tests.domain.agents import agent
from tests.services import World

ADA, BOB = agent(1), agent(2)
READER = Capability("agent", ("*",), ("READ",))
APP = AuthInfo("Notes", "Keeps notes", capabilities=(READER,))
NOW = 1_700_000_000_000


async def sign_in(here: World, keys: KeyPair) -> str:
    challenge = here.authority.challenge(keys.did)
    return await here.authority.sign_in(keys.did, challenge.nonce, keys.sign(challenge.signed_bytes))


async def session_of(here: World, keys: KeyPair = ADA) -> Session:
    return await here.authority.session(await sign_in(here, keys))


async def app_token(here: World, session: Session, auth: AuthInfo = APP) -> tuple[str, str]:
    """The request's id and the token."""
    request_id = here.authority.request()
    code = here.authority.permit(session, request_id, auth)
    return request_id, (await here.authority.generate_jwt(request_id, code)).token
