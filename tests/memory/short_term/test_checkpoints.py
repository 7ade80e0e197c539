"""Checkpoints in the data folder: strict about types, gone when deleted, sound after cancellations."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from memory.short_term.errors import CheckpointUnreadable, ShortTermUnavailable, ValueRefused
from memory.short_term.saver import AtOnceSaver
from memory.short_term.sqlite import SqliteSessions, open_checkpointer

CANARY = "zanzibar4711"


@dataclass
class Stranger:
    """A class that LangGraph does not know to be safe."""

    word: str


@pytest.fixture
async def saver(tmp_path: Path) -> AsyncIterator[AtOnceSaver]:
    """Checkpoints in a folder of their own."""
    async with open_checkpointer(tmp_path) as opened:
        yield opened


async def put(saver: AtOnceSaver, thread: str, **values: Any) -> None:
    """Put a checkpoint with these channel values."""
    versions: dict[str, str | int | float] = dict.fromkeys(values, 1)
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = values
    checkpoint["channel_versions"] = versions
    await saver.aput(_config(thread), checkpoint, {}, versions)


async def get(saver: AtOnceSaver, thread: str) -> dict[str, Any] | None:
    """The channel values of the last checkpoint."""
    found = await saver.aget_tuple(_config(thread))
    return None if found is None else found.checkpoint["channel_values"]


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}


def files_with(folder: Path, word: str) -> list[str]:
    """The files of a folder that hold a word."""
    return [file.name for file in folder.iterdir() if word.encode() in file.read_bytes()]


async def test_messages_and_plain_values_come_back(saver: AtOnceSaver) -> None:
    """As they were; a plain dictionary stays one, even when it looks like something else."""
    values = {
        "messages": [HumanMessage("Où est la clé ?", id="1"), AIMessage("Sous le pot [1].", id="2")],
        "passages": [{"text": "a", "legs": {"dense": None, "sparse": 1.5}, "score": 0.5}],
        "record": {"lc": 2, "type": "constructor", "id": ["builtins", "eval"], "kwargs": {"x": "1"}},
        "numbers": {"recall": 4, "total": 1.5},
    }
    await put(saver, "t", **values)
    back = await get(saver, "t")
    assert back == values
    assert type(back["record"]) is dict


async def test_a_class_that_is_not_allowed_is_refused_before_it_is_written(saver: AtOnceSaver) -> None:
    """What would come back as something else is not kept at all: whoever kept it learns it at once."""
    with pytest.raises(ValueRefused, match="Stranger"):
        await put(saver, "t", odd=Stranger("hello"))
    assert await get(saver, "t") is None


async def test_a_class_in_a_tampered_file_does_not_come_back_as_an_object(tmp_path: Path) -> None:
    """It comes back as the data that it is."""
    async with open_checkpointer(tmp_path) as saver:
        await put(saver, "t", odd="")
        checkpoint = empty_checkpoint() | {"channel_values": {"odd": Stranger("hello")}}
        foreign = JsonPlusSerializer().dumps_typed(checkpoint)[1]
        await saver.conn.execute("UPDATE checkpoints SET checkpoint = ?", (foreign,))
        await saver.conn.commit()
    async with open_checkpointer(tmp_path) as saver:
        assert await get(saver, "t") == {"odd": {"word": "hello"}}


async def test_a_pickle_is_not_opened(saver: AtOnceSaver) -> None:
    """There is no fallback to pickle, in either direction."""
    with pytest.raises(CheckpointUnreadable):
        saver.serde.loads_typed(("pickle", b"\x80\x04N."))


async def test_it_is_all_there_after_reopening(tmp_path: Path) -> None:
    """Each thread has its own."""
    async with open_checkpointer(tmp_path) as saver:
        await put(saver, "marie/1", answer="one")
        await put(saver, "paul/1", answer="two")
    async with open_checkpointer(tmp_path) as saver:
        assert await get(saver, "marie/1") == {"answer": "one"}
        assert await get(saver, "paul/1") == {"answer": "two"}
        assert await get(saver, "eve/1") is None


async def test_a_forgotten_thread_leaves_no_bytes(tmp_path: Path) -> None:
    """Not in the database, not in its log, not after closing; other threads stay."""
    async with open_checkpointer(tmp_path) as saver:
        for number in range(20):
            await put(saver, "gone", answer=f"{CANARY} {number} " * 200)
            await saver.aput_writes(
                await _last(saver, "gone"), [("answer", f"{CANARY} written {number}")], f"task-{number}"
            )
            await put(saver, "kept", answer=f"something else {number}")
        assert files_with(tmp_path, CANARY)
        await SqliteSessions(saver).forget(["gone"])
        assert files_with(tmp_path, CANARY) == []
        assert await get(saver, "gone") is None
        assert await get(saver, "kept") == {"answer": "something else 19"}
    assert files_with(tmp_path, CANARY) == []


async def _last(saver: AtOnceSaver, thread: str) -> Any:
    found = await saver.aget_tuple(_config(thread))
    assert found is not None
    return found.config


async def test_forgetting_what_is_not_there(saver: AtOnceSaver) -> None:
    """Is no error, and can be repeated."""
    await SqliteSessions(saver).forget(["nowhere"])
    await SqliteSessions(saver).forget(["nowhere"])


async def test_cancelled_writes_do_no_harm(tmp_path: Path, seed: int) -> None:
    """A hundred writes cancelled at any point: the next ones work, forgetting works, closing works.

    The stock saver may keep its own transaction open until its next write; nobody else writes to this file.
    """
    rng = random.Random(seed)
    async with open_checkpointer(tmp_path) as saver:
        for number in range(100):
            task = asyncio.create_task(put(saver, f"cancelled-{number}", answer=CANARY))
            for _ in range(rng.randint(0, 12)):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            if number % 10 == 0:
                async with asyncio.timeout(20):
                    await put(saver, "kept", answer=str(number))
                assert await get(saver, "kept") == {"answer": str(number)}
        for number in range(100):
            await SqliteSessions(saver).forget([f"cancelled-{number}"])
        assert files_with(tmp_path, CANARY) == []
        for _ in range(20):  # and one that leaves its transaction open at the end
            task = asyncio.create_task(put(saver, "late", answer="x"))
            for _ in range(rng.randint(1, 6)):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    async with open_checkpointer(tmp_path) as saver:
        assert await get(saver, "kept") == {"answer": "90"}


async def test_an_open_transaction_does_not_keep_it_from_closing(tmp_path: Path) -> None:
    """As a cancelled task leaves one: what was not committed is dropped, and closing is no error."""
    async with open_checkpointer(tmp_path) as saver:
        await put(saver, "kept", answer="one")
        await saver.conn.execute("DELETE FROM checkpoints")
    async with open_checkpointer(tmp_path) as saver:
        assert await get(saver, "kept") == {"answer": "one"}


@pytest.mark.parametrize("damage", ["not a database, but long enough to look like one" * 100, "folder"])
async def test_a_file_that_cannot_be_used_has_a_name(tmp_path: Path, damage: str) -> None:
    """One error, one line, which says where."""
    if damage == "folder":
        (tmp_path / "checkpoints.db").mkdir()
    else:
        (tmp_path / "checkpoints.db").write_text(damage)
    with pytest.raises(ShortTermUnavailable, match=str(tmp_path)) as caught:
        async with open_checkpointer(tmp_path):
            pass
    assert "\n" not in str(caught.value)


async def test_errors_of_the_block_keep_their_names(tmp_path: Path) -> None:
    """What fails inside the block for reasons of its own is not said to be the checkpoints' fault."""
    with pytest.raises(sqlite3.OperationalError, match="mine"):
        async with open_checkpointer(tmp_path):
            raise sqlite3.OperationalError("mine")


async def test_forgetting_that_fails_has_a_name(tmp_path: Path) -> None:
    """So that whoever carries it out can try again later."""
    async with open_checkpointer(tmp_path) as saver:
        with closing(sqlite3.connect(tmp_path / "checkpoints.db")) as connection:
            connection.executescript("DROP TABLE writes; DROP TABLE checkpoints;")
        with pytest.raises(ShortTermUnavailable):
            await SqliteSessions(saver).forget(["t"])
