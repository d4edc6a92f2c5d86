import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from strawberry.types import ExecutionResult

from domain.canonical import canonical
from domain.identity import Did, key_id
from domain.sign_in import SIGN_IN_DOMAIN
from resolvers.agent import ExceptionNotice
from resolvers.context import Topic
from tests.domain.agents import agent
from tests.services import Json, World, world

OWN = agent(1)
AGENT = """did directMessageLanguage perspective { links {
  author timestamp proof { valid invalid signature key } data { source predicate target } } }"""
STATUS = "isInitialized isUnlocked did didDocument error"
APPS = "requestId revoked auth { appName appDesc appUrl appIconPath capabilities { with { domain pointers } can } }"

GENERATE = f"mutation ($passphrase: String!) {{ agentGenerate(passphrase: $passphrase) {{ {STATUS} }} }}"
STATUS_QUERY = f"query {{ agentStatus {{ {STATUS} }} }}"
ME = f"query {{ agent {{ {AGENT} }} }}"
BY_DID = f"query ($did: String!) {{ agentByDID(did: $did) {{ {AGENT} }} }}"
IS_LOCKED = "query { agentIsLocked }"
LOCK = f"mutation ($passphrase: String!) {{ agentLock(passphrase: $passphrase) {{ {STATUS} }} }}"
UNLOCK = f"""mutation ($passphrase: String!, $holochain: Boolean!) {{
  agentUnlock(passphrase: $passphrase, holochain: $holochain) {{ {STATUS} }} }}"""
SIGN = "mutation ($message: String!) { agentSignMessage(message: $message) { signature publicKey } }"
VERIFY = """query ($did: String!, $didSigningKeyId: String!, $data: String!, $signedData: String!) {
  runtimeVerifyStringSignedByDid(
    did: $did, didSigningKeyId: $didSigningKeyId, data: $data, signedData: $signedData) }"""
CREATE_HOSTED = """mutation ($name: String!, $passphrase: String!) {
  agentCreateHosted(name: $name, passphrase: $passphrase) { did token } }"""
SIGN_IN_HOSTED = """mutation ($did: String!, $passphrase: String!) {
  agentSignInHosted(did: $did, passphrase: $passphrase) }"""
CHALLENGE = "mutation ($did: String!) { agentChallenge(did: $did) { did server nonce expiresAt } }"
SIGN_IN = """mutation ($did: String!, $nonce: String!, $signature: String!) {
  agentSignIn(did: $did, nonce: $nonce, signature: $signature) }"""
REQUEST = "mutation ($authInfo: AuthInfoInput!) { agentRequestCapability(authInfo: $authInfo) }"
PERMIT = "mutation ($auth: String!) { agentPermitCapability(auth: $auth) }"
GENERATE_JWT = """mutation ($requestId: String!, $rand: String!) {
  agentGenerateJwt(requestId: $requestId, rand: $rand) }"""
GET_APPS = f"query {{ agentGetApps {{ {APPS} }} }}"
REVOKE = f"mutation ($requestId: String!) {{ agentRevokeToken(requestId: $requestId) {{ {APPS} }} }}"
REMOVE = f"mutation ($requestId: String!) {{ agentRemoveApp(requestId: $requestId) {{ {APPS} }} }}"
EXPORT = "mutation ($passphrase: String!) { agentExport(passphrase: $passphrase) }"
IMPORT = f"""mutation ($did: String!, $keystore: String!, $passphrase: String!) {{
  agentImport(did: $did, didDocument: "{{}}", keystore: $keystore, passphrase: $passphrase) {{ {STATUS} }} }}"""
CHANGE = """mutation ($passphrase: String!, $newPassphrase: String!) {
  agentChangePassphrase(passphrase: $passphrase, newPassphrase: $newPassphrase) }"""
INFO = "query { runtimeInfo { ad4mExecutorVersion isInitialized isUnlocked } }"

