from pathlib import Path

import pytest

from domain.capabilities import ADMIN, AUTHENTICATE_ONLY, HOSTED
from resolvers.context import Session
from resolvers.errors import InvalidToken
from tests.services import World, world


async def test_without_an_admin_credential_the_empty_token_is_the_main_agents(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.authority.session("") == Session(None, ADMIN, admin=True)

        main = await here.keyring.create_main("correct horse")

        assert await here.authority.session("") == Session(main, ADMIN, admin=True)


async def test_with_an_admin_credential_the_empty_token_may_only_authenticate(here: World) -> None:
    await here.keyring.create_main("correct horse")

    assert await here.authority.session("") == Session(None, AUTHENTICATE_ONLY)


async def test_the_admin_credential_acts_as_the_main_agent_and_has_no_end(here: World) -> None:
    main = await here.keyring.create_main("correct horse")

    session = await here.authority.session("the admin's")

    assert session == Session(main, ADMIN, admin=True)
    assert here.authority.alive(session)
    assert not here.authority.until_dead(session).done()


@pytest.mark.parametrize(
    "token", ["the admin'", "the admin's ", "The admin's", "x", "a.b.c", "\ud800", "x" * 1_000_000]
)
async def test_what_is_neither_the_credential_nor_a_token_is_refused(here: World, token: str) -> None:
    with pytest.raises(InvalidToken, match="InvalidToken"):
        await here.authority.session(token)


async def test_the_owner_of_a_hosted_agent_has_all_of_its_agent(here: World) -> None:
    did = await here.keyring.create("Ada", "correct horse")

    session = await here.authority.session(await here.authority.sign_in_hosted(did))

    assert (session.agent, session.capabilities) == (did, HOSTED)
