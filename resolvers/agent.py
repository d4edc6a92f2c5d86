"""The agent section: hosted keys, sign-in, and tokens for apps."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from domain.canonical import canonical, parse
from domain.capabilities import AuthInfo, Domain, InvalidAuthInfo, auth_info_from_json, parse_auth_info
from domain.did_document import did_document
from domain.errors import InvalidDid
from domain.expressions import sign_message
from domain.identity import Did, key_id, parse_did
from domain.sign_in import Challenge
from graphdb.store import App
from resolvers.context import Context, Issued, Topic
from resolvers.errors import AgentLocked, InvalidArgument, InvalidToken, NotHosted, Unauthorized
from resolvers.so.automatic import catch_up
from resolvers.streams import guarded

MESSAGE_LENGTH = 1_000_000
PERMIT_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class Status:
    """ad4m's agent status; `did` is None while there is no agent.

    An agent that keeps its own key is never locked here: it signs by itself.
    """

    did: Did | None
    unlocked: bool

    @property
    def document(self) -> str | None:
        """The DID document as JSON text."""
        return None if self.did is None else canonical(did_document(self.did))


@dataclass(frozen=True, slots=True)
class Signature:
    """A message's signature and the key that made it."""

    signature: str
    public_key: str


async def status(context: Context) -> Status:
    context.require(Domain.AGENT, "READ")
    return await _status(context, context.session.agent)


async def _status(context: Context, did: Did | None) -> Status:
    keyring = context.services.keyring
    if did is None:
        return Status(None, unlocked=False)
    return Status(did, keyring.open_key(did) is not None or not await keyring.hosts(did))


async def is_locked(context: Context) -> bool:
    """Unguarded, as in ad4m: a client asks before it has a token, about the main agent then."""
    try:
        did = context.session.agent
    except (InvalidToken, Unauthorized):
        did = None
    now = await _status(context, did or await context.services.keyring.main_agent())
    return not now.unlocked


async def me(context: Context) -> Did:
    context.require(Domain.AGENT, "READ")
    return context.me


async def by_did(context: Context, did: str) -> Did | None:
    context.require(Domain.AGENT, "READ")
    try:
        known = parse_did(did)
    except InvalidDid:
        return None
    hosted = await context.services.keyring.hosts(known)
    member = await context.services.store.organisms.memberships(known)
    return known if hosted or member else None


async def generate(context: Context, passphrase: str) -> Status:
    """The main agent, unlocked."""
    context.require(Domain.AGENT, "CREATE")
    did = await context.services.keyring.create_main(passphrase)
    context.services.notices.publish(Topic.AGENT_UPDATED, did, did)
    return _changed(context, Status(did, True))


async def create_hosted(context: Context, name: str, passphrase: str) -> Issued:
    """A further hosted agent, unlocked, and a token that acts as it."""
    context.require(Domain.AGENT, "CREATE")
    did = await context.services.keyring.create(name, passphrase)
    return Issued(did, await context.services.authority.sign_in_hosted(did))


async def unlock(context: Context, passphrase: str) -> Status:
    """Guarded by SIGN, as in ad4m. What the agent missed while its key was locked is caught up with."""
    context.require(Domain.AGENT, "SIGN")
    await context.services.keyring.unlock(context.me, passphrase)
    context.services.spawn(catch_up(context.services, context.me))
    return _changed(context, Status(context.me, True))


async def lock(context: Context, passphrase: str) -> Status:
    """Guarded, where ad4m lets anybody: an app of one agent need not lock it for all the others."""
    context.require(Domain.AGENT, "LOCK")
    await context.services.keyring.lock(context.me, passphrase)
    return _changed(context, Status(context.me, False))


async def restore(context: Context, did: str, keystore: str, passphrase: str) -> Status:
    """Takes in a backup that `agentExport` gave."""
    context.require(Domain.AGENT, "CREATE")
    known = parse_did(did)
    await context.services.keyring.restore(known, keystore, passphrase)
    context.services.notices.publish(Topic.AGENT_UPDATED, known, known)
    context.services.spawn(catch_up(context.services, known))
    return _changed(context, Status(known, True))


async def change_passphrase(context: Context, old: str, new: str) -> bool:
    context.require(Domain.AGENT, "UPDATE")
    await context.services.keyring.change_passphrase(context.me, old, new)
    return True


async def export(context: Context, passphrase: str) -> str:
    context.require(Domain.AGENT, "UPDATE")
    return await context.services.keyring.export(context.me, passphrase)


async def sign(context: Context, message: str) -> Signature:
    context.require(Domain.AGENT, "SIGN")
    if len(message) > MESSAGE_LENGTH:
        raise InvalidArgument("message", f"at most {MESSAGE_LENGTH} characters", message)
    keys = context.services.keyring.open_key(context.me)
    if keys is None:
        raise await _unable(context)
    return Signature(sign_message(keys, message), key_id(keys.did))


