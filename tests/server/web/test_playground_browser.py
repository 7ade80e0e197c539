"""The chat in a real browser: streaming, one history, one thread for each tab, and a way back."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from server.owner import Owner
from tests.ollama_double import Fault, OllamaDouble, Received, Reply, ToolCall
from tests.server.web.looking import Watch, ask, messages

pytestmark = pytest.mark.browser

BIG = "llama3.1:8b"
THREAD_URL = re.compile(r"/t/[0-9a-f-]{36}/agent/playground/$")


def spoken(request: Received) -> list[tuple[str, str]]:
    """The conversation that a model was given, without the system prompt."""
    return [(m["role"], m["content"]) for m in request.messages if m["role"] != "system"]


async def open_chat(browser_page: Page, owner: Owner) -> Watch:
    """Open a new conversation in a page."""
    watch = Watch(browser_page)
    await browser_page.goto(f"{owner.url}/agent/playground/")
    await expect(browser_page).to_have_url(THREAD_URL)
    return watch


SIGNED = "\n\nAnswered by ollama:llama3.1:8b."
"""What ends every answer of the first model in the widget."""


async def test_two_turns_stream_in_one_page_and_the_model_sees_one_history(
    browser: Browser, owner: Owner, model: OllamaDouble
) -> None:
    """Words show while the model still speaks; the second prompt holds the first turn exactly once."""
    model.reply(BIG, Reply("Blue is your colour.", when="first"), Reply("Green, then.", when="second"))
    model.fault(BIG, Fault("hang_mid_stream", after=2, calls=1))
    page = await browser.new_page()
    watch = await open_chat(page, owner)

    await ask(page, "The first question?")
    await expect(messages(page).first).to_have_value("Blue is")
    model.release()
    await expect(messages(page).first).to_have_value("Blue is your colour." + SIGNED)
    await ask(page, "The second question?")
    await expect(messages(page).first).to_have_value("Green, then." + SIGNED)

    await expect(messages(page)).to_have_count(4)
    assert spoken(model.requests("/api/chat")[-1]) == [
        ("user", "The first question?"),
        ("assistant", "Blue is your colour."),
        ("user", "The second question?"),
    ]
    await expect(page.locator(".thread-title")).to_have_text("The first question?2 turns")
    watch.assert_clean()


async def test_a_relational_question_is_answered_from_the_graph(
    browser: Browser, owner: Owner, http: httpx.AsyncClient, model: OllamaDouble
) -> None:
    """A document is read into the graph, the model asks it through a tool, the answer has its source."""
    works = {"person": "Tavik Oslund", "organization": "Boreas Shipping Ltd", "role": "pilot"}
    paper = b"Tavik Oslund is pilot at Boreas Shipping Ltd, and lives by the harbour."
    model.reply(
        BIG,
        Reply(json.dumps({"employments": [works]}), in_background=True),
        Reply(tool_calls=[ToolCall("entity_neighbours", {"name": "tavik oslund"})]),
        Reply("He is pilot at Boreas Shipping Ltd [1].", after_tools=True),
    )
    await http.post("/v1/ingest", files={"files": ("paper.txt", paper)})
    while (await knowledge(http)) != "done":
        await model.wait_for("/api/chat", within=60)
    page = await browser.new_page()
    watch = await open_chat(page, owner)
    await ask(page, "Whom does Tavik Oslund work for?")
    await expect(messages(page).first).to_have_value(re.compile("^He is pilot at Boreas Shipping Ltd"))
    [result] = [m for m in model.requests("/api/chat")[-1].messages if m["role"] == "tool"]
    assert '"role": "pilot", "organization": "Boreas Shipping Ltd"' in result["content"]
    watch.assert_clean()


async def knowledge(http: httpx.AsyncClient) -> str:
    """How far the one document is in the graph."""
    [document] = (await http.get("/v1/documents")).json()["documents"]
    return str(document["projections"]["knowledge"]["state"])


async def test_two_tabs_of_one_browser_stay_apart(
    browser: Browser, owner: Owner, model: OllamaDouble
) -> None:
    """Each tab has a conversation of its own, whatever cookies they share."""
    model.reply(BIG, Reply("Answered."))
    context = await browser.new_context()
    one, other = await context.new_page(), await context.new_page()
    watches = [await open_chat(page, owner) for page in (one, other)]
    assert one.url != other.url

    for page, question in ((one, "Apples, one?"), (other, "Pears, one?"), (one, "Apples, two?")):
        await ask(page, question)
        await expect(messages(page).first).to_have_value(re.compile("Answered"))

    await expect(messages(one)).to_have_count(4)
    asked = [[text for role, text in spoken(r) if role == "user"] for r in model.requests("/api/chat")]
    assert asked == [["Apples, one?"], ["Pears, one?"], ["Apples, one?", "Apples, two?"]]
    for watch in watches:
        watch.assert_clean()


async def test_a_reload_returns_to_its_thread_and_shows_what_was_said(
    browser: Browser, owner: Owner, model: OllamaDouble
) -> None:
    """After a reload the earlier turns are on the page and in the prompt, once; the transcript has all."""
    model.reply(BIG, Reply("It is <b>noted</b>."))
    page = await browser.new_page()
    watch = await open_chat(page, owner)
    for number, question in enumerate(("One?", "Two?"), 1):
        await ask(page, question)
        await expect(page.locator(".thread-count")).to_contain_text(f"{number} turn")
    address = page.url

    await page.reload()
    assert page.url == address
    await expect(page.get_by_text("Earlier in this conversation: 2 turns")).to_be_visible()
    await expect(page.locator("#strip .question")).to_have_text(["One?", "Two?"])
    await expect(page.locator("#strip .answer").first).to_have_text("It is <b>noted</b>.")
    await ask(page, "Three?")
    await expect(messages(page).first).to_have_value(re.compile("noted"))
    asked = [text for role, text in spoken(model.requests("/api/chat")[-1]) if role == "user"]
    assert asked == ["One?", "Two?", "Three?"]

    await page.get_by_role("link", name="Transcript").click()
    await expect(page.locator("main .question")).to_have_text(["One?", "Two?", "Three?"])
    await page.get_by_role("link", name="Continue this conversation").first.click()
    await expect(page).to_have_url(address)
    watch.assert_clean()


async def test_without_any_model_the_chat_answers_from_memory(
    browser: Browser, owner: Owner, model: OllamaDouble, http: httpx.AsyncClient
) -> None:
    """With no Ollama the answer quotes memory with its source, and says what it went without."""
    text = b"The archive room key hangs behind the blue door."
    (await http.post("/v1/ingest", files={"files": ("keys.txt", text)})).raise_for_status()
    model.stop()
    page = await browser.new_page()
    watch = await open_chat(page, owner)
    await ask(page, "Where does the archive room key hang?")
    answer = messages(page).first
    await expect(answer).to_have_value(re.compile("No language model answered"))
    await expect(answer).to_have_value(
        re.compile(r"behind the blue door.*\[1\].*Sources:\n\[1\] keys", re.DOTALL)
    )
    await expect(answer).to_have_value(
        re.compile(r"Answered by memory\. What did not go well: .*llama3\.1:8b")
    )
    watch.assert_clean()


async def test_a_question_that_is_refused_is_answered_in_words(
    browser: Browser, owner: Owner, model: OllamaDouble
) -> None:
    """Too long a question gets a sentence that says so, and the conversation goes on."""
    model.reply(BIG, Reply("Fine."))
    page = await browser.new_page()
    watch = await open_chat(page, owner)
    await ask(page, "why " * 9000)
    await expect(messages(page).first).to_have_value(re.compile("longer than 32,000 characters"))
    await ask(page, "Why?")
    await expect(messages(page).first).to_have_value("Fine." + SIGNED)
    watch.assert_clean()
