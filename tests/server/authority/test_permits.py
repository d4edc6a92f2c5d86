"""An app gets a token: it asks, the agent permits, and reads six digits out to it."""

import json

import pytest

from domain.capabilities import ADMIN, AuthInfo, Capability, CapabilityNotMatched
from resolvers.errors import NoAgent, NoPermittedRequest, UnknownRequest
from server.permits import OPEN_REQUESTS
from tests.server.authority.access import ADA, APP, BOB, READER, app_token, session_of
from tests.services import World


async def test_an_app_gets_what_was_permitted(here: World) -> None:
    permitter = await session_of(here)
    request_id = here.authority.request()

    code = here.authority.permit(permitter, request_id, APP)
    issued = await here.authority.generate_jwt(request_id, code)

    session = await here.authority.session(issued.token)
    assert (issued.agent, session.agent, session.capabilities) == (ADA.did, ADA.did, (READER,))
    assert len(code) == 6
    assert code.isdigit()
    (app,) = [app for app in await here.authority.apps(ADA.did) if app.request_id == request_id]
    assert (app.agent, json.loads(app.auth), app.revoked) == (ADA.did, APP.as_json(), False)


async def test_the_digits_work_once(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here), request_id, APP)
    await here.authority.generate_jwt(request_id, code)

    with pytest.raises(NoPermittedRequest, match="Can't find permitted request"):
        await here.authority.generate_jwt(request_id, code)


async def test_five_wrong_guesses_end_the_request(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here), request_id, APP)
    wrong = "000000" if code != "000000" else "000001"

    for guess in [*[wrong] * 5, code]:
        with pytest.raises(NoPermittedRequest):
            await here.authority.generate_jwt(request_id, guess)


async def test_four_wrong_guesses_leave_one(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here), request_id, APP)
    for guess in ["", code + "0", code[:5], " " + code]:
        with pytest.raises(NoPermittedRequest):
            await here.authority.generate_jwt(request_id, guess)

    assert (await here.authority.generate_jwt(request_id, code)).agent == ADA.did


async def test_a_request_that_nobody_permitted_gives_no_token(here: World) -> None:
    request_id = here.authority.request()

    for asked in (request_id, "unheard of"):
        with pytest.raises(NoPermittedRequest):
            await here.authority.generate_jwt(asked, "000000")


async def test_requests_and_permits_last_ten_minutes(here: World) -> None:
    permitter = await session_of(here)
    permitted, open_ = here.authority.request(), here.authority.request()
    code = here.authority.permit(permitter, permitted, APP)

    here.clock.forward(600)

    with pytest.raises(NoPermittedRequest):
        await here.authority.generate_jwt(permitted, code)
    with pytest.raises(UnknownRequest):
        here.authority.permit(permitter, open_, APP)


@pytest.mark.parametrize(
    "more",
    [
        *ADMIN,
        Capability("agent", ("*",), ("READ", "CREATE")),
        Capability("agent", ("*",), ("*",)),
        Capability("runtime.trusted_agents", ("*",), ("READ",)),
    ],
)
async def test_nobody_permits_more_than_it_may_itself(here: World, more: Capability) -> None:
    request_id = here.authority.request()

    with pytest.raises(CapabilityNotMatched):
        here.authority.permit(await session_of(here), request_id, AuthInfo("Notes", "", capabilities=(READER, more)))

    assert here.authority.permit(await session_of(here), request_id, APP)


async def test_a_limited_app_passes_on_its_limits(here: World) -> None:
    one = Capability("social-organism", ("so://one",), ("READ", "SUBSCRIBE"))
    two = Capability("social-organism", ("so://two",), ("READ",))
    delegate = AuthInfo("Delegate", "", capabilities=(one, Capability("agent", ("*",), ("PERMIT",))))
    _, token = await app_token(here, await session_of(here), delegate)
    session = await here.authority.session(token)

    assert await app_token(here, session, AuthInfo("Sub", "", capabilities=(one,)))
    with pytest.raises(CapabilityNotMatched):
        await app_token(here, session, AuthInfo("Sub", "", capabilities=(two,)))


async def test_another_agent_cannot_take_a_permitted_request_over(here: World) -> None:
    request_id = here.authority.request()
    code = here.authority.permit(await session_of(here, ADA), request_id, APP)

    with pytest.raises(UnknownRequest):
        here.authority.permit(await session_of(here, BOB), request_id, APP)

    assert (await here.authority.generate_jwt(request_id, code)).agent == ADA.did


async def test_who_permits_again_reads_out_other_digits(here: World) -> None:
    ada, request_id = await session_of(here), here.authority.request()
    here.authority.permit(ada, request_id, AuthInfo("Notes", ""))

    code = here.authority.permit(ada, request_id, APP)

    issued = await here.authority.generate_jwt(request_id, code)
    assert (await here.authority.session(issued.token)).capabilities == (READER,)


async def test_an_admin_without_a_main_agent_has_nobody_to_permit_as(here: World) -> None:
    admin = await here.authority.session("the admin's")

    with pytest.raises(NoAgent):
        here.authority.permit(admin, here.authority.request(), APP)


async def test_a_flood_of_requests_does_not_touch_a_permitted_one(here: World) -> None:
    permitted = here.authority.request()
    code = here.authority.permit(await session_of(here), permitted, APP)
    drowned = here.authority.request()

    for _ in range(OPEN_REQUESTS):
        here.authority.request()

    assert (await here.authority.generate_jwt(permitted, code)).agent == ADA.did
    with pytest.raises(UnknownRequest):
        here.authority.permit(await session_of(here), drowned, APP)
