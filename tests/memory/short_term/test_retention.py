"""Retention of checkpoints: silent conversations are dropped, the others stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import empty_checkpoint

from memory.short_term.protocol import FOREVER
from memory.short_term.retention import written_at
from memory.short_term.saver import AtOnceSaver
from memory.short_term.sqlite import SqliteSessions, open_checkpointer


async def test_a_checkpoint_id_tells_when_it_was_written() -> None:
    """The time in LangGraph's ids is the time of writing, to the second."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    written = written_at(empty_checkpoint()["id"])
    assert before <= written <= datetime.now(UTC) + timedelta(seconds=1)


async def test_only_silent_threads_are_dropped(tmp_path: Path) -> None:
    """What was written before the limit goes, with all of its thread; a later thread stays."""
    async with open_checkpointer(tmp_path) as saver:
        for thread in ("ada/old", "ada/new"):
            config: RunnableConfig = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
            await saver.aput(config, empty_checkpoint(), {}, {})
        limit = max([await _latest(saver, "ada/old"), await _latest(saver, "ada/new")])
        sessions = SqliteSessions(saver, 60, lambda: limit + timedelta(seconds=60))
        assert await sessions.expire() == ["ada/old"]
        assert await saver.aget_tuple({"configurable": {"thread_id": "ada/old"}}) is None
        assert await saver.aget_tuple({"configurable": {"thread_id": "ada/new"}}) is not None


async def test_how_long_a_thread_has_until_it_is_dropped(tmp_path: Path) -> None:
    """From its last checkpoint; nothing after that, and for ever where nothing is dropped."""
    async with open_checkpointer(tmp_path) as saver:
        config: RunnableConfig = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
        await saver.aput(config, empty_checkpoint(), {}, {})
        written = await _latest(saver, "t")
        for passed, left in ((0, 60), (20, 40), (59.5, 1), (60, 0), (600, 0)):
            moment = written + timedelta(seconds=passed)
            assert await SqliteSessions(saver, 60, lambda now=moment: now).seconds_left("t") == left  # type: ignore[misc]  # the default binds it
        assert await SqliteSessions(saver).seconds_left("t") == FOREVER
        assert await SqliteSessions(saver).seconds_left("nowhere") is None


async def _latest(saver: AtOnceSaver, thread: str) -> datetime:
    found = await saver.aget_tuple({"configurable": {"thread_id": thread}})
    assert found is not None
    return written_at(found.checkpoint["id"])
