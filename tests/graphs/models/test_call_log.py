"""Calls that belong to no turn are in the log too, some seconds later or at the end."""

from __future__ import annotations

from pathlib import Path

from graphs.models.call_log import CallLog, open_call_log
from memory.archive.archive import open_archive
from tests.clock import FakeClock
from tests.graphs.agent.home import USER, home
from tests.ollama_double import Fault, ollama_double


async def test_what_was_noted_is_kept_at_the_end(tmp_path: Path) -> None:
    """In order, with its outcome; nothing is kept twice."""
    async with open_archive(tmp_path, clock=(clock := FakeClock())) as archive:
        async with open_call_log(archive, "marie", clock) as log:
            log.note("embedding", "ollama:bge-m3", "ok", total_ms=40)
            await log.flush()
            await log.flush()
            clock.advance(1)
            log.note("embedding", "ollama:bge-m3", "failed", total_ms=3, reason="connection refused")
        calls = await archive.look(lambda unit: unit.calls.recent("marie", 10))
    assert [(call.outcome, call.total_ms, call.reason) for call in calls] == [
        ("failed", 3, "connection refused"),
        ("ok", 40, ""),
    ]


async def test_an_archive_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    """Nothing is lost of what was noted, and nobody is disturbed."""
    clock = FakeClock()
    async with open_archive(tmp_path / "one", clock=clock) as closed:
        pass
    log = CallLog(closed, "marie", clock)
    log.note("embedding", "ollama:bge-m3", "ok", total_ms=40)
    await log.flush()
    async with open_archive(tmp_path / "two", clock=clock) as archive:
        log._archive = archive
        await log.flush()
        assert len(await archive.look(lambda unit: unit.calls.recent("marie", 10))) == 1


async def test_documents_and_questions_are_logged(tmp_path: Path) -> None:
    """How long their vectors took, and why there were none; of their words the log holds nothing."""
    async with ollama_double("llama3.1:8b", "nomic-embed-text") as double:
        async with home(tmp_path / "memory", double) as at:
            await at.know("The pelican sleeps.")
            await at.ask("Where does the pelican sleep?")
            double.fault("nomic-embed-text", Fault("missing", on="/api/embed"))
            await at.ask("And the heron, where does it sleep?")
        async with home(tmp_path / "memory", double) as at:
            calls = await at.services.archive.look(lambda unit: unit.calls.recent(USER, 50))
    logged = [(call.task, call.outcome) for call in reversed(calls) if call.task != "chat"]
    assert logged.count(("embedding", "ok")) >= 1
    assert ("question", "ok") in logged
    assert ("question", "failed") in logged
    assert "pelican" not in repr(calls)
