"""The ingestion graph: its shape, and what becomes of a file on its way into memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from graphs.ingestion.state import IngestionContext
from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.entries import Question
from memory.long_term.recall import Recall
from tests.clock import FakeClock
from tests.graphs.ingestion.memories import IndexThatFails
from tests.graphs.ingestion.works import Works, open_works, statuses, totals


@dataclass(frozen=True, slots=True)
class House:
    """Ingestion on the embedded index, and a folder of files."""

    works: Works
    index: EdgeIndex
    files: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file to take in."""
        file = self.files / name
        file.write_text(text, encoding="utf-8")
        return file

    async def found(self, question: str, lang: str = "en") -> list[str]:
        """The texts that the index finds, from the archive."""
        recall = Recall(self.index, self.works.archive, FakeClock())
        recalled = await recall.search("marie", Question(question, lang))
        return [passage.text for passage in recalled.passages]


@pytest.fixture
async def house(tmp_path: Path, clock: FakeClock) -> AsyncIterator[House]:
    """A house of its own."""
    (tmp_path / "files").mkdir()
    async with (
        open_edge_index(tmp_path / "recall") as index,
        open_works(tmp_path / "data", clock, index) as works,
    ):
        yield House(works, index, tmp_path / "files")


async def test_the_shape(house: House) -> None:
    """It is load → split → commit → project, with the ways out that the picture shows."""
    drawn = house.works.ingestor.graph.get_graph()
    assert {(edge.source, edge.target, edge.conditional) for edge in drawn.edges} == {
        ("__start__", "load", False),
        ("load", "split", True),
        ("load", "project", True),
        ("load", "__end__", True),
        ("split", "commit", False),
        ("commit", "project", True),
        ("commit", "__end__", True),
        ("project", "__end__", False),
    }


async def test_a_file_becomes_passages(house: House) -> None:
    """Stored, with title, language and chunks; searchable at once; the ledger says so."""
    file = house.write(
        "atlas.md", "# Le projet Atlas\n\nLe budget du projet Atlas est de quarante mille euros.\n"
    )
    [_, event, _] = await house.works.ingest(file)
    assert event["status"] == "stored"
    assert event["title"] == "Le projet Atlas"
    assert event["uri"] == file.as_uri()
    assert event["chunks"] == 1
    assert event["error"] is None
    assert event["projections"]["recall"] == {"state": "done", "reason": None}
    assert event["projections"]["knowledge"]["state"] == "pending"
    assert event["projections"]["knowledge"]["reason"]
    [document] = await house.works.documents()
    assert (document.lang, document.id) == ("fr", event["document_id"])
    assert document.content_hash.startswith("sha256:")
    assert document.size == file.stat().st_size
    assert len(await house.found("Quel est le budget d'Atlas ?", "fr")) == 1


async def test_what_has_not_changed_is_skipped(house: House) -> None:
    """Nothing is written a second time, and it is told from what was stored."""
    file = house.write("a.txt", "The harbour has two cranes.")
    await house.works.ingest(file)
    [before] = await house.works.documents()
    events = await house.works.ingest(file)
    assert statuses(events) == {"a.txt": "unchanged"}
    assert events[1]["chunks"] == 1
    assert events[1]["projections"]["recall"]["state"] == "done"
    assert await house.works.documents() == [before]
    os.utime(file, (0, 0))
    assert statuses(await house.works.ingest(file)) == {"a.txt": "unchanged"}, "content counts, not its date"


async def test_what_has_changed_is_replaced(house: House) -> None:
    """Same document, new text; no old chunk is left in the archive or in the index."""
    file = house.write("a.txt", "\n\n".join(f"The old harbour has crane {n}. " * 20 for n in range(10)))
    [_, first, _] = await house.works.ingest(file)
    assert first["chunks"] > 5
    house.write("a.txt", "The station has two platforms.")
    [_, second, _] = await house.works.ingest(file)
    assert second["status"] == "updated"
    assert second["document_id"] == first["document_id"]
    assert [chunk.text for chunk in await house.works.chunks(first["document_id"])] == [
        "The station has two platforms."
    ]
    assert await house.index.count() == 1
    assert await house.found("harbour crane") == []
    assert await house.found("platforms of the station") == ["The station has two platforms."]


