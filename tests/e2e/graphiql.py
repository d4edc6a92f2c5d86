"""Drives the GraphiQL page in a real Chromium, the way a person uses it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, async_playwright

from tests.e2e import needs

# The page must be all that talks: Chromium's own services are off.
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# GraphiQL itself puts Monaco here. Editors show only the lines in view, so texts are read from their models.
TEXT_OF = "name => globalThis.__MONACO?.editor.getModels().find(m => m.uri.path.endsWith(name))?.getValue()"
IS_TEXT = f"([name, text]) => ({TEXT_OF})(name) === text"
IS_NEW_TEXT = f"([name, seen]) => {{ const text = ({TEXT_OF})(name); return Boolean(text) && text !== seen; }}"
OPERATION, VARIABLES, RESPONSE = "operation.graphql", "variables.json", "response.json"

# Typing would meet Monaco's automatic brackets and indents; pasting leaves the text as it is.
PASTE = """(target, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""

Json: TypeAlias = dict[str, Any]  # Any: a GraphQL response, whose shape is the operation's


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A real browser, for one page after the other."""
    executable = needs.chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_ARGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_graphiql(
    browser: Browser, url: str, *, color_scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator["GraphiQL"]:
    """The page at `url`, ready to run operations; the browser has kept nothing of pages before."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=color_scheme)
    try:
        graphiql = GraphiQL(context, await context.new_page(), url)
        await graphiql.load()
        yield graphiql
    finally:
        await context.close()


class GraphiQL:
    """One open GraphiQL page, and what it was seen to do.

    `external_requests` are the addresses asked on any other host (there should be none), `problems` what the browser
    complained about: script errors, policy violations, missing files.
    """

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.external_requests: list[str] = []
        self.problems: list[str] = []
        self._host = urlsplit(url).netloc
        self._shown = ""
        context.on("request", self._note_request)
        context.on("response", self._note_response)
        context.on("console", self._note_console)
        page.on("websocket", lambda socket: self._note_address(socket.url))
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    async def load(self) -> None:
        """Loads (or reloads) the page and waits until its editors are there."""
        await self.page.goto(self.url)
        await self.page.locator(".graphiql-response .monaco-editor").wait_for()
        await self.page.get_by_label("Operation Editor").locator(".monaco-editor").wait_for()

    async def tab_names(self) -> list[str]:
        """The names of the open tabs, from left to right."""
        return await self.page.locator(".graphiql-tab-button").all_inner_texts()

    async def open_tab(self, name: str) -> None:
        """Shows the tab of that name."""
        await self.page.locator(".graphiql-tab-button", has_text=name).click()

    async def set_token(self, token: str) -> None:
        """Acts as the token's agent; an empty token means as nobody."""
        await self.page.get_by_label("Token").fill(token)
        await self.page.get_by_label("Token").press("Enter")

    async def run(self, document: str, variables: Mapping[str, object] | None = None) -> Json:
        """Runs a document holding one operation; gives the result shown, for a subscription its first event."""
        await self.stop()
        await self._replace("Operation Editor", OPERATION, document)
        await self._replace("Variables", VARIABLES, json.dumps(variables) if variables else "")
        return await self.execute()

    async def execute(self) -> Json:
        """Runs what is in the open tab and gives its result, for a subscription its first event."""
        await self.page.get_by_role("button", name="Execute query").click()
        self._shown = ""
        return await self.next_result()

    async def next_result(self) -> Json:
        """The next result shown after the one last returned; events in between may have come and gone."""
        await self.page.wait_for_function(IS_NEW_TEXT, arg=[RESPONSE, self._shown])
        self._shown = await self.page.evaluate(TEXT_OF, RESPONSE)
        result: Json = json.loads(self._shown)
        return result

    async def prettify(self) -> None:
        """Formats the document and its variables, for which the page loads more of its scripts."""
        async with self.page.expect_response(lambda response: "/assets/babel-" in response.url):
            await self.page.get_by_role("button", name="Prettify query").click()

    async def stop(self) -> None:
        """Ends the running subscription, if there is one."""
        button = self.page.get_by_role("button", name="Stop query")
        if await button.count():
            await button.click()

    async def _replace(self, editor: str, model: str, text: str) -> None:
        cursor = self.page.get_by_label(editor, exact=True).locator("textarea")
        await cursor.focus()
        await self.page.keyboard.press("ControlOrMeta+A")
        await self.page.keyboard.press("Delete")
        await cursor.evaluate(PASTE, text)
        await self.page.wait_for_function(IS_TEXT, arg=[model, text])

    def _note_request(self, request: Request) -> None:
        self._note_address(request.url)

    def _note_address(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self.external_requests.append(address)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)
