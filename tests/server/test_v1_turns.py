"""`/v1/turns`, `/v1/recall` and `/v1/threads` on a real socket."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from memory.short_term.errors import ThreadBusy
from server.turns import MAX_QUESTION_CHARS
from server.v1.streams import ndjson
from tests.ollama_double import Fault, Reply
from tests.server.v1_client import FRENCH, NDJSON, Api, failure

BIG, SMALL = "llama3.1:8b", "llama3.2:3b"
FIELDS = {"answer", "thread_id", "turn_id", "served_by", "status", "degraded", "sources", "timings_ms"}
SOURCE = {"n", "document_id", "title", "uri", "locator", "quote", "score", "legs"}
BADGE = "Odile Garnier makes the replacement badges on Tuesdays."
NOTE = ("badges.md", f"# Badges\n\n{BADGE}\n".encode())


async def ask(api: Api, question: str, thread: str | None = None) -> dict[str, Any]:
    """One turn."""
    body = {"question": question} | ({"thread_id": thread} if thread else {})
    return dict(await api.post("/v1/turns", body))


async def test_a_turn_answers_with_its_sources(api: Api) -> None:
    """The object of the contract: answer, thread, turn, who served it, sources with their scores."""
    await api.upload(NOTE)
    api.double.reply(BIG, Reply("Odile does [1]."))
    answer = await ask(api, "Who makes the replacement badges?")
    assert answer.keys() == FIELDS
    assert (answer["answer"], answer["served_by"]) == ("Odile does [1].", f"ollama:{BIG}")
    assert answer["degraded"] == []
    [source] = answer["sources"]
    assert source.keys() == SOURCE
    assert source["legs"].keys() == {"dense", "sparse", "knowledge"}
    assert BADGE in source["quote"]


async def test_a_turn_streams(api: Api) -> None:
    """As lines: where the turn is, its words, and the same object as without a stream."""
    api.double.reply(BIG, Reply("One two three."))
    events = await api.lines("/v1/turns", {"question": "Count!"})
    assert [event["type"] for event in events] == ["started", "token", "token", "token", "answer"]
    assert events[-1].keys() == FIELDS | {"type"}
    shown = await api.get(f"/v1/threads/{events[0]['thread_id']}")
    assert shown["turns"][0]["turn_id"] == events[0]["turn_id"]


async def test_a_page_that_is_closed_takes_nothing_with_it(api: Api) -> None:
    """A client that hangs up in the middle of an answer finds it when it comes back to the thread."""
    api.double.fault(BIG, Fault("hang_mid_stream", calls=1))
    api.double.reply(BIG, Reply("One two three."))
    async with api.http.stream("POST", "/v1/turns", json={"question": "Count!"}, headers=NDJSON) as response:
        started = json.loads(await anext(response.aiter_lines()))
    await api.double.wait_for("/api/chat", "hanging")
    api.double.release()
    async with asyncio.timeout(10):
        while not (threads := (await api.get("/v1/threads"))["threads"]):
            continue
    shown = await api.get(f"/v1/threads/{threads[0]['thread_id']}")
    [turn] = shown["turns"]
    assert (turn["turn_id"], turn["answer"]) == (started["turn_id"], "One two three.")


async def test_a_stream_that_fails_says_why() -> None:
    """A failure in the middle of a stream is its last line, in the person's language."""

    async def events() -> AsyncIterator[dict[str, Any]]:
        yield {"type": "started"}
        raise ThreadBusy("held by another turn")

    lines = [json.loads(str(line)) async for line in ndjson(events(), "fr").body_iterator]
    assert [line["type"] for line in lines] == ["started", "error"]
    assert lines[1]["code"] == "thread_busy"
    assert lines[1]["message"].startswith("Un autre tour est encore en cours")


async def test_a_stream_says_that_a_model_was_left(api: Api) -> None:
    """One line says so, before the next model's words."""
    api.double.fault(BIG, Fault("status"))
    api.double.reply(SMALL, Reply("Small."))
    kinds = [event["type"] for event in await api.lines("/v1/turns", {"question": "Well?"})]
    assert kinds == ["started", "restart", "token", "answer"]


