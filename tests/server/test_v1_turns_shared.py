"""`/v1/turns` of which the client left, asks again, or wants the end; and conversations as they were."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.ollama_double import Fault, Reply
from tests.server.v1_client import FRENCH, NDJSON, Api, failure

BIG = "llama3.1:8b"
KEY = {"Idempotency-Key": "order-66"}


async def begun(api: Api, **body: str) -> dict[str, Any]:
    """Begin a turn whose model hangs after some words, and hang up; return its first event."""
    api.double.fault(BIG, Fault("hang_mid_stream", calls=1))
    api.double.reply(BIG, Reply("One two three four."))
    asked = {"question": "Count!", **body}
    async with api.http.stream("POST", "/v1/turns", json=asked, headers=NDJSON) as response:
        started: dict[str, Any] = json.loads(await anext(response.aiter_lines()))
    await api.double.wait_for("/api/chat", "hanging")
    return started


async def heard(api: Api, turn_id: str, **query: Any) -> list[dict[str, Any]]:
    """The events of a turn, followed to its end."""
    response = await api.http.get(f"/v1/turns/{turn_id}", params=query, headers=NDJSON)
    return [json.loads(line) for line in response.text.splitlines()]


async def test_a_client_that_comes_back_hears_the_rest(api: Api) -> None:
    """By the id of the turn: from its beginning, from where it left, or just the answer."""
    turn = (await begun(api))["turn_id"]
    following = [
        asyncio.create_task(heard(api, turn)),
        asyncio.create_task(heard(api, turn, after=2)),
    ]
    await asyncio.wait(following, timeout=0.1)
    api.double.release()
    whole, rest = await asyncio.gather(*following)
    assert [event["type"] for event in whole] == ["started", *["token"] * 4, "answer"]
    assert rest == whole[2:]
    assert await api.get(f"/v1/turns/{turn}") | {"type": "answer"} == whole[-1]


async def test_a_turn_is_stopped_on_purpose(api: Api) -> None:
    """Its answer is what was said, marked as interrupted, in the archive too; the next turn works."""
    started = await begun(api)
    path = f"/v1/turns/{started['turn_id']}"
    response = await api.http.post(f"{path}/stop")
    assert (response.status_code, response.json()) == (202, {"turn_id": started["turn_id"]})
    answer = await api.get(path)
    assert answer["status"] == "interrupted"
    assert "One two three four.".startswith(answer["answer"])
    shown = await api.get(f"/v1/threads/{started['thread_id']}")
    assert [turn["status"] for turn in shown["turns"]] == ["interrupted"]
    after = await api.post("/v1/turns", {"question": "Go on!", "thread_id": started["thread_id"]})
    assert (after["status"], after["degraded"]) == ("done", [])


async def test_turns_that_are_not_there(api: Api) -> None:
    """To hear or to stop: 404, in the language of who asks."""
    for method, path in (("GET", "/v1/turns/never"), ("POST", "/v1/turns/never/stop")):
        status, code, words = failure(await api.http.request(method, path, headers=FRENCH))
        assert (status, code) == (404, "unknown_turn")
        assert words.startswith("Ce tour n'existe pas")


async def test_a_request_that_is_repeated_gets_the_first_answer(api: Api) -> None:
    """A double click, or a client that did not hear the answer: one turn, one question to the model."""
    body = {"question": "Count!"}
    answers = await asyncio.gather(*(api.post("/v1/turns", body, headers=KEY) for _ in range(3)))
    answers.append(await api.post("/v1/turns", body, headers=KEY))
    assert all(answer == answers[0] for answer in answers)
    assert len(api.double.requests("/api/chat")) == 1
    [thread] = (await api.get("/v1/threads"))["threads"]
    assert thread["turns"] == 1
    other = await api.http.post("/v1/turns", json={"question": "Else?"}, headers=KEY)
    assert failure(other)[:2] == (422, "key_reused")
    long = await api.http.post("/v1/turns", json=body, headers={"Idempotency-Key": "x" * 201})
    assert failure(long)[:2] == (422, "bad_key")


async def test_a_conversation_as_it_was(api: Api) -> None:
    """Its checkpoints are listed, the turns at one are shown, and another conversation begins there."""
    first = await api.post("/v1/turns", {"question": "My boat is Pétrel."})
    thread = first["thread_id"]
    await api.post("/v1/turns", {"question": "It is red.", "thread_id": thread})
    shown = await api.get(f"/v1/threads/{thread}")
    newest, oldest = shown["checkpoints"]
    assert (newest["turn_id"], oldest["turn_id"]) == tuple(
        turn["turn_id"] for turn in reversed(shown["turns"])
    )
    assert 0 < shown["seconds_left"] <= 7 * 24 * 3600
    [listed] = (await api.get("/v1/threads"))["threads"]
    assert 0 < listed["seconds_left"] <= shown["seconds_left"]
    then = await api.get(f"/v1/threads/{thread}", params={"at": oldest["checkpoint_id"]})
    assert [turn["question"] for turn in then["turns"]] == ["My boat is Pétrel."]

    branch = {"question": "It is blue.", "thread_id": thread, "from": oldest["checkpoint_id"]}
    other = (await api.post("/v1/turns", branch))["thread_id"]
    assert other != thread
    asked = [turn["question"] for turn in (await api.get(f"/v1/threads/{other}"))["turns"]]
    assert asked == ["My boat is Pétrel.", "It is blue."]
    unknown = await api.http.post("/v1/turns", json={**branch, "from": "invented"})
    assert failure(unknown)[:2] == (404, "unknown_checkpoint")
    assert failure(await api.http.get(f"/v1/threads/{thread}?at=invented"))[:2] == (404, "unknown_checkpoint")
