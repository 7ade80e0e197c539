"""`make studio`'s server, driven with langgraph-sdk as Studio's page drives it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from langgraph_sdk.client import LangGraphClient

from server.owner import find_owner
from tests.ollama_double import Fault, OllamaDouble, Reply, ToolCall
from tests.server.studio.driving import answer, new_thread, run
from tests.server.studio.process import Studio, studio_server

MODEL = "llama3.1:8b"
NODES = {
    "__start__",
    "begin",
    "recall",
    "call_model",
    "use_tools",
    "step_down",
    "answer_from_memory",
    "remember",
    "__end__",
}
EDGES = {
    ("__start__", "begin"),
    ("begin", "recall"),
    ("recall", "call_model"),
    ("call_model", "use_tools"),
    ("use_tools", "call_model"),
    ("call_model", "remember"),
    ("remember", "__end__"),
    ("call_model", "step_down"),
    ("step_down", "call_model"),
    ("step_down", "answer_from_memory"),
    ("answer_from_memory", "remember"),
}


@pytest.fixture(scope="module")
def model() -> Iterator[OllamaDouble]:
    """An Ollama with the first model of the default route."""
    with OllamaDouble(MODEL) as double:
        yield double


@pytest.fixture(scope="module")
def studio(model: OllamaDouble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Studio's server on a memory of its own; nothing it did tried to leave the machine."""
    folder = tmp_path_factory.mktemp("studio")
    with studio_server(folder, folder / "memory", model.url) as running:
        yield running
        assert running.attempts == []
        assert "Traceback" not in running.printed


@pytest.fixture
async def client(studio: Studio) -> AsyncIterator[LangGraphClient]:
    """A client like Studio's page."""
    async with studio.client() as client:
        yield client


async def test_the_picture_is_the_drawn_one(client: LangGraphClient) -> None:
    """Studio shows the nodes and edges of the house plan, no more and no fewer."""
    drawn = await client.assistants.get_graph("agent")

    assert {node["id"] for node in drawn["nodes"]} == NODES
    assert {(edge["source"], edge["target"]) for edge in drawn["edges"]} == EDGES


async def test_a_thread_of_two_turns_streams_and_stays(client: LangGraphClient, model: OllamaDouble) -> None:
    """Tokens come as messages and as custom events, and the second turn knows the first one."""
    model.reply(MODEL, Reply(when="name", text="Hello Amélie."), Reply(text="You are Amélie."))
    thread_id = await new_thread(client)
    first = [part async for part in run(client, thread_id, "My name is Amélie.")]
    second = [part async for part in run(client, thread_id, "Who am I?")]

    tokens = "".join(data["text"] for event, data in first if event == "custom")
    chunks = [data[0] for event, data in first if event == "messages"]
    assert tokens == "Hello Amélie."
    assert "".join(one["content"] for one in chunks if one["type"] == "AIMessageChunk") == tokens
    assert "".join(data["text"] for event, data in second if event == "custom") == "You are Amélie."
    asked = model.requests("/api/chat")[-1].body["messages"]
    assert [one["content"] for one in asked[1:]] == ["My name is Amélie.", "Hello Amélie.", "Who am I?"]
    state: Any = (await client.threads.get_state(thread_id))["values"]
    assert [one["type"] for one in state["messages"]] == ["human", "ai", "human", "ai"]
    assert state["served_by"] == f"ollama:{MODEL}"


async def test_two_runs_at_once_on_two_threads(client: LangGraphClient, model: OllamaDouble) -> None:
    """Two runs share the resources of the process: both are with the model at once, and both answer."""
    model.reply(MODEL, Reply(when="first", text="One."), Reply(when="second", text="Two."))
    model.fault(MODEL, Fault("hang_before_first_token", calls=2))
    threads = [await new_thread(client), await new_thread(client)]
    before = len(model.requests("/api/chat"))
    both = asyncio.gather(
        *(
            answer(client, thread, question)
            for thread, question in zip(threads, ("first", "second"), strict=True)
        )
    )
    await model.wait_for("/api/chat", count=before + 2, within=20)
    model.release()

    assert [one["answer"] for one in await both] == ["One.", "Two."]


async def test_tools_read_the_memory_of_the_local_user(client: LangGraphClient, model: OllamaDouble) -> None:
    """A model that calls a tool gets its result: runs in Studio belong to the local user, tools too."""
    call = ToolCall("search_memory", {"query": "serial number"})
    model.reply(MODEL, Reply(tool_calls=[call], calls=1), Reply(text="Nothing about it."))

    values = await answer(client, await new_thread(client), "Look for my serial number.")

    assert values["answer"] == "Nothing about it."
    assert values["degraded"] == []
    told = model.requests("/api/chat")[-1].body["messages"][-1]
    assert (told["role"], told["content"]) == ("tool", "Nothing new was found.")


async def test_without_a_model_memory_answers(client: LangGraphClient, model: OllamaDouble) -> None:
    """When Ollama is gone the run takes the edge to `answer_from_memory`, and the thread goes on after."""
    thread_id = await new_thread(client)
    model.reply(MODEL, Reply(text="I am back."))
    model.stop()
    try:
        alone = await answer(client, thread_id, "What is the plan for the greenhouse?")
    finally:
        model.start()
    after = await answer(client, thread_id, "And now?")

    assert alone["served_by"] == "memory"
    assert [one["component"] for one in alone["degraded"]] == ["ollama:llama3.1:8b", "ollama:llama3.2:3b"]
    assert after["answer"] == "I am back."
    assert after["degraded"] == []


async def test_commands_say_that_studio_has_the_memory(studio: Studio) -> None:
    """`souvenir ask` ends with 1 and one line that says who has the memory and what to do."""
    asked = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "server.cli.main", "ask", "Who am I?"],
        env={"PATH": "", "SOUVENIR_DATA_DIR": str(studio.memory), "SOUVENIR_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=30,
    )

    owner = find_owner(studio.memory)
    assert owner is not None
    assert (owner.kind, owner.url, owner.pid) == ("studio", "", studio.process.pid)
    assert asked.returncode == 1
    assert asked.stdout == ""
    assert f"LangGraph Studio is using this memory (process {owner.pid}): stop it first" in asked.stderr
    assert asked.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/assistants/search", {"Origin": "https://smith.langchain.com"}, 200),
        ("POST", "/assistants/search", {"Origin": "http://localhost:3000"}, 200),
        ("POST", "/assistants/search", {"Origin": "https://elsewhere.example"}, 403),
        ("GET", "/info", {"Origin": "http://smith.langchain.com.elsewhere.example"}, 403),
        ("GET", "/info", {"Origin": "null"}, 403),
        ("GET", "/info", {"Host": "elsewhere.example"}, 400),
        ("POST", "/deploy", {"Origin": "https://smith.langchain.com"}, 403),
    ],
)
async def test_pages_of_other_sites_are_refused(
    studio: Studio, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """Only Studio's page and pages of this machine reach the memory, and none can send it away."""
    async with httpx.AsyncClient(base_url=studio.url, trust_env=False) as http:
        answered = await http.request(method, path, headers=headers, json={} if method == "POST" else None)

    assert answered.status_code == status


async def test_studio_page_may_ask_first(studio: Studio) -> None:
    """The browser's question before a request from Studio's page is answered with yes (CORS)."""
    headers = {"Origin": "https://smith.langchain.com", "Access-Control-Request-Method": "POST"}
    async with httpx.AsyncClient(base_url=studio.url, trust_env=False) as http:
        asked = await http.options("/threads", headers=headers)

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] in ("*", headers["Origin"])