async def test_an_answer_that_was_cut_off_can_be_had_again(api: Api) -> None:
    """It is kept with its status; `retry` asks the thread's last question once more, whole this time."""
    api.double.reply(BIG, Reply("One two three."))
    api.double.fault(BIG, Fault("cut_mid_stream", after=2, calls=1))
    cut = await ask(api, "Count!")
    assert (cut["status"], cut["answer"]) == ("interrupted", "One two")
    again = (await api.http.post("/v1/turns", json={"retry": True, "thread_id": cut["thread_id"]})).json()
    assert (again["status"], again["answer"]) == ("done", "One two three.")
    shown = await api.get(f"/v1/threads/{cut['thread_id']}")
    assert [(turn["question"], turn["status"]) for turn in shown["turns"]] == [
        ("Count!", "interrupted"),
        ("Count!", "done"),
    ]


async def test_what_cannot_be_asked_again(api: Api) -> None:
    """A thread that nobody knows has no last question, and without a thread there is none either."""
    unknown = await api.http.post("/v1/turns", json={"retry": True, "thread_id": "invented"})
    assert failure(unknown)[:2] == (404, "unknown_thread")
    assert failure(await api.http.post("/v1/turns", json={"retry": True}))[:2] == (422, "empty")


async def test_a_thread_goes_on(api: Api) -> None:
    """A second question on the thread of the first has the conversation."""
    first = await ask(api, "Who?")
    second = await ask(api, "When?", first["thread_id"])
    assert second["thread_id"] == first["thread_id"]
    shown = await api.get(f"/v1/threads/{first['thread_id']}")
    assert [turn["question"] for turn in shown["turns"]] == ["Who?", "When?"]


@pytest.mark.parametrize("streamed", [False, True], ids=["json", "ndjson"])
@pytest.mark.parametrize(
    ("body", "status", "code", "english", "french"),
    [
        ({"question": ""}, 422, "empty", "The question is empty", "La question est vide"),
        ({"question": " \n "}, 422, "empty", "The question is empty", "La question est vide"),
        (
            {"question": "x" * (MAX_QUESTION_CHARS + 1)},
            422,
            "too_long",
            "longer than 32,000 characters",
            "dépasse 32\u202f000 caractères",
        ),
        (
            {"question": "Who?", "thread_id": "invented"},
            404,
            "unknown_thread",
            "no such conversation",
            "Cette conversation n'existe pas",
        ),
    ],
    ids=["empty", "blank", "too long", "unknown thread"],
)
async def test_questions_that_are_refused(
    api: Api, body: dict[str, str], status: int, code: str, english: str, french: str, streamed: bool
) -> None:
    """The right status and one line in the person's language, before anything streams; no model is asked."""
    accept = NDJSON if streamed else {}
    for headers, words in (({"Accept-Language": "en"}, english), (FRENCH, french)):
        refused = failure(await api.http.post("/v1/turns", json=body, headers={**accept, **headers}))
        assert refused[:2] == (status, code)
        assert words in refused[2]
    assert api.double.requests("/api/chat") == []
    assert (await api.get("/v1/threads"))["threads"] == []


async def test_bodies_that_are_not_questions(api: Api) -> None:
    """A body of another shape is refused with one line that names the place."""
    bodies: list[Any] = [{"question": 7}, {"question": None}, {"question": "Who?", "user": "ann"}]
    for body in [*bodies, [], "Who?", None]:
        status, code, _ = failure(await api.http.post("/v1/turns", json=body))
        assert (status, code) == (422, "invalid_request")


async def test_a_body_that_is_not_json(api: Api) -> None:
    """Bytes that nobody can read are refused, not fatal."""
    headers = {"Content-Type": "application/json"}
    response = await api.http.post("/v1/turns", content=b'{"question": \xff', headers=headers)
    assert failure(response)[0] in (400, 422)


async def test_without_a_model_the_turn_still_answers(api: Api) -> None:
    """With no Ollama, memory answers in the question's language and says so."""
    api.double.stop()
    answer = await ask(api, "Qui fabrique les badges ?")
    assert answer["served_by"] == "memory"
    assert "Aucun modèle de langage n'a répondu" in answer["answer"]
    assert [entry["reason"] for entry in answer["degraded"]] == ["connection refused"] * 2