READ_AGENT = {"with": {"domain": "agent", "pointers": ["*"]}, "can": ["READ"]}
AUTH = {"appName": "Notes", "appDesc": "Keeps notes", "appUrl": "https://notes.example", "capabilities": [READ_AGENT]}
ADMIN = "the admin's"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, credential=ADMIN) as opened:
        yield opened


async def main_agent(here: World) -> Did:
    return Did((await here.ask(GENERATE, ADMIN, passphrase="correct horse"))["did"])


async def hosted(here: World, name: str = "Bob") -> tuple[Did, str]:
    made = await here.ask(CREATE_HOSTED, ADMIN, name=name, passphrase="battery staple")
    return Did(made["did"]), made["token"]


async def signed_in(here: World) -> str:
    challenge = await here.ask(CHALLENGE, did=OWN.did)
    signature = OWN.sign(SIGN_IN_DOMAIN + canonical(challenge).encode())
    return str(await here.ask(SIGN_IN, did=OWN.did, nonce=challenge["nonce"], signature=signature))


async def app(here: World, token: str, **auth: Json) -> tuple[str, str]:
    """The request's id and the token of an app that the agent of `token` permits."""
    request_id = await here.ask(REQUEST, authInfo={**AUTH, "appDomain": "notes.example"})
    granted = json.dumps({"requestId": request_id, "auth": {**AUTH, **auth}})
    rand = await here.ask(PERMIT, token, auth=granted)
    return request_id, await here.ask(GENERATE_JWT, requestId=request_id, rand=rand)


# The main agent, as an ad4m client drives it


async def test_before_there_is_an_agent_the_status_says_so(here: World) -> None:
    nobody = {"isInitialized": False, "isUnlocked": False, "did": None, "didDocument": None, "error": None}

    assert await here.ask(STATUS_QUERY, ADMIN) == nobody
    assert await here.ask(IS_LOCKED) is True
    info = {"ad4mExecutorVersion": "1.2.3", "isInitialized": False, "isUnlocked": False}
    assert await here.ask(INFO) == info
    assert (await here.refusal(ME, ADMIN))[0] == "NO_AGENT"


async def test_a_generated_agent_is_the_admins_me(here: World) -> None:
    status = await here.ask(GENERATE, ADMIN, passphrase="correct horse")

    did = status["did"]
    assert status == await here.ask(STATUS_QUERY, ADMIN)
    assert (status["isInitialized"], status["isUnlocked"], status["error"]) == (True, True, None)
    document = json.loads(status["didDocument"])
    assert (document["id"], document["verificationMethod"][0]["id"]) == (did, key_id(did))
    me = {"did": did, "directMessageLanguage": None, "perspective": None}
    assert await here.ask(ME, ADMIN) == await here.ask(BY_DID, ADMIN, did=did) == me
    assert await here.ask(INFO) == {"ad4mExecutorVersion": "1.2.3", "isInitialized": True, "isUnlocked": True}


async def test_the_main_agent_is_generated_once(here: World) -> None:
    did = await main_agent(here)

    code, message = await here.refusal(GENERATE, ADMIN, passphrase="again")

    assert code == "AGENT_EXISTS"
    assert did in message


@pytest.mark.parametrize("did", ["", "did:key:zNobody", "did:web:example.com", agent(50).did])
async def test_an_agent_that_the_server_does_not_know_is_null(here: World, did: str) -> None:
    assert await here.ask(BY_DID, ADMIN, did=did) is None


async def test_a_locked_agent_signs_nothing_until_it_is_unlocked(here: World) -> None:
    await main_agent(here)
    status = await here.ask(LOCK, ADMIN, passphrase="correct horse")
    assert (status["isInitialized"], status["isUnlocked"]) == (True, False)
    assert await here.ask(IS_LOCKED) is True
    assert (await here.refusal(SIGN, ADMIN, message="hello"))[0] == "AGENT_LOCKED"

    assert (await here.refusal(UNLOCK, ADMIN, passphrase="wrong", holochain=True))[0] == "WRONG_PASSPHRASE"
    status = await here.ask(UNLOCK, ADMIN, passphrase="correct horse", holochain=False)

    assert status["isUnlocked"] is True
    assert await here.ask(IS_LOCKED, ADMIN) is False
    await here.ask(SIGN, ADMIN, message="hello")


