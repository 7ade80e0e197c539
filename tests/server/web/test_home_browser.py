"""The home page in a real browser: dropping files, forgetting them, and what does not work."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Browser, Dialog, FilePayload, Page, expect

from server.owner import Owner
from tests.ollama_double import OllamaDouble
from tests.server.web.looking import Watch

pytestmark = pytest.mark.browser

NASTY = '<img src=x onerror="document.title=1">.md'


async def drop(page: Page, files: dict[str, str]) -> None:
    """Drop files on the page, as a person does with a mouse."""
    transfer = await page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, text] of Object.entries(files)) transfer.items.add(new File([text], name));
            return transfer;
        }""",
        files,
    )
    await page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})


async def accept(dialog: Dialog) -> None:
    """Say yes."""
    await dialog.accept()


async def test_a_dropped_file_is_stored_listed_and_forgotten(browser: Browser, owner: Owner) -> None:
    """A drop shows what became of each file, the list shows it, and the button forgets it."""
    page = await browser.new_page()
    watch = Watch(page)
    await page.goto(owner.url)
    await drop(page, {"tide-times.txt": "High tide is at noon on Sunday.", "photo.bin": "\x00\x01"})

    await expect(page.get_by_role("status")).to_have_text("Done: 1 stored, 0 updated, 0 unchanged, 1 failed.")
    await expect(page.locator("#results .stored")).to_contain_text("tide times")
    await expect(page.locator("#results .failed")).to_contain_text("photo.bin")
    await expect(page.locator("#documents .name")).to_have_text(["tide times"])
    assert await page.locator("#bar").evaluate("bar => bar.value / bar.max") == 1

    page.on("dialog", accept)
    await page.get_by_role("button", name="Forget “tide times”").click()
    await expect(page.locator("#documents")).to_have_text("None yet. Drop some above.")
    watch.assert_clean()


async def test_chosen_files_are_stored_and_markup_in_names_stays_text(browser: Browser, owner: Owner) -> None:
    """The button takes files too; a name that looks like markup is shown as it is and does nothing."""
    page = await browser.new_page()
    watch = Watch(page)
    await page.goto(owner.url)
    named: FilePayload = {"name": NASTY, "mimeType": "text/markdown", "buffer": b"Nothing to see."}
    await page.set_input_files("#files", named)
    await expect(page.get_by_role("status")).to_contain_text("Done: 1 stored")
    await expect(page.locator("#documents .name")).to_contain_text("<img src=x")
    await expect(page).to_have_title("Souvenir")
    assert await page.locator("main img").count() == 0
    watch.assert_clean()


async def test_the_page_says_what_does_not_work_and_what_to_do(
    browser: Browser, owner: Owner, model: OllamaDouble
) -> None:
    """With every model there is no warning; without Ollama there is one, in French too, until it is back."""
    page = await browser.new_page(locale="en-GB")
    watch = Watch(page)
    await page.goto(owner.url)
    await expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    await expect(page.locator("#parts")).to_be_hidden()
    model.stop()
    await page.reload()
    await expect(page.locator("#parts")).to_contain_text("What does not work right now")
    await expect(page.locator("#parts")).to_contain_text("start Ollama")
    await page.get_by_role("link", name="Français").click()
    await expect(page.locator("#parts")).to_contain_text("lancez Ollama")
    await expect(page.locator("html")).to_have_attribute("lang", "fr")
    model.start()
    await expect(page.locator("#parts")).to_be_hidden(timeout=20_000)
    watch.assert_clean()


async def test_a_conversation_can_be_taken_up_from_home(
    browser: Browser, owner: Owner, http: httpx.AsyncClient
) -> None:
    """The list of conversations leads back into each, and the button to a new one."""
    turn = (await http.post("/v1/turns", json={"question": "Where were we?"})).json()
    page = await browser.new_page()
    watch = Watch(page)
    await page.goto(owner.url)
    await page.get_by_role("link", name="Where were we?", exact=True).click()
    await expect(page).to_have_url(f"{owner.url}/t/{turn['thread_id']}/agent/playground/")
    await page.get_by_role("link", name="Home").click()
    await page.get_by_role("link", name="Start a conversation").click()
    await expect(page).to_have_url(re.compile(r"/t/[0-9a-f-]{36}/agent/playground/$"))
    assert turn["thread_id"] not in page.url
    watch.assert_clean()


async def test_the_page_fits_a_phone(browser: Browser, owner: Owner, http: httpx.AsyncClient) -> None:
    """On a narrow screen nothing sticks out to the side, long names included."""
    (
        await http.post("/v1/ingest", files={"files": (f"{'long-name-' * 15}.txt", b"Text.")})
    ).raise_for_status()
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    for path in ("/", "/docs", "/agent/playground/"):
        await page.goto(owner.url + path)
        await page.wait_for_load_state("networkidle")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, path


async def test_the_api_is_described_without_asking_another_site(browser: Browser, owner: Owner) -> None:
    """The page of the API lists its paths from this server alone."""
    page = await browser.new_page()
    watch = Watch(page)
    await page.goto(owner.url)
    await page.get_by_role("link", name="API").click()
    await expect(page.locator("#operations")).to_contain_text("/v1/turns")
    await expect(page.locator("#operations")).to_contain_text("/agent/invoke")
    watch.assert_clean()
