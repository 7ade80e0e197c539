"""After `forget`, no door, checkpoint, index or log holds the text, and the conversations go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import empty_checkpoint

from memory.short_term.keys import thread_key
from memory.short_term.sqlite import open_checkpointer
from tests.acceptance.conversations import MODEL
from tests.acceptance.memory_checks import USER, check_whole
from tests.acceptance.souvenir import Server, Souvenir
from tests.acceptance.traces import doors_with, files_with
from tests.graphs.ingestion.parsing.files import pdf
from tests.ollama_double import Fault, OllamaDouble, Reply, ToolCall

CANARY = "pelican-7431-quartz"
SENTENCE = f"The secret code of the harbour safe is {CANARY}, and nobody else knows it."
OTHER = "The lighthouse keeper feeds the gulls every morning at seven."
GULLS = "What does the lighthouse keeper feed every morning?"


async def leave_checkpoint(memory: Souvenir, thread: str, document_id: str) -> None:
    """Leave a checkpoint as a turn had it that had recalled the document."""
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = {"passages": [{"document_id": document_id, "text": SENTENCE}]}
    config: RunnableConfig = {"configurable": {"thread_id": thread_key(USER, thread), "checkpoint_ns": ""}}
    async with open_checkpointer(memory.data) as saver:
        await saver.aput(config, checkpoint, {}, {})


SERVED = pytest.mark.parametrize("served", [True, False], ids=["while-serving", "alone"])


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    """An Ollama that quotes the first passage it is shown."""
    with OllamaDouble(MODEL) as double:
        yield double


@pytest.fixture
def memory(souvenir: Souvenir, double: OllamaDouble, tmp_path: Path) -> Souvenir:
    """A memory with an unrelated document, and temporary files of its own."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "gulls.md").write_text(f"# Gulls\n\n{OTHER}\n", encoding="utf-8")
    memory = replace(souvenir, ollama_url=double.url, temporary=tmp_path / "temporary")
    memory.run("ingest", str(tmp_path / "gulls.md")).ok()
    return memory


def write(path: Path) -> Path:
    """A document with the canary, in the format of the extension."""
    text = f"{SENTENCE} It hangs in the cellar, behind the barrels of cider."
    if path.suffix == ".pdf":
        return pdf(path, text, title="The safe")
    path.write_text(f"# The safe\n\n{text}\n", encoding="utf-8")
    return path


def forget(memory: Souvenir, server: Server, served: bool, *command: str) -> Server:
    """Forget by command, with the server running or not; a running server, to look behind its doors."""
    if not served:
        assert server.stop().code == 0
    memory.run(*command).ok()
    return server if served else memory.serve()


def assert_gone(memory: Souvenir, server: Server, *logs: Path) -> None:
    """The canary is behind no door and in no file, while the server runs and after it has stopped."""
    places = (memory.data, memory.temporary, server.running.err, server.running.out, *logs)
    assert files_with(CANARY, *places) == []
    assert doors_with(CANARY, server) == []
    assert server.stop().code == 0
    assert files_with(CANARY, *places) == []


def goes_on(server: Server, double: OllamaDouble, threads: list[str]) -> None:
    """Each conversation answers its next turn, without the canary in what the model is shown."""
    for thread in threads:
        answer = server.ask(GULLS, thread)
        assert "gulls" in answer["answer"]
        assert answer["sources"][0]["title"] == "Gulls"
        assert CANARY not in str(double.requests("/api/chat")[-1].body)


@pytest.mark.parametrize(
    ("served", "suffix"), [(True, ".md"), (False, ".pdf")], ids=["md-while-serving", "pdf-alone"]
)
async def test_a_document(
    memory: Souvenir, double: OllamaDouble, tmp_path: Path, served: bool, suffix: str
) -> None:
    """Quoted in answers, read by a tool, recalled from one conversation in another: all gone."""
    server = memory.serve()
    path = write(tmp_path / f"safe{suffix}")
    [document] = server.ingest(path)["documents"]
    id = document["document_id"]
    first = server.ask("What is the secret code of the harbour safe?")
    assert CANARY in first["answer"]
    double.reply(MODEL, Reply(tool_calls=[ToolCall("read_document", {"document_id": id})], calls=1))
    assert server.ask("Read me the whole document.")["served_by"] == f"ollama:{MODEL}"
    assert CANARY in str(double.requests("/api/chat")[-1].body["messages"][-1]), "a tool has shown it"
    double.reply(MODEL)
    second = server.ask("What did I ask on the secret code of the harbour safe?")
    assert CANARY in second["answer"]
    double.stop()
    third = server.ask("Where is the secret code of the harbour safe?")
    assert (third["served_by"], CANARY in third["answer"]) == ("memory", True)
    double.start()
    # What is looked for is written as it is: the search would find it.
    assert {"souvenir.db", "checkpoints.db"} <= {
        name.removesuffix("-wal") for name in files_with(CANARY, memory.data)
    }
    assert doors_with(CANARY, server)

    logs = (server.running.err, server.running.out)
    server = forget(memory, server, served, "documents", "forget", id)
    threads = [answer["thread_id"] for answer in (first, second, third)]
    goes_on(server, double, threads)
    assert server.http.get(f"/v1/documents/{id}").status_code == 404
    shown = server.get(f"/v1/threads/{threads[0]}")["turns"]
    assert shown[0]["question"] == "What is the secret code of the harbour safe?"
    assert "forgotten" in shown[0]["answer"]
    assert_gone(memory, server, *logs)
    await check_whole(memory.data)


