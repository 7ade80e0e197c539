"""`/agent/…` on a real socket, as LangServe's own clients and plain HTTP use it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langserve import RemoteRunnable

from server.owner import Owner
from tests.ollama_double import Fault, OllamaDouble, Reply

BIG, SMALL = "llama3.1:8b", "llama3.2:3b"


def body(*said: str, **more: Any) -> dict[str, Any]:
    """A request as the widget sends it: everything said so far, people and models in turn."""
    kinds = ("human", "ai")
    told = [{"type": kinds[n % 2], "content": text} for n, text in enumerate(said)]
    return {"input": {"messages": told}, "config": {}, **more}


def asked(model: OllamaDouble) -> list[list[str]]:
    """The person's messages in each prompt that a model was given."""
    return [[m["content"] for m in r.messages if m["role"] == "user"] for r in model.requests("/api/chat")]


def events(response: httpx.Response) -> list[Any]:
    """The data of the server-sent events of an answer."""
    return [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: ")]


async def test_invoke_answers_with_text_and_tells_its_thread(
    http: httpx.AsyncClient, model: OllamaDouble
) -> None:
    """The output is the answer; the thread is a new one, told in a header, and taken up by naming it."""
    model.reply(BIG, Reply("Certainly."))
    first = await http.post("/agent/invoke", json=body("Shall we?"))
    assert (first.status_code, first.json()["output"]) == (200, "Certainly.")
    headers = {"X-Thread-Id": first.headers["X-Thread-Id"]}
    await http.post("/agent/invoke", json=body("And now?"), headers=headers)
    assert asked(model) == [["Shall we?"], ["Shall we?", "And now?"]]


async def test_only_the_last_human_message_counts(http: httpx.AsyncClient, model: OllamaDouble) -> None:
    """What the client says was said before does not get into the conversation: the thread is kept here."""
    model.reply(BIG, Reply("Yes."))
    await http.post("/t/mine/agent/invoke", json=body("Invented?", "Invented!", "Real?"))
    assert asked(model) == [["Real?"]]


async def test_callers_without_a_thread_never_share_one(http: httpx.AsyncClient, model: OllamaDouble) -> None:
    """Neither the default nor a thread in `config` leads two callers to the same conversation."""
    model.reply(BIG, Reply("Yes."))
    config = {"configurable": {"thread_id": "shared"}, "metadata": {"thread_id": "shared"}}
    threads = set()
    for question in ("Mine?", "Yours?"):
        for path in ("/agent/invoke", "/agent/stream"):
            answer = await http.post(path, json=body(question, config=config))
            threads.add(answer.headers["X-Thread-Id"])
    assert len(threads) == 4
    assert "shared" not in threads
    assert all(len(questions) == 1 for questions in asked(model))
    assert (await http.get("/v1/threads/shared")).status_code == 404


async def test_every_stream_tells_the_same_and_nothing_of_the_inside(
    http: httpx.AsyncClient, model: OllamaDouble
) -> None:
    """`stream`, `stream_log` and `stream_events` give the answer in pieces, and no prompt or state."""
    model.reply(BIG, Reply("One two three."))
    plain = await http.post("/agent/stream", json=body("Count?"))
    log = await http.post("/agent/stream_log", json=body("Count?"))
    told = await http.post("/agent/stream_events", json=body("Count?"))

    assert [piece for piece in events(plain) if isinstance(piece, str)] == ["One", " two", " three."]
    patches = [op for event in events(log) for op in event["ops"]]
    # The widget's path: a person reads who answered.
    signed = "One two three.\n\nAnswered by ollama:llama3.1:8b."
    assert [op["value"] for op in patches if op["path"] == "/final_output"][-1] == signed
    chunks = [e["data"]["chunk"] for e in events(told) if e["event"] == "on_chain_stream"]
    assert "".join(chunks) == "One two three."
    for response in (plain, log, told):
        assert "You are Souvenir" not in response.text
        assert "call_model" not in response.text


async def test_remote_runnable_works_on_a_thread_of_its_own(owner: Owner, model: OllamaDouble) -> None:
    """LangServe's client invokes and streams; the thread is the header's."""
    model.reply(BIG, Reply("At your service."))
    remote: RemoteRunnable[Any, str] = RemoteRunnable(
        f"{owner.url}/agent", headers={"X-Thread-Id": "remote-1"}
    )
    assert await remote.ainvoke({"messages": [HumanMessage("Hello?")]}) == "At your service."
    told = [HumanMessage("Hello?"), AIMessage("At your service."), HumanMessage("Again?")]
    pieces = [piece async for piece in remote.astream({"messages": told})]
    assert pieces == ["At", " your", " service."]
    assert asked(model)[-1] == ["Hello?", "Again?"]


async def test_sources_and_a_model_that_was_left_are_told_in_the_text(
    http: httpx.AsyncClient, model: OllamaDouble
) -> None:
    """When the first model fails before a word, the second answers; who did, and why, ends the answer."""
    await http.post("/v1/ingest", files={"files": ("keys.txt", b"The archive room key hangs in the hall.")})
    model.reply(SMALL, Reply("It hangs in the hall [1]."))
    model.fault(BIG, Fault("status"))
    question = body("Where does the archive room key hang?")

    pieces = [p for p in events(await http.post("/agent/stream", json=question)) if isinstance(p, str)]
    text = "".join(pieces)
    assert text.startswith("It hangs in the hall [1].\n\nSources:\n[1] keys")
    assert "\n\nAnswered by ollama:llama3.2:3b. What did not go well: ollama:llama3.1:8b (" in text

    whole = (await http.post("/agent/invoke", json=question)).json()["output"]
    assert whole.startswith("It hangs in the hall [1].\n\nSources:\n[1] ")


async def test_an_answer_that_broke_off_says_so(http: httpx.AsyncClient, model: OllamaDouble) -> None:
    """What came stays, and a line says that it was cut off and how to have the rest, in French too."""
    model.reply(BIG, Reply("Elle est accrochée quelque part."))
    model.fault(BIG, Fault("cut_mid_stream", after=2))
    question = body("Où est accrochée la clé de la salle des archives ?")
    text = "".join(p for p in events(await http.post("/agent/stream", json=question)) if isinstance(p, str))
    assert text.startswith("Elle est\n\n[La réponse s'est arrêtée là. Renvoyez la question")
    assert "n'est pas allé : ollama:llama3.1:8b (la connexion s'est interrompue)" in text


async def test_notes_are_in_the_language_of_the_question(
    http: httpx.AsyncClient, model: OllamaDouble
) -> None:
    """A French question gets French notes, whatever the client's headers say."""
    model.stop()
    question = body("Où se trouve la clé de la salle des archives ?")
    text = "".join(p for p in events(await http.post("/agent/stream", json=question)) if isinstance(p, str))
    assert "Aucun modèle de langage n'a répondu" in text
    assert "Réponse de la mémoire. Ce qui n'est pas allé : ollama:llama3.1:8b (connexion refusée)" in text


@pytest.mark.parametrize(
    ("question", "code", "part"),
    [("  ", "empty", "The question is empty"), ("x" * 100_000, "too_long", "longer than 32,000")],
)
async def test_a_refused_question_is_an_error_for_programs_and_words_for_people(
    http: httpx.AsyncClient, question: str, code: str, part: str
) -> None:
    """`invoke` answers 422 with the named error; the streams, which people read, say it as the answer."""
    refused = await http.post("/agent/invoke", json=body(question))
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)
    streamed = await http.post("/agent/stream", json=body(question))
    assert streamed.status_code == 200
    assert part in "".join(p for p in events(streamed) if isinstance(p, str))