async def test_a_signed_message_is_verified_by_its_did(here: World) -> None:
    did = await main_agent(here)

    signed = await here.ask(SIGN, ADMIN, message="hello ad4m")

    assert signed["publicKey"] == key_id(did)
    asked = {"did": did, "didSigningKeyId": signed["publicKey"], "signedData": signed["signature"]}
    assert await here.ask(VERIFY, ADMIN, data="hello ad4m", **asked) is True
    assert await here.ask(VERIFY, ADMIN, data="hello ad5m", **asked) is False
    assert await here.ask(VERIFY, ADMIN, data="hello ad4m", **{**asked, "signedData": "zz"}) is False


async def test_the_executors_own_vector_is_verified(here: World) -> None:
    known = {
        "did": "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd",
        "didSigningKeyId": "ignored",
        "data": "hello ad4m",
        "signedData": "c35c6676b04352a83d7ce5af765bf7a2efdfe10726cff4902e4fbbcddb52ebe3"
        "00b0b70091a276c57871163122db8144067ae33ea169285036977b9cb34e510d",
    }

    assert await here.ask(VERIFY, ADMIN, **known) is True


# Further agents


async def test_a_hosted_agent_acts_as_itself_and_knows_nothing_of_the_server(here: World) -> None:
    main = await main_agent(here)

    did, token = await hosted(here)

    assert did != main
    assert (await here.ask(ME, token))["did"] == did
    assert (await here.ask(SIGN, token, message="hello"))["publicKey"] == key_id(did)
    for query, variables in [
        (GENERATE, {"passphrase": "x"}),
        (CREATE_HOSTED, {"name": "x", "passphrase": "x"}),
        (IMPORT, {"did": did, "keystore": "{}", "passphrase": "x"}),
    ]:
        code, message = await here.refusal(query, token, **variables)
        assert code == "CAPABILITY_NOT_MATCHED"
        assert "Capability is not matched" in message


async def test_each_agent_locks_itself_only(here: World) -> None:
    await main_agent(here)
    _, token = await hosted(here)

    await here.ask(LOCK, token, passphrase="battery staple")

    assert await here.ask(IS_LOCKED, token) is True
    assert await here.ask(IS_LOCKED, ADMIN) is False


async def test_who_lost_the_token_signs_in_with_the_passphrase(here: World) -> None:
    did, _ = await hosted(here)

    assert (await here.refusal(SIGN_IN_HOSTED, did=did, passphrase="wrong"))[0] == "WRONG_PASSPHRASE"
    token = await here.ask(SIGN_IN_HOSTED, did=did, passphrase="battery staple")

    assert (await here.ask(ME, token))["did"] == did


async def test_a_backup_brings_the_agent_to_another_server(here: World, tmp_path: Path) -> None:
    did, token = await hosted(here)
    assert await here.ask(CHANGE, token, passphrase="battery staple", newPassphrase="changed") is True
    assert (await here.refusal(EXPORT, token, passphrase="battery staple"))[0] == "WRONG_PASSPHRASE"
    keystore = await here.ask(EXPORT, token, passphrase="changed")
    (tmp_path / "other").mkdir()

    async with world(tmp_path / "other") as elsewhere:
        status = await elsewhere.ask(IMPORT, did=did, keystore=keystore, passphrase="changed")

        assert (status["did"], status["isUnlocked"]) == (did, True)
        assert (await elsewhere.ask(ME))["did"] == did
        again = await elsewhere.refusal(IMPORT, did=did, keystore=keystore, passphrase="changed")
        assert again[0] == "ALREADY_HOSTED"


