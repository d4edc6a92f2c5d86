"""The GraphiQL page: what it sends, what it shows, and that it asks no other host for anything."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e import needs
from tests.e2e.choir import POLICY, Choir, choir_server
from tests.e2e.graphiql import GraphiQL, open_graphiql
from tests.e2e.test_documents import DOCUMENTS, name

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO_AM_I = "query Who { whoAmI }"
SING = "mutation Sing($title: String!) { sing(title: $title) }"
LISTEN = """subscription Listen($after: String! = "0") {
  songs(after: $after) {
    cursor
    title
    heardAs
  }
}"""


@pytest.fixture
def choir() -> Choir:
    return Choir()


@pytest_asyncio.fixture(loop_scope="module")
async def page(choir: Choir, browser: Browser) -> AsyncIterator[GraphiQL]:
    async with choir_server(choir) as url, open_graphiql(browser, url) as page:
        yield page


async def test_a_query_shows_its_result(page: GraphiQL) -> None:
    result = await page.run(WHO_AM_I)

    assert result == {"data": {"whoAmI": "nobody"}}


async def test_a_mutation_is_sent_with_its_variables(page: GraphiQL, choir: Choir) -> None:
    result = await page.run(SING, {"title": "Dona nobis pacem"})

    assert result == {"data": {"sing": 1}}
    assert choir.songs == ["Dona nobis pacem"]


async def test_a_mistake_in_the_document_is_explained(page: GraphiQL) -> None:
    result = await page.run("query Wrong { whoAreYou }")

    assert "Cannot query field 'whoAreYou'" in result["errors"][0]["message"]


async def test_a_subscription_shows_each_event(page: GraphiQL, choir: Choir) -> None:
    await choir.sing("first")

    first = await page.run(LISTEN)
    await choir.sing("second")
    second = await page.next_result()

    assert first["data"]["songs"] == {"cursor": "1", "title": "first", "heardAs": "nobody"}
    assert second["data"]["songs"] == {"cursor": "2", "title": "second", "heardAs": "nobody"}


async def test_a_stopped_subscription_shows_nothing_more(page: GraphiQL, choir: Choir) -> None:
    await choir.sing("first")
    await page.run(LISTEN)

    await page.stop()
    await choir.sing("second")

    assert await page.run(WHO_AM_I) == {"data": {"whoAmI": "nobody"}}


async def test_a_dropped_subscription_goes_on_after_its_last_event(page: GraphiQL, choir: Choir) -> None:
    await choir.sing("the curtain falls")

    await page.run(LISTEN)
    await choir.sing("encore")
    encore = await page.next_result()

    assert encore["data"]["songs"]["cursor"] == "2"
    assert choir.asked_after == ["0", "1"]


async def test_a_token_acts_over_http(page: GraphiQL) -> None:
    await page.set_token("alto")

    assert await page.run(WHO_AM_I) == {"data": {"whoAmI": "alto"}}


async def test_a_running_subscription_reconnects_with_a_new_token(page: GraphiQL, choir: Choir) -> None:
    await choir.sing("first")
    await page.run(LISTEN)

    await page.set_token("alto")
    await choir.listeners(2)
    await choir.sing("second")
    second = await page.next_result()

    assert second["data"]["songs"] == {"cursor": "2", "title": "second", "heardAs": "alto"}


async def test_a_refused_token_is_reported(page: GraphiQL) -> None:
    await page.set_token("expired")

    result = await page.run(LISTEN)

    assert result == {"errors": [{"message": "The server closed the subscription: 4403 Forbidden"}]}


async def test_a_token_stays_in_the_tab_and_out_of_addresses(page: GraphiQL) -> None:
    await page.set_token("alto")
    await page.load()

    assert await page.run(WHO_AM_I) == {"data": {"whoAmI": "alto"}}
    assert "alto" not in page.page.url
    assert "alto" not in await page.page.evaluate("JSON.stringify(localStorage)")


async def test_a_token_used_again_is_kept(page: GraphiQL) -> None:
    await page.set_token("alto")
    await page.set_token("alto")

    assert await page.run(WHO_AM_I) == {"data": {"whoAmI": "alto"}}


async def test_a_forgotten_token_is_not_sent(page: GraphiQL) -> None:
    await page.set_token("alto")
    await page.page.get_by_role("button", name="Forget").click()

    assert await page.run(WHO_AM_I) == {"data": {"whoAmI": "nobody"}}


async def test_the_example_documents_are_open_as_tabs(page: GraphiQL) -> None:
    assert await page.tab_names() == [name(document) for document in DOCUMENTS]


async def test_the_page_keeps_to_its_policy_and_asks_no_other_host(page: GraphiQL, choir: Choir) -> None:
    await choir.sing("first")

    await page.run(LISTEN)
    await page.run(SING, {"title": "second"})
    await page.prettify()

    assert page.external_requests == []
    assert page.problems == []


async def test_the_readme_states_the_policy() -> None:
    readme = (needs.WEB_BUNDLE.parent / "README.md").read_text(encoding="utf-8")

    assert POLICY in " ".join(readme.split())