# Recall


async def test_recall_shows_passages_with_their_scores(api: Api) -> None:
    """Each passage as in sources, with its text; nothing is kept of the query."""
    await api.upload(NOTE)
    found = await api.get("/v1/recall", params={"query": "replacement badges", "limit": 3})
    assert found.keys() == {"query", "passages", "degraded"}
    [passage] = found["passages"]
    assert passage.keys() == SOURCE | {"text"}
    assert (passage["n"], passage["legs"]["dense"]) == (1, None)
    assert BADGE in passage["text"]
    assert (await api.get("/v1/threads"))["threads"] == []


async def test_recall_refuses_what_it_cannot_do(api: Api) -> None:
    """A query that is missing, empty or endless, and a limit that is no limit, are refused with one line."""
    refused: list[dict[str, str]] = [{}, {"query": ""}, {"query": "x" * 2001}]
    for params in [*refused, {"query": "x", "limit": "0"}, {"query": "x", "limit": "many"}]:
        assert failure(await api.http.get("/v1/recall", params=params))[:2] == (422, "invalid_request")


async def test_recall_of_nothing(api: Api) -> None:
    """An empty memory answers with no passage."""
    found = await api.get("/v1/recall", params={"query": "Où est l'École ? 🎒 \u0000"})
    assert (found["passages"], found["degraded"]) == ([], [])


# Threads


async def test_threads_are_listed_shown_and_exported(api: Api) -> None:
    """The latest first; turns in order; the export is what chat programs exchange."""
    api.double.reply(BIG, Reply("Yes."))
    old = await ask(api, "Is this the first?")
    new = await ask(api, "Is this the second?")
    await ask(api, "Really?", new["thread_id"])
    listed = (await api.get("/v1/threads"))["threads"]
    assert [(one["thread_id"], one["title"], one["turns"]) for one in listed] == [
        (new["thread_id"], "Is this the second?", 2),
        (old["thread_id"], "Is this the first?", 1),
    ]
    shown = await api.get(f"/v1/threads/{new['thread_id']}")
    assert shown["title"] == "Is this the second?"
    for turn in shown["turns"]:
        wanted = {"turn_id", "question", "answer", "served_by", "degraded", "status", "started_at"}
        assert wanted <= turn.keys()
        assert turn["status"] == "done"
    assert await api.get(f"/v1/threads/{new['thread_id']}/export") == [
        {"role": "user", "content": "Is this the second?"},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "Really?"},
        {"role": "assistant", "content": "Yes."},
    ]


async def test_a_forgotten_thread_is_gone(api: Api) -> None:
    """After it no route shows it, no turn may go on with it, and recall does not find it."""
    api.double.reply(BIG, Reply("Noted."))
    said = await ask(api, "My sister Léonie plays the bassoon in Nantes.")
    thread = said["thread_id"]
    response = await api.http.delete(f"/v1/threads/{thread}")
    assert (response.status_code, response.json()) == (200, {"forgotten": thread})
    for path in (f"/v1/threads/{thread}", f"/v1/threads/{thread}/export"):
        assert failure(await api.http.get(path))[:2] == (404, "unknown_thread")
    again = await api.http.post("/v1/turns", json={"question": "Who?", "thread_id": thread})
    assert failure(again)[:2] == (404, "unknown_thread")
    assert (await api.get("/v1/recall", params={"query": "Léonie bassoon Nantes"}))["passages"] == []
    assert failure(await api.http.delete(f"/v1/threads/{thread}"))[:2] == (404, "unknown_thread")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_unknown_threads_are_told(api: Api, method: str) -> None:
    """In the person's language, whatever the id looks like."""
    for name in (str(uuid.uuid4()), "x" * 2000, "%00", "%F0%9F%8E%92"):
        response = await api.http.request(method, f"/v1/threads/{name}", headers=FRENCH)
        assert failure(response) == (
            404,
            "unknown_thread",
            "Cette conversation n'existe pas : voyez `souvenir threads list`.",
        )
