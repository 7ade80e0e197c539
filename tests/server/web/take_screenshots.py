"""Takes the screenshots of the documentation: `python -m tests.server.web.take_screenshots`.

The samples are dropped on the page as a person would; a scripted model answers, citing the passages
that recall really found.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright, expect

from server.serving import serving
from server.settings import Settings
from tests.ollama_double import Reply, ollama_double
from tests.server.web.looking import CHROMIUM, FLAGS, ask, messages

ROOT = Path(__file__).parents[3]
SHOTS = ROOT / "docs" / "screenshots"
SAMPLES = ROOT / "samples" / "documents"
SIZE = {"width": 1280, "height": 800}
NUMBERED = re.compile(r"^\[(\d+)\] (.+?)(?=^\[\d+\] |\Z)", re.MULTILINE | re.DOTALL)

SAID = {
    "What did Voltbloc find when it opened the battery?": (
        "Water had come in through the cracked connector cover and corroded the balance wires of the second "
        "row of cells. The protection circuit no longer saw three of them, and they were overcharged "
        "{balance wires}."
    ),
    "How much notice ends the supply agreement with Harbourside?": (
        "Ninety days, in writing, by either party; otherwise it runs until 30 June 2027 "
        "{ninety days of written}."
    ),
}


def cited(text: str, request: dict[str, Any]) -> str:
    """Put in place of each `{words}` the number of the first passage in the prompt that holds them."""
    prompt = str(request["messages"][0]["content"])

    def number(words: re.Match[str]) -> str:
        return next((f"[{n}]" for n, passage in NUMBERED.findall(prompt) if words[1] in passage), "")

    return re.sub(r"\{(.+?)\}", number, text)


def reply(question: str) -> Reply:
    """The scripted answer to a question."""
    return Reply(lambda request: cited(SAID[question], request), when=re.escape(question))


async def drop_samples(page: Page, url: str) -> None:
    """Give the page all sample documents, and wait until they are in."""
    await page.goto(url)
    await page.set_input_files("#files", sorted(SAMPLES.iterdir()))
    await expect(page.get_by_role("status")).to_contain_text("Done", timeout=60_000)


async def talk(page: Page) -> None:
    """Have the scripted conversation."""
    await page.get_by_role("link", name="Start a conversation").click()
    for number, question in enumerate(SAID, 1):
        await ask(page, question)
        await expect(page.locator(".thread-count")).to_contain_text(f"{number} turn")
    await expect(messages(page)).to_have_count(2 * len(SAID))


async def main() -> None:
    """Write `home.png` and `playground.png`."""
    browser_path = next(path for path in map(shutil.which, CHROMIUM) if path)
    async with (
        ollama_double("llama3.1:8b", "llama3.2:3b", "nomic-embed-text") as model,
        async_playwright() as playwright,
    ):
        model.reply("llama3.1:8b", *map(reply, SAID))
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data_dir=Path(folder), ollama_url=model.url)
            async with serving(settings, kind="command", port=0) as owner:
                browser = await playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
                page = await browser.new_page(viewport=SIZE, locale="en-GB")  # type: ignore[arg-type]
                await drop_samples(page, owner.url)
                await talk(page)
                await page.screenshot(path=SHOTS / "playground.png")
                await page.goto(owner.url)
                await expect(page.locator("#documents .name")).to_have_count(len(list(SAMPLES.iterdir())))
                await expect(page.locator("#threads .name")).to_have_count(1)
                await page.screenshot(path=SHOTS / "home.png")
                await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
