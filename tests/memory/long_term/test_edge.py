"""The embedded index alone: durable, rebuilt when it cannot be trusted, held by one process."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.entries import Question
from memory.long_term.errors import IndexUnavailable
from memory.shortcut import Shortcut
from tests.memory.long_term.fake_embedder import SPACE
from tests.memory.long_term.samples import an_entry, found
from tests.memory.long_term.slow_facets import SlowFacets

ROOT = Path(__file__).parents[3]


def spawn(module: str, *arguments: str) -> subprocess.Popen[str]:
    """Start one of the programs beside this file."""
    command = [sys.executable, "-m", f"tests.memory.long_term.{module}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_it_is_all_there_after_reopening(tmp_path: Path) -> None:
    """Entries, replacements and erasures; and it does not pass for a new index."""
    async with open_edge_index(tmp_path / "recall") as index:
        assert index.rebuilt
        await index.confirm()
        await index.upsert(
            [an_entry("a", "forest"), an_entry("b", "forêt", lang="fr"), an_entry("c", "forest")]
        )
        await index.upsert([an_entry("a", "garden")])
        await index.erase("marie", ["doc-c"])
    async with open_edge_index(tmp_path / "recall") as index:
        assert not index.rebuilt
        assert await index.count() == 2
        assert await found(index, "forest") == []
        assert await found(index, "garden") == ["a"]
        assert await found(index, "forêt", lang="fr") == ["b"]


async def test_cleared_is_empty_after_reopening_too(tmp_path: Path) -> None:
    """`clear` leaves a sound, empty index."""
    async with open_edge_index(tmp_path / "recall") as index:
        await index.upsert([an_entry("a", "forest")])
        await index.clear()
        assert index.rebuilt
        await index.confirm()
        await index.upsert([an_entry("b", "forest")])
    async with open_edge_index(tmp_path / "recall") as index:
        assert not index.rebuilt
        assert await found(index, "forest") == ["b"]


async def test_no_text_is_kept_in_its_files(tmp_path: Path) -> None:
    """The index holds hashes of words and identifiers: the words themselves are in the archive alone."""
    async with open_edge_index(tmp_path / "recall") as index:
        await index.upsert([an_entry("a", "xylophonecanary in the forest")])
        await found(index, "xylophonecanary")
    files = [file for file in (tmp_path / "recall").rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"xylophonecanary" in file.read_bytes().lower()]


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, seed: int) -> None:
    """Five times on one folder: killed while it upserts, all acknowledged is there again, vectors too."""
    rng = random.Random(seed)
    acknowledged: list[str] = []
    folder = tmp_path / "recall"
    ready = spawn("upserter_to_kill", str(folder), "r0")
    try:
        for number in range(5):
            child, ready = ready, spawn("upserter_to_kill", str(folder), f"r{number + 1}")
            said = _write_and_be_killed(child, rng)
            acknowledged += said
            async with open_edge_index(folder) as index:
                assert not index.rebuilt
                await _check(index, acknowledged, said)
    finally:
        with ready:
            ready.kill()


def _write_and_be_killed(child: subprocess.Popen[str], rng: random.Random) -> list[str]:
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("go\n")
        child.stdin.flush()
        said = [child.stdout.readline() for _ in range(rng.randint(1, 40))]
        for _ in range(rng.randint(0, 100_000)):  # somewhere between two acknowledgements, without a clock
            pass
        child.kill()
        said += child.stdout.readlines()
    assert said[0], "the writer never began"
    return [line.strip() for line in said if line.endswith("\n")]


async def _check(index: EdgeIndex, acknowledged: list[str], last: list[str]) -> None:
    result = await index.search("marie", Question("forest", "en"), 10**5)
    sources = [hit.source_id for hit in result.hits]
    assert {name: sources.count(name) for name in acknowledged} == dict.fromkeys(acknowledged, 3)
    assert len({hit.item_id for hit in result.hits}) == len(sources), "nothing is doubled"
    replaced = await index.search("marie", Question("garden", "en"), 10**5)
    assert {hit.source_id for hit in replaced.hits} >= set(last[:-1])
    assert index.space == SPACE
    near = await index.with_vectors("marie", acknowledged)
    even = [name for name in acknowledged if int(name.split("-")[1]) % 2 == 0]
    assert {item for item in near if not item.endswith("-0")} == {
        f"{n}-{part}" for n in even for part in (1, 2)
    }


async def test_an_index_that_was_not_confirmed_is_new_again(tmp_path: Path) -> None:
    """A crash between making an index and queueing everything for it must not leave it half full."""
    async with open_edge_index(tmp_path / "recall") as index:
        await index.upsert([an_entry("a", "forest")])
    async with open_edge_index(tmp_path / "recall") as index:
        assert index.rebuilt
        assert await index.count() == 0


@pytest.mark.parametrize("content", ['{"engine": "qdrant-edge", "schema": 0}', "not json", "", None])
async def test_another_fingerprint_means_a_new_index(tmp_path: Path, content: str | None) -> None:
    """Built with other settings, or by nobody knows what: made anew, empty, and it says so."""
    folder = tmp_path / "recall"
    async with open_edge_index(folder) as index:
        await index.confirm()
        await index.upsert([an_entry("a", "forest")])
    if content is None:
        (folder / "fingerprint.json").unlink()
    else:
        (folder / "fingerprint.json").write_text(content)
    async with open_edge_index(folder) as index:
        assert index.rebuilt
        assert await index.count() == 0
        await index.confirm()
        await index.upsert([an_entry("b", "forest")])
    async with open_edge_index(folder) as index:
        assert not index.rebuilt
        assert await found(index, "forest") == ["b"]


async def test_the_bm25_settings_are_in_the_fingerprint(tmp_path: Path) -> None:
    """Another k1, b, mean length, folding or stop words: another index."""
    async with open_edge_index(tmp_path / "recall") as index:
        await index.confirm()
    fingerprint = json.loads((tmp_path / "recall" / "fingerprint.json").read_text())
    assert fingerprint["bm25"].keys() >= {"k1", "b", "mean_words", "folding", "stop_words"}


@pytest.mark.parametrize("damage", ["garbage", "truncated", "gone", "a file"])
async def test_a_damaged_index_is_made_anew(tmp_path: Path, damage: str) -> None:
    """Whatever happened to its files: it opens, empty, and says so, and works."""
    folder = tmp_path / "recall"
    async with open_edge_index(folder) as index:
        await index.confirm()
        await index.upsert([an_entry(f"a{n}", "forest") for n in range(300)])
    _damage(folder, damage)
    async with open_edge_index(folder) as index:
        assert index.rebuilt
        assert await index.count() == 0
        await index.upsert([an_entry("b", "forest")])
        assert await found(index, "forest") == ["b"]


def _damage(folder: Path, damage: str) -> None:
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "fingerprint.json"]
    if damage == "a file":
        shutil.rmtree(folder)
        folder.write_text("this was a folder")
    elif damage == "gone":
        for child in folder.iterdir():
            if child.is_dir():
                shutil.rmtree(child)
    else:
        for file in files:
            size = file.stat().st_size
            file.write_bytes(b"\xff" * size if damage == "garbage" else b"")


async def test_a_second_process_is_told(tmp_path: Path) -> None:
    """While one holds the folder another gets IndexUnavailable, and nothing of the first is lost."""
    folder = tmp_path / "recall"
    with spawn("holder", str(folder)) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(IndexUnavailable, match="another process"):
            async with open_edge_index(folder):
                pass
        child.stdin.close()
    async with open_edge_index(folder) as index:
        assert not index.rebuilt
        assert await found(index, "forest") == ["held"]


async def test_a_closed_index_says_so(tmp_path: Path) -> None:
    """Every call of a closed index raises the named error."""
    async with open_edge_index(tmp_path / "recall") as index:
        await index.upsert([an_entry("a", "forest")])
    for call in (
        lambda: index.search("marie", Question("forest", "en"), 3),
        lambda: index.upsert([an_entry("b", "forest")]),
        lambda: index.erase("marie", ["doc-a"]),
        index.count,
        index.ping,
    ):
        with pytest.raises(IndexUnavailable):
            await call()


async def test_a_language_added_during_a_search_is_not_overlooked(tmp_path: Path) -> None:
    """A search that read the languages before a write must not leave them to the searches after it."""
    async with open_edge_index(tmp_path / "recall") as opened:
        shard = SlowFacets(opened._shard)
        folder = tmp_path / "recall"
        index = EdgeIndex(folder, shard, rebuilt=False, shortcut=Shortcut(closed=True))  # type: ignore[arg-type]  # stands in for it
        await index.upsert([an_entry("en", "Belmont")])
        searching = asyncio.create_task(found(index, "Belmont"))
        await asyncio.to_thread(shard.asked.wait, 30)
        await index.upsert([an_entry("fr", "Belmont", lang="fr")])
        shard.may_answer.set()
        await searching
        assert sorted(await found(index, "Belmont")) == ["en", "fr"]
