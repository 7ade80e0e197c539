"""A life of Studio: the memory is another's, then its own, then left in order."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from langgraph_sdk.errors import APIStatusError

from memory.archive.archive import open_archive
from server.composition import utc_now
from server.owner import find_owner, hold
from server.serving import serving
from server.settings import Settings
from server.studio_server import main
from tests.ollama_double import OllamaDouble, Reply
from tests.server.studio.driving import answer, new_thread
from tests.server.studio.process import studio_server

MODEL = "llama3.1:8b"


async def test_it_waits_for_the_memory_uses_it_and_leaves_it(tmp_path: Path) -> None:
    """Studio says in one line that `serve` has the memory, and works, without a restart, once it is free.

    Its threads are remembered like any other; the copies that its server keeps end with it.
    """
    memory, question = tmp_path / "memory", "My bicycle is called Mistral."
    with OllamaDouble(MODEL) as model, ExitStack() as started:
        model.reply(MODEL, Reply(text="Noted."))
        settings = Settings(data_dir=memory, ollama_url=model.url, offline=False)
        with hold(settings):
            async with serving(settings, kind="serve", port=0) as owner:
                studio = started.enter_context(studio_server(tmp_path, memory, model.url))
                line = f"Souvenir already runs on this memory (process {owner.pid}, {owner.url}): use it"
                assert studio.printed.count(line) == 1
                async with studio.client() as client:
                    with pytest.raises(
                        APIStatusError, match="Souvenir already runs on this memory"
                    ) as refused:
                        await client.assistants.get_graph("agent")
        assert refused.value.status_code == 503
        assert refused.value.response.json()["detail"].startswith(line)

        async with studio.client() as client:
            thread_id = await new_thread(client)
            assert (await answer(client, thread_id, question))["answer"] == "Noted."
        assert studio.end() == 0

        assert studio.attempts == []
        assert "Traceback" not in studio.printed
        assert question not in studio.printed
        assert sorted(path.name for path in tmp_path.iterdir()) == ["memory", "printed"]

    assert find_owner(memory) is None
    async with open_archive(memory, clock=utc_now) as archive, archive.read() as unit:
        turns = await unit.threads.turns("local", thread_id)
    assert [(turn.question, turn.answer, turn.status) for turn in turns] == [(question, "Noted.", "done")]


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Another program has the port: one line says how to choose another, and nothing is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert f"{port}" in printed.err
    assert "STUDIO_PORT" in printed.err