async def test_one_file_that_fails_leaves_the_others(house: House) -> None:
    """Each failure has its line, in the person's language; all others are stored."""
    good = [house.write(f"good{n}.md", f"Text number {n} about the harbour.") for n in range(5)]
    empty = house.write("empty.txt", "")
    broken = house.write("broken.pdf", "this is not a PDF")
    missing = house.files / "missing.md"
    events = await house.works.ingest(
        *good[:2], empty, broken, missing, *good[2:], context=IngestionContext("marie", "fr")
    )
    found = statuses(events)
    assert {name for name, status in found.items() if status == "failed"} == {
        "empty.txt",
        "broken.pdf",
        "missing.md",
    }
    assert totals(events) == {"stored": 5, "unchanged": 0, "updated": 0, "failed": 3, "chunks": 5}
    errors = [event["error"] for event in events if event.get("status") == "failed"]
    assert all(error and "\n" not in error for error in errors)
    assert len(await house.works.documents()) == 5
    assert await house.index.count() == 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
async def test_a_named_pipe_does_not_hold_up_the_others(house: House) -> None:
    """What is not a file is refused at once: reading it would wait for a writer that never comes."""
    pipe = house.files / "pipe.txt"
    os.mkfifo(pipe)
    good = house.write("good.md", "Text about the harbour.")
    async with asyncio.timeout(20):
        events = await house.works.ingest(pipe, good, context=IngestionContext("marie"))
    assert statuses(events) == {"pipe.txt": "failed", "good.md": "stored"}


async def test_a_stored_document_that_fails_now_stays(house: House) -> None:
    """A file that became unreadable does not take its document with it."""
    file = house.write("a.txt", "The harbour has two cranes.")
    await house.works.ingest(file)
    house.write("a.txt", "")
    assert statuses(await house.works.ingest(file)) == {"a.txt": "failed"}
    assert await house.found("harbour cranes") == ["The harbour has two cranes."]


async def test_users_have_their_own(house: House) -> None:
    """The same file of two users is two documents."""
    file = house.write("a.txt", "The harbour has two cranes.")
    [_, mine, _] = await house.works.ingest(file)
    [_, his, _] = await house.works.ingest(file, context=IngestionContext("paul"))
    assert his["status"] == "stored"
    assert mine["document_id"] != his["document_id"]
    assert len(await house.works.documents("paul")) == 1


async def test_an_index_that_fails_leaves_it_pending(tmp_path: Path, clock: FakeClock) -> None:
    """The document is stored and says what waits, and why; later it is done without asking."""
    index = IndexThatFails(failures=1)
    file = tmp_path / "a.txt"
    file.write_text("The harbour has two cranes.")
    async with open_works(tmp_path / "data", clock, index) as works:
        [_, event, _] = await works.ingest(file)
        assert event["status"] == "stored"
        assert event["projections"]["recall"] == {"state": "pending", "reason": "the index rests"}
        [_, again, _] = await works.ingest(file)
        assert again["status"] == "unchanged"
        assert again["projections"]["recall"] == {"state": "done", "reason": None}
    assert await index.count() == 1


async def test_a_full_archive_is_a_failure_of_the_file(tmp_path: Path, clock: FakeClock) -> None:
    """Said in the person's language; nothing half there."""
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_text("The harbour has two cranes.")
    large.write_text("\n\n".join(f"Crane {n} of the harbour is high." * 10 for n in range(5000)))
    index = IndexThatFails()
    async with open_works(tmp_path / "data", clock, index, max_bytes=300_000) as works:
        events = await works.ingest(large, small, context=IngestionContext("marie", "fr"))
        assert statuses(events) == {"large.txt": "failed", "small.txt": "stored"}
        [error] = [event["error"] for event in events if event.get("status") == "failed"]
        assert "disque" in error or "place" in error or "plein" in error
        assert [document.title for document in await works.documents()] == ["small"]
    assert await index.count() == 1


async def test_memory_stays_bounded(house: House) -> None:
    """Four hundred documents: the process grows far less than what they hold together, many times over."""
    for number in range(400):
        lines = [
            f"Document {number}, part {part}: the harbour has {part * number} cranes." for part in range(200)
        ]
        house.write(f"{number:03}.txt", "\n\n".join(lines))
    whole = sum(file.stat().st_size for file in house.files.iterdir())
    await house.works.ingest(*sorted(house.files.iterdir())[:20])
    process, peak = psutil.Process(), 0
    before = process.memory_info().rss

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, process.memory_info().rss)
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    events = await house.works.ingest(house.files)
    watching.cancel()
    grown = (peak - before) / 2**20
    print(
        f"{whole / 2**20:.0f} MB of documents, {totals(events)['chunks']} chunks, peak growth {grown:.0f} MB"
    )
    assert totals(events)["failed"] == 0
    assert totals(events)["stored"] == 380
    assert grown < 100
