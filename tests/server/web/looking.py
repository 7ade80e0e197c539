"""Looking at pages: what they ask for, what they complain of, and the widget's parts."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Watch:
    """What goes on in a page while a test uses it."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.abroad: list[str] = []
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._see(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _see(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.abroad.append(url)

    def assert_clean(self) -> None:
        """Nothing was complained of in the console, and nothing was asked of another machine."""
        assert self.complaints == []
        assert self.abroad == []


def messages(page: Page) -> Locator:
    """The messages that the widget shows, questions and answers, the oldest last: it stacks them upwards."""
    return page.locator("#root .group textarea")


async def ask(page: Page, question: str) -> None:
    """Type a question and send it; the widget takes none while the turn before is still ending."""
    box = page.get_by_placeholder("Send a message...")
    await box.fill(question)
    before = await messages(page).count()
    for _ in range(20):
        await box.press("Enter")
        try:
            await expect(messages(page).nth(before)).to_be_attached(timeout=500)
        except AssertionError:
            continue
        return
    raise AssertionError("the widget did not take the question")
