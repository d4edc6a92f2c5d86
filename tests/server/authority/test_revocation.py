import asyncio
from pathlib import Path

import pytest

from resolvers.errors import NoPermittedRequest, Unauthorized, UnknownApp
from server.tokens import LIFETIME_SECONDS
from tests.server.authority.access import ADA, APP, BOB, app_token, session_of
from tests.services import World, world


async def test_a_revoked_token_is_dead_at_once_and_stays_listed(here: World) -> None:
    ada = await session_of(here)
    request_id, token = await app_token(here, ada)
    session = await here.authority.session(token)
    dead = here.authority.until_dead(session)

    apps = await here.authority.revoke(ADA.did, request_id)

    assert [app.revoked for app in apps if app.request_id == request_id] == [True]
    assert dead.done()
    assert not here.authority.alive(session)
    with pytest.raises(Unauthorized, match="Unauthorized access"):
        await here.authority.session(token)
    assert here.authority.alive(ada)


async def test_what_a_revoked_token_permitted_and_nobody_fetched_is_void(here: World) -> None:
    granted_id, token = await app_token(here, await session_of(here))
    request_id = here.authority.request()
    code = here.authority.permit(await here.authority.session(token), request_id, APP)
    await here.authority.revoke(ADA.did, granted_id)

    with pytest.raises(NoPermittedRequest):
        await here.authority.generate_jwt(request_id, code)


async def test_a_removed_app_is_as_dead_as_a_revoked_one(here: World) -> None:
    request_id, token = await app_token(here, await session_of(here))

    apps = await here.authority.remove(ADA.did, request_id)

    assert request_id not in [app.request_id for app in apps]
    with pytest.raises(Unauthorized):
        await here.authority.session(token)


async def test_only_the_agent_that_granted_a_token_ends_it(here: World) -> None:
    request_id, token = await app_token(here, await session_of(here))

    for end in (here.authority.revoke, here.authority.remove):
        with pytest.raises(UnknownApp):
            await end(BOB.did, request_id)

    await here.authority.session(token)


async def test_what_another_process_revokes_is_noticed_at_the_next_look(here: World, tmp_path: Path) -> None:
    request_id, token = await app_token(here, await session_of(here))
    async with world(tmp_path, "the admin's", here.clock) as elsewhere:
        session = await elsewhere.authority.session(token)
        dead = elsewhere.authority.until_dead(session)
        await here.authority.revoke(ADA.did, request_id)
        assert not dead.done()

        await elsewhere.authority.revocations.look()

        assert dead.done()
        assert not elsewhere.authority.alive(session)


async def test_the_watch_looks_by_itself_within_a_second(here: World, tmp_path: Path) -> None:
    request_id, token = await app_token(here, await session_of(here))
    async with world(tmp_path, "the admin's", here.clock) as elsewhere:
        dead = elsewhere.authority.until_dead(await elsewhere.authority.session(token))

        await here.authority.revoke(ADA.did, request_id)

        await asyncio.wait_for(dead, 1)


async def test_a_revoked_token_stays_dead_after_a_restart(here: World, tmp_path: Path) -> None:
    request_id, token = await app_token(here, await session_of(here))
    await here.authority.revoke(ADA.did, request_id)

    async with world(tmp_path, "the admin's", here.clock) as restarted:
        with pytest.raises(Unauthorized):
            await restarted.authority.session(token)


async def test_an_expired_token_is_dead_on_its_sockets_too(here: World) -> None:
    _, token = await app_token(here, await session_of(here))
    session = await here.authority.session(token)
    dead = here.authority.until_dead(session)

    here.clock.forward(LIFETIME_SECONDS)
    await here.authority.revocations.look()

    assert dead.done()
    assert here.authority.until_dead(session).done()
    with pytest.raises(Unauthorized):
        await here.authority.session(token)


async def test_whoever_stops_waiting_leaves_nothing_behind(here: World) -> None:
    session = await session_of(here)
    waits = [here.authority.until_dead(session) for _ in range(10)]
    assert here.authority.revocations.waiting == 10

    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)

    assert here.authority.revocations.waiting == 0