async def test_an_agent_with_its_own_key_signs_in_and_signs_for_itself(here: World) -> None:
    token = await signed_in(here)

    assert (await here.ask(ME, token))["did"] == OWN.did
    status = await here.ask(STATUS_QUERY, token)
    assert (status["did"], status["isInitialized"], status["isUnlocked"]) == (OWN.did, True, True)
    assert (await here.refusal(SIGN, token, message="hello"))[0] == "CAPABILITY_NOT_MATCHED"


async def test_a_challenge_that_somebody_else_signed_gives_no_token(here: World) -> None:
    challenge = await here.ask(CHALLENGE, did=OWN.did)
    signature = agent(2).sign(SIGN_IN_DOMAIN + canonical(challenge).encode())

    refused = await here.refusal(SIGN_IN, did=OWN.did, nonce=challenge["nonce"], signature=signature)

    assert refused[0] == "INVALID_SIGNATURE"


# Apps


async def test_an_app_gets_a_token_and_is_listed(here: World) -> None:
    did = await main_agent(here)

    request_id, token = await app(here, ADMIN)

    assert (await here.ask(ME, token))["did"] == did
    assert (await here.refusal(SIGN, token, message="hello"))[0] == "CAPABILITY_NOT_MATCHED"
    auth = {**AUTH, "appIconPath": None}
    assert await here.ask(GET_APPS, token) == [{"requestId": request_id, "revoked": False, "auth": auth}]


async def test_a_revoked_app_is_refused_in_ad4ms_words_and_stays_listed(here: World) -> None:
    await main_agent(here)
    request_id, token = await app(here, ADMIN)

    (listed,) = await here.ask(REVOKE, ADMIN, requestId=request_id)

    assert listed["revoked"] is True
    code, message = await here.refusal(ME, token)
    assert (code, "Unauthorized access" in message) == ("UNAUTHORIZED", True)


async def test_a_removed_app_is_refused_and_not_listed(here: World) -> None:
    await main_agent(here)
    request_id, token = await app(here, ADMIN)

    assert await here.ask(REMOVE, ADMIN, requestId=request_id) == []

    assert (await here.refusal(ME, token))[0] == "UNAUTHORIZED"
    assert (await here.refusal(REMOVE, ADMIN, requestId=request_id))[0] == "UNKNOWN_APP"


async def test_a_hosted_agent_permits_its_own_apps_and_no_more_than_it_may(here: World) -> None:
    await main_agent(here)
    did, owner = await hosted(here)

    _, token = await app(here, owner)

    assert (await here.ask(ME, token))["did"] == did
    request_id = await here.ask(REQUEST, authInfo={**AUTH, "appDomain": ""})
    everything = {"with": {"domain": "*", "pointers": ["*"]}, "can": ["*"]}
    granted = json.dumps({"requestId": request_id, "auth": {**AUTH, "capabilities": [everything]}})
    assert (await here.refusal(PERMIT, owner, auth=granted))[0] == "CAPABILITY_NOT_MATCHED"


async def test_an_app_may_not_permit_unless_it_was_allowed_to(here: World) -> None:
    await main_agent(here)
    _, token = await app(here, ADMIN)

    assert (await here.refusal(PERMIT, token, auth="{}"))[0] == "CAPABILITY_NOT_MATCHED"


async def test_wrong_digits_are_refused_in_ad4ms_words(here: World) -> None:
    request_id = await here.ask(REQUEST, authInfo={**AUTH, "appDomain": ""})

    code, message = await here.refusal(GENERATE_JWT, requestId=request_id, rand="123456")

    assert code == "NO_PERMITTED_REQUEST"
    assert "Can't find permitted request" in message


