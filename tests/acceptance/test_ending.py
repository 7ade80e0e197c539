"""`serve` told to stop in the middle of answers: those who listen hear the end of theirs."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.acceptance.souvenir import Server, Souvenir
from tests.ollama_double import Fault, OllamaDouble, Reply

MODEL = "llama3.1:8b"
STREAMS = 5
HEADERS = {"Accept": "application/x-ndjson"}


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    """An Ollama with one model."""
    with OllamaDouble(MODEL) as double:
        double.reply(MODEL, Reply("One two three four."))
        yield double


def listen(server: Server, heard: list[dict[str, Any]]) -> None:
    """Ask, and write down everything until the stream ends."""
    with server.http.stream("POST", "/v1/turns", json={"question": "Count!"}, headers=HEADERS) as response:
        heard.extend(json.loads(line) for line in response.iter_lines())


@pytest.mark.parametrize("ends", [True, False], ids=["models that end", "models that hang"])
async def test_running_streams_end(souvenir: Souvenir, double: OllamaDouble, ends: bool) -> None:
    """With `done` where the model goes on in time, else `interrupted`; within 15 s, and in the archive."""
    memory = replace(souvenir, ollama_url=double.url)
    server = memory.serve()
    double.fault(MODEL, Fault("hang_mid_stream", calls=STREAMS))
    heard: list[list[dict[str, Any]]] = [[] for _ in range(STREAMS)]
    threads = [threading.Thread(target=listen, args=(server, events)) for events in heard]
    for thread in threads:
        thread.start()
    await double.wait_for("/api/chat", "hanging", count=STREAMS)
    began = time.monotonic()
    os.kill(server.running.pid, signal.SIGTERM)
    if ends:
        double.release()
    for thread in threads:
        thread.join(20)
    server.http.close()
    finished = server.running.wait()
    print(f"ended after {time.monotonic() - began:.1f} s")
    assert finished.code == 0
    assert time.monotonic() - began < 15
    answers = [events[-1] for events in heard]
    assert {answer["type"] for answer in answers} == {"answer"}
    assert {answer["status"] for answer in answers} == {"done" if ends else "interrupted"}
    with memory.serving() as again:
        for answer in answers:
            [turn] = again.get(f"/v1/threads/{answer['thread_id']}")["turns"]
            assert (turn["turn_id"], turn["answer"]) == (answer["turn_id"], answer["answer"])
