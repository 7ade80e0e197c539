"""The files of the embedded engine: what was forgotten is in none, and damage is said, with the remedy."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from memory.knowledge.arcadedb import machine, open_arcadedb
from memory.knowledge.checksum import checksum
from memory.knowledge.errors import KnowledgeUnavailable
from tests.clock import FakeClock
from tests.memory.knowledge.harbour import harbour
from tests.memory.knowledge.samples import USER, employed, keys

SECRET = b"quillfeather"


def holding(folder: Path) -> list[str]:
    """The files that hold the word."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return [one.name for one in files if SECRET in one.read_bytes().lower()]


async def test_what_is_forgotten_is_in_no_file(tmp_path: Path, clock: FakeClock) -> None:
    """Forgotten, replaced, or only shorter than it was; readers have their answers meanwhile."""
    secret = employed("d1", "Zenobia Quillfeather", "Quillfeather Ltd", role="quillfeather " * 20)
    other = employed("d2", "Zenobia  QUILLFEATHER", "Quillfeather ltd", role="quillfeather")
    async with open_arcadedb(tmp_path, clock=clock) as graph:
        await graph.put([*harbour(), secret, other])
        assert holding(tmp_path)
        await graph.put([employed("d2", "Ana", "Boreas")])
        await graph.forget(USER, ["d1"])
        before = await checksum(graph, USER)
        done = asyncio.Event()

        async def read() -> None:
            while not done.is_set():
                assert "claire dubois" in await keys(graph)

        reading = asyncio.create_task(read())
        await graph.scrub(USER)
        done.set()
        await reading
        assert not holding(tmp_path)
        assert await checksum(graph, USER) == before
        await graph.scrub("nobody")
    assert not holding(tmp_path)
    assert not list(tmp_path.glob("new-*")) + list(tmp_path.glob("old-*"))


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """Where the graph is."""
    return tmp_path / "knowledge"


async def test_a_scrub_that_was_cut_off_leaves_one_graph(parts: Path, clock: FakeClock) -> None:
    """Whether the old one had left its place or not, and whatever lay beside."""
    async with open_arcadedb(parts, clock=clock) as graph:
        await graph.put(harbour())
        before = await checksum(graph, USER)
    [place] = [one for one in parts.iterdir() if one.is_dir() and one.name != "nobody"]
    shutil.copytree(place, parts / f"new-{place.name}")
    place.rename(parts / f"old-{place.name}")
    for _ in range(2):
        async with open_arcadedb(parts, clock=clock) as graph:
            assert await checksum(graph, USER) == before
        assert not list(parts.glob("new-*")) + list(parts.glob("old-*"))
        shutil.copytree(place, parts / f"old-{place.name}")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("dictionary*", "removed"),
        ("dictionary*", "overwritten"),
        ("configuration.json", "overwritten"),
        ("Person_0.*.bucket", "removed"),
        ("schema*", "removed"),
        ("schema*", "overwritten"),
    ],
)
async def test_a_damaged_graph_says_so(parts: Path, clock: FakeClock, name: str, how: str) -> None:
    """It cannot be reached, says what helps, and that helps."""
    async with open_arcadedb(parts, clock=clock) as graph:
        await graph.put(harbour())
        before = await checksum(graph, USER)
    [place] = [one for one in parts.iterdir() if one.is_dir() and one.name != "nobody"]
    for file in place.glob(name):
        if how == "removed":
            file.unlink()
        else:
            file.write_bytes(b"\xa5\x5a\x17\x91" * (file.stat().st_size // 4))
    async with open_arcadedb(parts, clock=clock) as graph:
        with pytest.raises(KnowledgeUnavailable, match="souvenir rebuild"):
            await checksum(graph, USER)
        await graph.clear()
        await graph.put(harbour())
        assert await checksum(graph, USER) == before


async def test_an_empty_database_that_is_damaged_is_made_anew(parts: Path, clock: FakeClock) -> None:
    """Nothing is in it."""
    async with open_arcadedb(parts, clock=clock) as graph:
        await graph.put(harbour())
        before = await checksum(graph, USER)
    for file in (parts / "nobody").glob("dictionary*"):
        file.unlink()
    async with open_arcadedb(parts, clock=clock) as graph:
        assert await checksum(graph, USER) == before
        assert await keys(graph, "nobody") == set()


@pytest.mark.parametrize("setting", ["ALLOW_FILE_URLS", "ALLOW_REMOTE_URLS"])
async def test_it_does_not_open_where_queries_could_reach_out(
    parts: Path, clock: FakeClock, setting: str
) -> None:
    """Neither files nor addresses: the settings are proved, not believed."""
    async with open_arcadedb(parts, clock=clock):
        pass
    known = machine.start(parts).JClass("com.arcadedb.GlobalConfiguration")
    switch = getattr(known, f"OPENCYPHER_LOAD_CSV_{setting}")
    switch.setValue(True)
    try:
        with pytest.raises(KnowledgeUnavailable, match="lets queries read files or addresses"):
            async with open_arcadedb(parts, clock=clock):
                pass
    finally:
        switch.setValue(False)
