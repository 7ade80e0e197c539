"""Forgetting reaches every turn that may repeat what is forgotten, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import empty_checkpoint

from graphs.forgetting import Forgetter
from graphs.ingestion.projector import Projector
from memory.archive.archive import Archive, open_archive
from memory.archive.entities import Turn
from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.entries import Question
from memory.long_term.recall import Recall
from memory.short_term.keys import thread_key
from memory.short_term.lease import ProcessLease
from memory.short_term.protocol import SessionStore
from memory.short_term.sqlite import open_sqlite
from tests.clock import FakeClock
from tests.memory.archive.samples import NOON, a_document, a_turn, chunks_of

CANARY = "zanzibar4711"
MODEL = "ollama:llama3.1:8b"


@dataclass(frozen=True, slots=True)
class House:
    """The parts that forgetting touches."""

    folder: Path
    archive: Archive
    index: EdgeIndex
    sessions: SessionStore
    projector: Projector
    forgetter: Forgetter

    async def document(self, name: str, text: str) -> None:
        """Keep a document of one chunk."""
        document = a_document(name, text=text, lang="en", chunk_count=1)
        async with self.archive.unit() as unit:
            await unit.documents.put(document, chunks_of(document, text))
            await unit.ledger.enqueue("marie", "document", name, "recall")
        await self.projector.drain()

    async def turn(self, id: str, thread: str, minute: int, **changes: Any) -> None:
        """Keep a turn that began at noon and so many minutes, with a checkpoint of its thread."""
        started = NOON + timedelta(minutes=minute)
        times = {"started_at": started, "finished_at": started + timedelta(seconds=30)}
        plain = {"sources": [], "references": [], "lang": "en", "served_by": MODEL, "answer": "Fine."}
        turn = a_turn(id, thread_id=thread, **(plain | times | changes))
        async with self.archive.unit() as unit:
            await unit.threads.add_turn(turn)
            await unit.ledger.enqueue("marie", "turn", id, "recall")
        await self.projector.drain()
        checkpoint = empty_checkpoint() | {"channel_values": {"answer": turn.answer}}
        config = {"configurable": {"thread_id": thread_key("marie", thread), "checkpoint_ns": ""}}
        await self.sessions.saver.aput(config, checkpoint, {}, {"answer": "1"})  # type: ignore[arg-type]  # plain dictionaries

    async def turns(self) -> dict[str, Turn]:
        """All turns by id."""
        async with self.archive.read() as unit:
            threads = await unit.threads.list("marie")
            kept = [turn for one in threads for turn in await unit.threads.turns("marie", one.id)]
        return {turn.id: turn for turn in kept}

    async def has_checkpoint(self, thread: str) -> bool:
        """Whether short-term memory holds the thread."""
        config = {"configurable": {"thread_id": thread_key("marie", thread), "checkpoint_ns": ""}}
        return await self.sessions.saver.aget_tuple(config) is not None  # type: ignore[arg-type]  # a plain dictionary

    def files_with(self, word: str) -> list[str]:
        """The files of the folder that hold a word."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return [file.name for file in files if word.encode() in file.read_bytes()]


@pytest.fixture
async def house(tmp_path: Path, clock: FakeClock) -> AsyncIterator[House]:
    """A memory of its own, all parts real."""
    folder = tmp_path / "data"
    async with (
        open_archive(folder, clock=clock) as archive,
        open_edge_index(folder / "recall") as index,
        open_sqlite(folder, ttl_seconds=None, clock=clock) as sessions,
    ):
        projector = Projector(archive, index, sessions)
        forgetter = Forgetter(archive, projector, ProcessLease())
        yield House(folder, archive, index, sessions, projector, forgetter)


def a_source(document_id: str, quote: str) -> dict[str, Any]:
    """A source as turns keep it."""
    return {"n": 1, "document_id": document_id, "quote": quote, "title": "", "uri": "", "locator": ""}


async def test_a_document_and_what_was_said_of_it(house: House) -> None:
    """The turn that cited it goes, one of another thread that recalled that, a model's later answer there.

    Sources that quote them go too, other documents stay, and no file keeps the text.
    """
    await house.document("document-1", f"The code of the safe is {CANARY}.")
    await house.document("document-2", "The harbour has two cranes.")
    said = f"The code is {CANARY} [1]."
    cited = [a_source("document-1", f"is {CANARY}"), a_source("document-2", "two cranes")]
    await house.turn("before", "thread-1", 0, answer="Hello.")
    await house.turn(
        "asked", "thread-1", 1, answer=said, sources=cited, references=["document-1", "document-2"]
    )
    await house.turn(
        "recalled", "thread-2", 2, answer=said, sources=[a_source("thread-1", said)], references=["thread-1"]
    )
    await house.turn("repeated", "thread-2", 3, answer=f"As I said, {CANARY}.")
    await house.turn(
        "quoted",
        "thread-3",
        4,
        answer="Cranes.",
        sources=[a_source("document-2", "x")],
        references=["document-2"],
    )
    assert house.files_with(CANARY)

    assert await house.forgetter.document("marie", "document-1")

    turns = await house.turns()
    notice = "(This answer drew on something that was forgotten since.)"
    assert {id: turn.answer for id, turn in turns.items()} == {
        "before": "Hello.",
        "asked": notice,
        "recalled": notice,
        "repeated": notice,
        "quoted": "Cranes.",
    }
    assert [source["document_id"] for source in turns["asked"].sources] == ["document-2"]
    assert turns["recalled"].sources == []
    assert turns["quoted"].references == ["document-2"]
    assert "document-1" not in turns["asked"].references
    assert [await house.has_checkpoint(thread) for thread in ("thread-1", "thread-2", "thread-3")] == [
        False,
        False,
        True,
    ]
    assert house.files_with(CANARY) == []
    recall = Recall(house.index, house.archive, FakeClock())
    passages = (await recall.search("marie", Question(CANARY, "en"))).passages
    assert passages == []