@pytest.mark.parametrize("auth", ["", "[]", "{}", '{"requestId": 1, "auth": {}}', '{"requestId": "x", "auth": []}'])
async def test_what_is_not_a_permit_is_refused_with_its_place(here: World, auth: str) -> None:
    await main_agent(here)

    code, message = await here.refusal(PERMIT, ADMIN, auth=auth)

    assert code in {"INVALID_JSON", "INVALID_AUTH_INFO"}
    assert "at $" in message


async def test_a_request_as_long_as_no_token_could_be_is_refused(here: World) -> None:
    refused = await here.refusal(REQUEST, authInfo={**AUTH, "appDomain": "", "appName": "x" * 201})

    assert refused[0] == "INVALID_AUTH_INFO"


# Every field is guarded

GUARDED: dict[str, dict[str, Json]] = {
    STATUS_QUERY: {},
    ME: {},
    BY_DID: {"did": OWN.did},
    GET_APPS: {},
    VERIFY: {"did": "x", "didSigningKeyId": "x", "data": "x", "signedData": "x"},
    GENERATE: {"passphrase": "x"},
    CREATE_HOSTED: {"name": "x", "passphrase": "x"},
    IMPORT: {"did": OWN.did, "keystore": "{}", "passphrase": "x"},
    LOCK: {"passphrase": "x"},
    UNLOCK: {"passphrase": "x", "holochain": False},
    EXPORT: {"passphrase": "x"},
    CHANGE: {"passphrase": "x", "newPassphrase": "y"},
    SIGN: {"message": "x"},
    PERMIT: {"auth": "{}"},
    REVOKE: {"requestId": "x"},
    REMOVE: {"requestId": "x"},
}
UNGUARDED: dict[str, dict[str, Json]] = {IS_LOCKED: {}, INFO: {}}
FOR_STRANGERS: dict[str, dict[str, Json]] = {
    CHALLENGE: {"did": OWN.did},
    REQUEST: {"authInfo": {**AUTH, "appDomain": ""}},
}


@pytest.mark.parametrize("query", GUARDED)
async def test_a_stranger_gets_nowhere(here: World, query: str) -> None:
    await main_agent(here)

    assert (await here.refusal(query, **GUARDED[query]))[0] == "CAPABILITY_NOT_MATCHED"
    assert (await here.refusal(query, "no token", **GUARDED[query]))[0] == "INVALID_TOKEN"


@pytest.mark.parametrize("query", [*UNGUARDED, *FOR_STRANGERS])
async def test_a_stranger_may_ask_whether_anybody_is_there_and_for_a_token(here: World, query: str) -> None:
    await here.ask(query, **{**UNGUARDED, **FOR_STRANGERS}[query])


@pytest.mark.parametrize("query", UNGUARDED)
async def test_with_a_dead_token_a_client_can_still_ask_whether_anybody_is_there(here: World, query: str) -> None:
    await here.ask(query, "no token")


# Subscriptions


Stream = AsyncGenerator[ExecutionResult, None]


@asynccontextmanager
async def watching(here: World, query: str, topic: Topic, token: str = ADMIN) -> AsyncIterator["asyncio.Future[Json]"]:
    """The first event's one field, from when the stream listens."""
    context = here.context(token)
    stream = await here.schema.subscribe(query, context_value=context)
    assert not isinstance(stream, ExecutionResult)
    first = asyncio.ensure_future(_field(stream))
    while not here.notices.followers(topic) and not first.done():  # noqa: ASYNC110  # a notice has no other sign
        await asyncio.sleep(0)
    yield first
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await stream.aclose()


async def _field(stream: Stream) -> Json:
    result = await anext(stream)
    if result.errors:
        raise PermissionError(result.errors[0].message)
    assert result.data is not None
    (value,) = result.data.values()
    return value


async def test_the_admin_hears_of_its_agent_from_the_first_moment(here: World) -> None:
    query = f"subscription {{ agentStatusChanged {{ {STATUS} }} }}"
    async with watching(here, query, Topic.AGENT_STATUS_CHANGED) as first:
        did = await main_agent(here)

        status = await first

        assert (status["did"], status["isInitialized"], status["isUnlocked"]) == (did, True, True)


