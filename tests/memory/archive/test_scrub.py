"""What is forgotten and scrubbed is in no byte of any file of the folder."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from memory.archive.archive import FILE_NAME, Archive, open_archive
from memory.archive.errors import ArchiveUnavailable
from tests.clock import FakeClock
from tests.memory.archive.samples import a_document, a_turn, chunks_of

CANARY = "kanarie-7f3a"


def files_with(folder: Path, text: str) -> list[str]:
    """The names of the files under a folder whose bytes hold a text."""
    return [path.name for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


async def fill(archive: Archive) -> None:
    """Put the canary in every place that a text can be in, twice, so that there are old versions of pages."""
    for round in range(2):
        async with archive.unit() as work:
            long = f"{CANARY} " * 5000
            secret = a_document(
                f"{CANARY}-id", uri=f"file:///{CANARY}", title=CANARY, text=long, chunk_count=2
            )
            await work.documents.put(secret, chunks_of(secret, f"{CANARY} {round}", long))
            kept = a_document("d2", text="kept " * 500, chunk_count=1)
            await work.documents.put(kept, chunks_of(kept, "kept"))
            await work.threads.add_turn(
                a_turn(
                    f"t{round}",
                    question=CANARY,
                    answer=long,
                    sources=[{"quote": CANARY}],
                    references=[f"{CANARY}-id"],
                    degraded=[{"reason": CANARY}],
                )
            )
            await work.threads.add_turn(
                a_turn(f"o{round}", thread_id="c2", answer=f"{CANARY} [1]", references=["d1"])
            )
            await work.ledger.enqueue("marie", "document", f"{CANARY}-id", "recall", "erase")


async def forget(archive: Archive) -> None:
    """Delete, redact and mark everything that holds the canary."""
    async with archive.unit() as work:
        assert await work.documents.delete("marie", f"{CANARY}-id")
        assert await work.threads.delete("marie", "c1") == ["t0", "t1"]
        for id in ("o0", "o1"):
            await work.threads.redact("marie", id, answer="(oublié)", sources=[], references=[])
        for entry in await work.ledger.claim("recall", limit=10, lease_seconds=60):
            assert await work.ledger.mark(entry, "done")


async def test_forgotten_text_is_in_no_file(tmp_path: Path, clock: FakeClock) -> None:
    """Documents, chunks, turns, references, ledger: gone from the database and its log, while it is open."""
    async with open_archive(tmp_path, clock=clock) as archive:
        await fill(archive)
        assert f"{FILE_NAME}-wal" in files_with(tmp_path, CANARY), "the test must see what it looks for"
        await forget(archive)
        await archive.scrub()
        assert files_with(tmp_path, CANARY) == []
        async with archive.read() as work:
            assert [document.id for document in await work.documents.list("marie")] == ["d2"]
            assert [turn.id for turn in await work.threads.turns("marie", "c2")] == ["o0", "o1"]
    assert files_with(tmp_path, CANARY) == []


async def test_copies_made_before_an_upgrade_are_scrubbed_too(tmp_path: Path, clock: FakeClock) -> None:
    """A copy would give back what was forgotten: it goes, finished or not."""
    async with open_archive(tmp_path, clock=clock) as archive:
        await fill(archive)
        for name in ("before-0000", "before-0000.partial"):
            (tmp_path / f"{FILE_NAME}.{name}").write_text(CANARY)
        await forget(archive)
        await archive.scrub()
        assert files_with(tmp_path, CANARY) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE_NAME, "version.json"]


async def test_rows_that_moved_between_pages_leave_nothing(
    tmp_path: Path, clock: FakeClock, seed: int
) -> None:
    """Small rows come and go in any order: overwriting in place alone would leave some readable."""
    rng = random.Random(seed)
    alive: list[str] = []
    dead: list[str] = []
    async with open_archive(tmp_path, clock=clock) as archive:
        for _ in range(40):
            async with archive.unit() as work:
                for _ in range(30):
                    name = f"{rng.getrandbits(48):012x}"
                    padding = "x" * rng.randint(10, 200)
                    document = a_document(name, uri=f"{name} {padding}", text=f"{name}-text", chunk_count=1)
                    await work.documents.put(document, chunks_of(document, padding))
                    alive.append(name)
                rng.shuffle(alive)
                for _ in range(22):
                    dead.append(alive.pop())
                    assert await work.documents.delete("marie", dead[-1])
        await archive.scrub()
        data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert [name for name in dead if name.encode() in data] == []
        assert all(name.encode() in data for name in alive)


async def test_scrubbing_says_when_a_reader_is_in_the_way(tmp_path: Path, clock: FakeClock) -> None:
    """A snapshot from before keeps the text in the log: the caller is told, and may do it again."""
    async with open_archive(tmp_path, clock=clock, busy_seconds=0.1) as archive:
        await fill(archive)
        async with archive.read() as work:
            await work.documents.list("marie")
            await forget(archive)
            with pytest.raises(ArchiveUnavailable):
                await archive.scrub()
        await archive.scrub()
        assert files_with(tmp_path, CANARY) == []


async def test_scrubbing_keeps_everything_else(tmp_path: Path, clock: FakeClock) -> None:
    """What was not forgotten is the same after, and the order of turns goes on."""
    async with open_archive(tmp_path, clock=clock) as archive:
        async with archive.unit() as work:
            for number in range(20):
                await work.threads.add_turn(a_turn(f"t{number}", thread_id=f"c{number % 2}"))
            await work.threads.delete("marie", "c1")
        await archive.scrub()
        async with archive.unit() as work:
            await work.threads.add_turn(a_turn("last", thread_id="c0"))
            turns = await work.threads.turns("marie", "c0")
    expected = [a_turn(f"t{number}", thread_id="c0") for number in range(0, 20, 2)]
    assert turns == [*expected, replace(a_turn("last"), thread_id="c0")]