async def test_other_documents_stay_and_can_be_forgotten_later(house: House) -> None:
    """A turn that saw two documents is blanked once, and still refers to the other."""
    await house.document("document-1", "The code is four.")
    await house.document("document-2", "The harbour has two cranes.")
    await house.turn("both", "thread-1", 1, answer="Both.", references=["document-1", "document-2"])
    await house.forgetter.document("marie", "document-1")
    recall = Recall(house.index, house.archive, FakeClock())
    found = (await recall.search("marie", Question("How many cranes?", "en"))).passages
    assert [passage.document_id for passage in found] == ["document-2"]
    assert (await house.turns())["both"].references == ["document-2"]
    async with house.archive.read() as unit:
        assert [document.id for document in await unit.documents.list("marie")] == ["document-2"]


async def test_a_turn_that_began_earlier_but_searched_later(house: House) -> None:
    """A slow answer may have recalled one that began and ended while it was being written."""
    await house.document("document-1", f"The code is {CANARY}.")
    slow = {"started_at": NOON, "finished_at": NOON + timedelta(minutes=30), "references": ["thread-1"]}
    await house.turn("quick", "thread-1", 5, answer=CANARY, references=["document-1"])
    await house.turn("slow", "thread-2", 0, answer=f"I found {CANARY}", **slow)
    await house.forgetter.document("marie", "document-1")
    assert CANARY not in (await house.turns())["slow"].answer


async def test_what_memory_quoted_later_in_the_thread_stays(house: House) -> None:
    """An answer made of quotes has seen its sources alone, not the conversation."""
    await house.document("document-1", "The code is four.")
    await house.turn("asked", "thread-1", 1, answer="Four.", references=["document-1"])
    await house.turn(
        "after", "thread-1", 2, answer="[1] Two cranes.", served_by="memory", references=["document-2"]
    )
    await house.forgetter.document("marie", "document-1")
    assert (await house.turns())["after"].answer == "[1] Two cranes."


async def test_the_notice_is_in_the_language_of_the_turn(house: House) -> None:
    """French for French, English for all others."""
    await house.document("document-1", "Le code est quatre.")
    for lang in ("fr", "en", "de"):
        await house.turn(lang, f"thread-{lang}", 1, lang=lang, references=["document-1"])
    await house.forgetter.document("marie", "document-1")
    notices = {id: turn.answer for id, turn in (await house.turns()).items()}
    assert notices["fr"] == "(Cette réponse s'appuyait sur un contenu oublié depuis.)"
    assert notices["en"] == notices["de"] != notices["fr"]


async def test_a_conversation_and_what_recalled_it(house: House) -> None:
    """The thread goes from every store; an answer elsewhere that recalled it is blanked."""
    await house.turn("told", "thread-1", 0, question=f"My safe has the code {CANARY}.", answer="Noted.")
    quote = a_source("thread-1", f"My safe has the code {CANARY}.")
    await house.turn(
        "recalled", "thread-2", 1, answer=f"[1] {CANARY}", sources=[quote], references=["thread-1"]
    )
    await house.turn("other", "thread-3", 2, question="My dog is called Rex.")
    assert await house.forgetter.thread("marie", "thread-1")
    turns = await house.turns()
    assert turns.keys() == {"recalled", "other"}
    assert turns["recalled"].sources == []
    assert [await house.has_checkpoint(thread) for thread in ("thread-1", "thread-2", "thread-3")] == [
        False,
        False,
        True,
    ]
    assert house.files_with(CANARY) == []
    assert await house.index.count() == 2


async def test_nothing_to_forget(house: House) -> None:
    """An unknown id, or somebody else's, is False, and nothing changes."""
    await house.document("document-1", "The code is four.")
    await house.turn("asked", "thread-1", 1, references=["document-1"])
    for user, name in (("marie", "document-9"), ("paul", "document-1"), ("paul", "thread-1")):
        assert not await house.forgetter.document(user, name)
        assert not await house.forgetter.thread(user, name)
    assert (await house.turns())["asked"].answer == "Fine."
    assert await house.index.count() == 2


async def test_forgetting_waits_for_the_turn_that_runs(house: House) -> None:
    """A conversation is not forgotten under a running turn."""
    await house.turn("told", "thread-1", 0)
    async with house.forgetter.lease.hold(thread_key("marie", "thread-1")):
        forgetting = asyncio.create_task(house.forgetter.thread("marie", "thread-1"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert "told" in await house.turns()
    assert await forgetting
    assert await house.turns() == {}