async def _unable(context: Context) -> AgentLocked | NotHosted:
    """Why the server cannot sign for the agent of the token."""
    hosted = await context.services.keyring.hosts(context.me)
    return AgentLocked(context.me) if hosted else NotHosted(context.me)


def _changed(context: Context, now: Status) -> Status:
    context.services.notices.publish(Topic.AGENT_STATUS_CHANGED, now.did, now)
    return now


# Sign-in and tokens


def challenge(context: Context, did: str) -> Challenge:
    context.require(Domain.AGENT, "AUTHENTICATE")
    return context.services.authority.challenge(parse_did(did))


async def sign_in(context: Context, did: str, nonce: str, signature: str) -> str:
    context.require(Domain.AGENT, "AUTHENTICATE")
    token = await context.services.authority.sign_in(parse_did(did), nonce, signature)
    await _tell_of_apps(context, parse_did(did))
    return token


async def sign_in_hosted(context: Context, did: str, passphrase: str) -> str:
    """A further token for whoever knows a hosted agent's passphrase: the first one may be lost."""
    context.require(Domain.AGENT, "AUTHENTICATE")
    agent = parse_did(did)
    await context.services.keyring.check(agent, passphrase)
    token = await context.services.authority.sign_in_hosted(agent)
    await _tell_of_apps(context, agent)
    return token


@dataclass(frozen=True, slots=True)
class ExceptionNotice:
    """Something that a person has to decide on: ad4m's ExceptionInfo. `addon` is JSON."""

    title: str
    message: str
    type: str
    addon: str


async def request_capability(context: Context, auth: AuthInfo) -> str:
    """Asks for a token. The main agent is told; a hosted one's owner gets the request's id from the app itself.

    Nobody else is: whoever knows the id could permit it as another agent.
    """
    context.require(Domain.AGENT, "AUTHENTICATE")
    request_id = context.services.authority.request()
    addon = canonical({"requestId": request_id, "auth": auth.as_json()})
    message = f"{auth.app_name} is asking for permission: {auth.app_desc}"
    notice = ExceptionNotice("Request to authenticate application", message, "CAPABILITY_REQUESTED", addon)
    main = await context.services.keyring.main_agent()
    if main is not None:
        context.services.notices.publish(Topic.EXCEPTION_OCCURRED, main, notice)
    return request_id


def permit_capability(context: Context, text: str) -> str:
    """`text` is JSON `{requestId, auth}`; gives the six digits to fetch the token with."""
    context.require(Domain.AGENT, "PERMIT")
    value = parse(text, max_length=PERMIT_LENGTH, max_depth=8)
    if not isinstance(value, dict) or not isinstance(value.get("requestId"), str):
        raise InvalidAuthInfo("$.requestId", "the id of the request")
    auth = auth_info_from_json(value.get("auth"))
    return context.services.authority.permit(context.session, str(value["requestId"]), auth)


async def generate_jwt(context: Context, request_id: str, rand: str) -> str:
    context.require(Domain.AGENT, "AUTHENTICATE")
    issued = await context.services.authority.generate_jwt(request_id, rand)
    await _tell_of_apps(context, issued.agent)
    return issued.token


async def _tell_of_apps(context: Context, agent: Did) -> None:
    now = await context.services.authority.apps(agent)
    context.services.notices.publish(Topic.AGENT_APPS_CHANGED, agent, now)


async def apps(context: Context) -> tuple[App, ...]:
    context.require(Domain.AGENT, "READ")
    return await context.services.authority.apps(context.me)


async def revoke_token(context: Context, request_id: str) -> tuple[App, ...]:
    context.require(Domain.AGENT, "UPDATE")
    return _apps_changed(context, await context.services.authority.revoke(context.me, request_id))


async def remove_app(context: Context, request_id: str) -> tuple[App, ...]:
    context.require(Domain.AGENT, "UPDATE")
    return _apps_changed(context, await context.services.authority.remove(context.me, request_id))


def _apps_changed(context: Context, now: tuple[App, ...]) -> tuple[App, ...]:
    context.services.notices.publish(Topic.AGENT_APPS_CHANGED, context.me, now)
    return now


def auth_of(app: App) -> AuthInfo:
    return parse_auth_info(app.auth)


async def notices(context: Context, topic: Topic) -> AsyncGenerator[object, None]:
    """What concerns my agent under one topic. The admin's is the main agent, whoever that is by then."""
    domain = Domain.RUNTIME_EXCEPTION if topic is Topic.EXCEPTION_OCCURRED else Domain.AGENT

    def check() -> None:
        context.require(domain, "SUBSCRIBE")

    check()
    session = context.session
    followed = context.services.notices.follow(topic, None if session.admin else context.me)
    async with aclosing(guarded(context, followed, check)) as checked:
        async for notice in checked:
            mine = await context.services.keyring.main_agent() if session.admin else session.agent
            if notice.agent is None or notice.agent == mine:
                yield notice.content