@SERVED
async def test_a_conversation(memory: Souvenir, double: OllamaDouble, served: bool) -> None:
    """What a person said, what other conversations recalled of it, what they made of that: all gone."""
    server = memory.serve()
    said = server.ask(SENTENCE)
    server.ask("Thank you.", said["thread_id"])
    second = server.ask("What is the secret code of the harbour safe?")
    assert CANARY in second["answer"]
    after = server.ask("Say it again, please: the secret code of the harbour safe?", second["thread_id"])
    assert CANARY in after["answer"]
    third = server.ask("What did you tell me about the secret code of the harbour safe?")
    assert CANARY in third["answer"]

    logs = (server.running.err, server.running.out)
    server = forget(memory, server, served, "threads", "forget", said["thread_id"])
    assert server.http.get(f"/v1/threads/{said['thread_id']}").status_code == 404
    goes_on(server, double, [second["thread_id"], third["thread_id"]])
    assert_gone(memory, server, *logs)
    await check_whole(memory.data)


@pytest.mark.parametrize(
    ("served", "known"), [(True, True), (False, False)], ids=["known-thread", "new-thread-alone"]
)
async def test_a_turn_that_was_cut(
    memory: Souvenir, double: OllamaDouble, tmp_path: Path, served: bool, known: bool
) -> None:
    """A turn that is killed before its answer leaves nothing of what it recalled in the checkpoints.

    Older versions left it there, and a turn that fails otherwise may: that is forgotten too.
    """
    server = memory.serve()
    [document] = server.ingest(write(tmp_path / "safe.md"))["documents"]
    thread = server.ask(GULLS)["thread_id"]
    double.fault(MODEL, Fault("hang_before_first_token", calls=1))
    body: dict[str, Any] = {"question": "What is the secret code of the harbour safe?"}
    headers = {"Accept": "application/x-ndjson"}
    asked = len(double.requests("/api/chat"))
    with server.http.stream(
        "POST", "/v1/turns", json=body | ({"thread_id": thread} if known else {}), headers=headers
    ) as response:
        cut = json.loads(next(response.iter_lines()))["thread_id"]
        await double.wait_for("/api/chat", count=asked + 1)
        server.kill()
    double.release()
    assert not {"checkpoints.db", "checkpoints.db-wal"} & set(files_with(CANARY, memory.data))
    await leave_checkpoint(memory, cut, document["document_id"])
    assert {"checkpoints.db", "checkpoints.db-wal"} & set(files_with(CANARY, memory.data))
    server = forget(memory, memory.serve(), served, "documents", "forget", document["document_id"])
    goes_on(server, double, [thread])
    assert_gone(memory, server)


@pytest.mark.parametrize("sees", ["document", "conversation", "own-history"])
async def test_a_turn_at_work(memory: Souvenir, double: OllamaDouble, tmp_path: Path, sees: str) -> None:
    """A document forgotten while a model writes about it: what comes of the turn does not bring it back.

    Nor where the turn saw only an answer about it, recalled or said before.
    """
    server = memory.serve()
    [document] = server.ingest(write(tmp_path / "safe.md"))["documents"]
    question, thread, asked = "What is the secret code of the harbour safe?", {}, 0
    if sees != "document":
        first = server.ask(question)
        asked = 1
        # The model repeats what it finds anywhere in the prompt but in the document's passage.
        thread = {"thread_id": first["thread_id"]} if sees == "own-history" else {}
        question = GULLS if sees == "own-history" else "What did I ask on the harbour safe?"
        double.reply(MODEL, Reply(text=f"It was {SENTENCE}", calls=1))
    double.fault(MODEL, Fault("hang_mid_stream", calls=1, after=1))
    headers = {"Accept": "application/x-ndjson"}
    body = {"question": question} | thread
    with server.http.stream("POST", "/v1/turns", json=body, headers=headers) as response:
        events = response.iter_lines()
        next(events)
        await double.wait_for("/api/chat", count=asked + 1)
        next(events)
        forgetting = memory.start("documents", "forget", document["document_id"])
        # It may wait for the turn; what is promised holds when both have ended.
        while document["document_id"] in str(server.get("/v1/documents")):
            pass
        double.release()
        for _ in events:
            pass
    forgetting.wait().ok()
    double.reply(MODEL)
    goes_on(server, double, [thread["thread_id"] for thread in server.get("/v1/threads")["threads"]])
    assert_gone(memory, server)


def test_uploads_leave_nothing_behind(memory: Souvenir, tmp_path: Path) -> None:
    """A document dropped on the page, and then forgotten, leaves no temporary file."""
    server = memory.serve()
    content = write(tmp_path / "safe.md").read_bytes()
    done = server.http.post("/v1/ingest", files={"files": ("safe.md", content + b"\n" * 2_000_000)}).json()
    assert done["totals"]["stored"] == 1
    assert files_with(CANARY, memory.temporary) == []
    id = done["documents"][0]["document_id"]
    logs = (server.running.err, server.running.out)
    assert_gone(memory, forget(memory, server, True, "documents", "forget", id), *logs)