async def test_the_admin_does_not_hear_of_others(here: World) -> None:
    query = f"subscription {{ agentStatusChanged {{ {STATUS} }} }}"
    main = await main_agent(here)
    _, token = await hosted(here)
    async with watching(here, query, Topic.AGENT_STATUS_CHANGED) as first:
        await here.ask(LOCK, token, passphrase="battery staple")
        await here.ask(LOCK, ADMIN, passphrase="correct horse")

        assert (await first)["did"] == main


async def test_an_agent_is_told_when_it_changes(here: World) -> None:
    async with watching(here, f"subscription {{ agentUpdated {{ {AGENT} }} }}", Topic.AGENT_UPDATED) as first:
        did = await main_agent(here)

        assert (await first)["did"] == did


async def test_an_agent_is_told_of_its_apps_as_a_list(here: World) -> None:
    _, token = await hosted(here)
    query = f"subscription {{ agentAppsChanged {{ {APPS} }} }}"
    async with watching(here, query, Topic.AGENT_APPS_CHANGED, token) as first:
        request_id, _ = await app(here, token)

        assert request_id in [listed["requestId"] for listed in await first]


async def test_a_request_for_a_capability_comes_to_the_main_agent(here: World) -> None:
    await main_agent(here)
    query = "subscription { exceptionOccurred { title message type addon } }"
    async with watching(here, query, Topic.EXCEPTION_OCCURRED) as first:
        request_id = await here.ask(REQUEST, authInfo={**AUTH, "appDomain": "notes.example"})

        raised = await first

        assert raised["type"] == "CAPABILITY_REQUESTED"
        assert "Notes" in raised["message"]
        addon = json.loads(raised["addon"])
        rand = await here.ask(PERMIT, ADMIN, auth=json.dumps(addon))
        assert addon["requestId"] == request_id
        assert await here.ask(GENERATE_JWT, requestId=request_id, rand=rand)


async def test_no_other_agent_hears_of_a_request_and_could_take_it_over(here: World) -> None:
    await main_agent(here)
    did, token = await hosted(here)
    query = "subscription { exceptionOccurred { title message type addon } }"
    async with watching(here, query, Topic.EXCEPTION_OCCURRED, token) as first:
        await here.ask(REQUEST, authInfo={**AUTH, "appDomain": "notes.example"})
        own = ExceptionNotice("its own", "", "CAPABILITY_REQUESTED", "{}")
        here.notices.publish(Topic.EXCEPTION_OCCURRED, did, own)

        assert (await first)["title"] == "its own"


async def test_a_subscription_ends_when_its_token_is_revoked(here: World) -> None:
    await main_agent(here)
    subscriber = {"with": {"domain": "agent", "pointers": ["*"]}, "can": ["SUBSCRIBE"]}
    request_id, token = await app(here, ADMIN, capabilities=[subscriber])
    query = f"subscription {{ agentUpdated {{ {AGENT} }} }}"
    async with watching(here, query, Topic.AGENT_UPDATED, token) as first:
        await here.ask(REVOKE, ADMIN, requestId=request_id)

        with pytest.raises(PermissionError, match="Unauthorized access"):
            await asyncio.wait_for(first, 1)


@pytest.mark.parametrize(
    "field", ["agentUpdated { did }", "agentAppsChanged { requestId }", "exceptionOccurred { title }"]
)
async def test_an_app_without_the_capability_cannot_subscribe(here: World, field: str) -> None:
    await main_agent(here)
    _, token = await app(here, ADMIN)
    async with watching(here, f"subscription {{ {field} }}", Topic.AGENT_UPDATED, token) as first:
        with pytest.raises(PermissionError, match="Capability is not matched"):
            await first