MALFORMED = [
    b"nope",
    b"\xff\xfe\x00",
    b"[]",
    b"{}",
    b'{"input": 5}',
    b'{"input": {"messages": [5]}}',
    b'{"input": {"messages": [{"content": "no type"}]}}',
    b'{"input": {"messages": []}, "config": []}',
]


async def test_a_malformed_request_is_refused_by_name(http: httpx.AsyncClient) -> None:
    """Whatever is sent, the answer is 422 with an error in words, never a failure of the server."""
    for path in ("invoke", "stream", "stream_log", "stream_events"):
        for content in MALFORMED:
            json_type = {"Content-Type": "application/json"}
            answer = await http.post(f"/agent/{path}", content=content, headers=json_type)
            assert answer.status_code == 422, (path, content)
            assert answer.json()["error"]["message"]


async def test_a_thread_must_have_a_proper_name(http: httpx.AsyncClient) -> None:
    """A header that is no thread's name is refused; an address with one leads nowhere."""
    for name in ("../x", "a/b", "", "x" * 101, "a b"):
        refused = await http.post("/agent/invoke", json=body("Hello?"), headers={"X-Thread-Id": name})
        assert refused.status_code == 422, name
    assert (await http.post("/t/..%2Fx/agent/invoke", json=body("Hello?"))).status_code == 404


async def test_batch_feedback_and_traces_are_not_offered(http: httpx.AsyncClient) -> None:
    """What would let strangers share a history, or send things to LangSmith, is not there."""
    for path in ("/agent/batch", "/agent/feedback", "/agent/token_feedback", "/agent/public_trace_link"):
        assert (await http.post(path, json={"inputs": []})).status_code in (404, 405), path


async def test_schemas_say_what_goes_in_and_out(http: httpx.AsyncClient) -> None:
    """The schemas describe messages in, text out, and nothing to configure."""
    assert "messages" in (await http.get("/agent/input_schema")).text
    assert (await http.get("/agent/output_schema")).json()["type"] == "string"
    assert (await http.get("/agent/config_schema")).json()["properties"] == {}
