"""GraphiQL as a newcomer opens it on a fresh server, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e import needs
from tests.e2e.graphiql import open_graphiql
from tests.servers import Chorus, chorus

pytestmark = pytest.mark.asyncio(loop_scope="module")

GENERATE = 'mutation Generate { agentGenerate(passphrase: "a long one") { did isUnlocked } }'
FOUND = 'mutation Found { soCreate(socialOrganism: {name: "Garden club"}) }'
SPEAK = """mutation Speak($uri: String!, $content: String!) {
  soSpeak(soURI: $uri, content: $content, languageAddress: "link") { url coherence { asSpoken } }
}"""
WATCH = """subscription Watch($after: String) {
  soNewExpression(after: $after) { cursor expression { speaker coherence { asSpoken } } }
}"""
LOG = "subscription Log($after: String) { soEvents(after: $after) { cursor entry { event } } }"
LINK = '{"source": "ad4m://self", "predicate": "sioc://likes", "target": "literal://string:roses"}'


@pytest_asyncio.fixture(loop_scope="module")
async def server(tmp_path: Path) -> AsyncIterator[Chorus]:
    needs.web_bundle()
    async with chorus(tmp_path) as running:
        yield running


async def test_a_newcomer_founds_an_organism_speaks_and_watches(server: Chorus, browser: Browser) -> None:
    async with open_graphiql(browser, server.url) as page:
        made = await page.run(GENERATE)
        uri = (await page.run(FOUND))["data"]["soCreate"]
        spoken = await page.run(SPEAK, {"uri": uri, "content": LINK})
        assert spoken["data"]["soSpeak"]["coherence"] == {"asSpoken": 1}

        event = await page.run(WATCH, {"after": "0"})

        assert event["data"]["soNewExpression"]["expression"]["speaker"] == made["data"]["agentGenerate"]["did"]
        assert page.external_requests == []
        assert page.problems == []


async def test_an_event_arrives_while_the_page_watches(server: Chorus, browser: Browser) -> None:
    await server.ask(GENERATE)
    uri = (await server.ask(FOUND))["soCreate"]
    async with open_graphiql(browser, server.url) as page:
        first = await page.run(LOG, {"after": "0"})
        assert first["data"]["soEvents"]["entry"]["event"] == "Founded"

        await server.ask(SPEAK, {"uri": uri, "content": LINK})

        assert (await page.next_result())["data"]["soEvents"]["entry"]["event"] == "NewExpression"


async def test_the_examples_are_there(server: Chorus, browser: Browser) -> None:
    async with open_graphiql(browser, server.url) as page:
        assert len(await page.tab_names()) >= 2

        await page.open_tab((await page.tab_names())[0])
        assert "errors" not in await page.execute()
