"""The embedded index on vectors alone: durable with their space, and made anew when that cannot be read."""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from qdrant_edge import UpdateOperation

from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.embedding import Embedded, EmbeddingSpace
from memory.long_term.entries import Question
from memory.long_term.errors import IndexUnavailable, SpaceMismatch
from memory.shortcut import Shortcut
from tests.memory.long_term.fake_embedder import DIMENSION, SPACE, a_space, embedded, towards
from tests.memory.long_term.samples import an_entry, found
from tests.memory.long_term.slow_facets import SlowFacets

NARROW = EmbeddingSpace("fake:narrow", 3, "", "", (1.0, 0.0, 0.0))
"""A space of another size."""
NEAR: tuple[float, ...] = (1.0, 0.0, 0.0)


async def dense(index: EdgeIndex, vector: tuple[float, ...]) -> dict[str, float | None]:
    """The cosines of what is found by meaning alone."""
    hits = (await index.search("marie", Question("", "en", vector), 100)).hits
    return {hit.item_id: hit.dense and round(hit.dense, 3) for hit in hits}


async def an_index_with_vectors(folder: Path) -> dict[str, Any]:
    """Make one of two entries, of which one has a vector, and return its stamp."""
    async with open_edge_index(folder) as index:
        await index.confirm()
        await index.upsert([an_entry("a", "forest"), an_entry("b", "forest")], embedded(towards(0), None))
    content: dict[str, Any] = json.loads((folder / "fingerprint.json").read_text())
    return content


async def test_vectors_and_their_space_survive_reopening(tmp_path: Path) -> None:
    """Every part of the space, to the last figure of its canary; entries without vectors stay without."""
    space = a_space(canary=tuple(1 / (n + 3) for n in range(DIMENSION)), query_prefix="« demande » ")
    async with open_edge_index(tmp_path / "recall") as index:
        await index.confirm()
        await index.upsert(
            [an_entry(name, "forest") for name in ("a", "b", "c", "d")],
            embedded(towards(0), towards(0, 0.5), towards(0, 0.2), None, space=space),
        )
        await index.upsert([an_entry("c", "forest")])
        await index.erase("marie", ["doc-b"])
    async with open_edge_index(tmp_path / "recall") as index:
        assert not index.rebuilt
        assert index.space == space
        assert await dense(index, towards(0)) == {"a": 1.0}
        assert sorted(await found(index, "forest")) == ["a", "c", "d"]
        await index.upsert([an_entry("e", "forest")], embedded(towards(0, 0.7), space=space))
        with pytest.raises(SpaceMismatch):
            await index.upsert([an_entry("f", "forest")], embedded(towards(0)))
        assert await dense(index, towards(0)) == {"a": 1.0, "e": 0.7}


async def test_added_vectors_survive_reopening(tmp_path: Path) -> None:
    """Also those that a later call made durable."""
    async with open_edge_index(tmp_path / "recall") as index:
        await index.confirm()
        entries = [an_entry("a", "forest"), an_entry("b", "forest")]
        await index.upsert(entries)
        await index.add_vectors(entries[:1], embedded(towards(0)))
        await index.add_vectors(entries[1:], embedded(towards(0, 0.5)), durable=False)
        await index.upsert([])
    async with open_edge_index(tmp_path / "recall") as index:
        assert (index.rebuilt, index.space) == (False, SPACE)
        assert await dense(index, towards(0)) == {"a": 1.0, "b": 0.5}
        assert sorted(await found(index, "forest")) == ["a", "b"]


@pytest.mark.parametrize("first", ["confirm", "vectors"])
async def test_a_new_index_is_stamped_with_its_space_when_confirmed(tmp_path: Path, first: str) -> None:
    """Whether its vectors come before the confirmation, as in a rebuild, or after it."""
    async with open_edge_index(tmp_path / "recall") as index:
        if first == "confirm":
            await index.confirm()
        await index.upsert([an_entry("a", "forest")], embedded(towards(0)))
        if first == "vectors":
            assert not (tmp_path / "recall" / "fingerprint.json").exists()
            await index.confirm()
    async with open_edge_index(tmp_path / "recall") as index:
        assert (index.rebuilt, index.space) == (False, SPACE)
        assert await dense(index, towards(0)) == {"a": 1.0}


async def test_cleared_is_without_a_space_after_reopening_too(tmp_path: Path) -> None:
    """`clear` and `confirm` leave an index that any space may enter."""
    await an_index_with_vectors(tmp_path / "recall")
    async with open_edge_index(tmp_path / "recall") as index:
        await index.clear()
        await index.confirm()
    async with open_edge_index(tmp_path / "recall") as index:
        assert (index.rebuilt, index.space) == (False, None)
        await index.upsert([an_entry("n", "forest")], embedded(NEAR, space=NARROW))
    async with open_edge_index(tmp_path / "recall") as index:
        assert index.space == NARROW
        assert await dense(index, NEAR) == {"n": 1.0}


@pytest.mark.parametrize("space", [SPACE, NARROW])
async def test_a_crash_between_the_room_and_the_stamp(tmp_path: Path, space: EmbeddingSpace) -> None:
    """Room for vectors under a stamp of before: the words are all there, and any space may enter."""
    folder = tmp_path / "recall"
    async with open_edge_index(folder) as index:
        await index.confirm()
        await index.upsert([an_entry("a", "forest")])
        before = (folder / "fingerprint.json").read_bytes()
        await index.upsert([], embedded())
        assert (folder / "fingerprint.json").read_bytes() != before
    (folder / "fingerprint.json").write_bytes(before)
    vector = towards(0)[: space.dimension]
    async with open_edge_index(folder) as index:
        assert (index.rebuilt, index.space) == (False, None)
        assert await found(index, "forest") == ["a"]
        assert await dense(index, vector) == {}
        await index.upsert([an_entry("b", "forest")], embedded(vector, space=space))
        assert await dense(index, vector) == {"b": 1.0}
    async with open_edge_index(folder) as index:
        assert (index.rebuilt, index.space) == (False, space)
        assert await dense(index, vector) == {"b": 1.0}


async def test_a_stamp_that_cannot_be_written_leaves_room_for_any_space(tmp_path: Path) -> None:
    """The call fails and says so; the next one, of the same model or another, succeeds."""
    async with open_edge_index(tmp_path / "recall") as index:
        await index.confirm()
        in_the_way = tmp_path / "recall" / "fingerprint.new"
        in_the_way.mkdir()
        with pytest.raises(IndexUnavailable):
            await index.upsert([an_entry("a", "forest")], embedded(towards(0)))
        assert index.space is None
        assert await index.count() == 0
        in_the_way.rmdir()
        await index.upsert([an_entry("a", "forest")], embedded(NEAR, space=NARROW))
        assert await dense(index, NEAR) == {"a": 1.0}


@pytest.mark.parametrize(
    "space",
    [
        "garbage",
        [1.0],
        {},
        {"model": "fake:meaning"},
        {"dimension": "8"},
        {"dimension": 0},
        {"dimension": DIMENSION + 1, "canary": [1.0] * (DIMENSION + 1)},
        {"canary": None},
        {"canary": ["a"] * DIMENSION},
        {"canary": [1.0]},
        {"of_a_later_version": 1},
    ],
    ids=lambda space: json.dumps(space)[:32],
)
async def test_a_stamp_whose_space_cannot_be_read(tmp_path: Path, space: Any) -> None:
    """Nobody could compare those vectors: the index is made anew and says so, so that they are made again."""
    folder = tmp_path / "recall"
    stamp = await an_index_with_vectors(folder)
    if isinstance(space, dict) and space and "model" not in space:
        space = {**stamp["space"], **space}
    (folder / "fingerprint.json").write_text(json.dumps({**stamp, "space": space}))
    async with open_edge_index(folder) as index:
        assert (index.rebuilt, index.space) == (True, None)
        assert await index.count() == 0
        await index.confirm()
        await index.upsert([an_entry("n", "forest")], embedded(NEAR, space=NARROW))
    async with open_edge_index(folder) as index:
        assert (index.rebuilt, index.space) == (False, NARROW)
        assert await dense(index, NEAR) == {"n": 1.0}


async def test_an_index_of_the_schema_before_is_made_anew(tmp_path: Path) -> None:
    """The one of words alone: it has neither room for vectors nor a word on them in its stamp."""
    folder = tmp_path / "recall"
    async with open_edge_index(folder) as index:
        await index.confirm()
        await index.upsert([an_entry("a", "forest")])
    stamp = json.loads((folder / "fingerprint.json").read_text())
    del stamp["space"]
    (folder / "fingerprint.json").write_text(json.dumps({**stamp, "schema": stamp["schema"] - 1}))
    async with open_edge_index(folder) as index:
        assert (index.rebuilt, index.space) == (True, None)
        assert await index.count() == 0


async def test_a_stamp_of_vectors_that_are_gone(tmp_path: Path) -> None:
    """The stamp speaks of vectors that the engine has no room for: anew, for they have to be made again."""
    folder = tmp_path / "recall"
    await an_index_with_vectors(folder)
    async with open_edge_index(folder) as index:
        index._shard.update(UpdateOperation.delete_vector_name("dense"))
    async with open_edge_index(folder) as index:
        assert (index.rebuilt, index.space) == (True, None)


async def test_a_first_passage_of_its_language_written_during_a_search_waits_for_the_next(
    tmp_path: Path,
) -> None:
    """Meaning needs no language, but what weighs the passages does: each hit's language is weighed."""
    async with open_edge_index(tmp_path / "recall") as opened:
        shard = SlowFacets(opened._shard)
        folder = tmp_path / "recall"
        index = EdgeIndex(folder, shard, rebuilt=False, shortcut=Shortcut(closed=True))  # type: ignore[arg-type]  # stands in for it
        await index.upsert([an_entry("en", "Belmont")], embedded(towards(0)))
        asked = Question("Belmont", "en", towards(0))
        searching = asyncio.create_task(index.search("marie", asked, 10))
        await asyncio.to_thread(shard.asked.wait, 30)
        await index.upsert([an_entry("fr", "Belmont", lang="fr")], embedded(towards(0)))
        shard.may_answer.set()
        result = await searching
        assert {hit.lang for hit in result.hits} <= result.term_weights.keys()
        again = await index.search("marie", asked, 10)
        assert {hit.item_id for hit in again.hits} == {"en", "fr"}


@pytest.mark.soak
async def test_a_large_index_opens_within_a_second(tmp_path: Path, seed: int) -> None:
    """Fifty thousand entries with vectors: the size counts, not how much each of them says."""
    rng = random.Random(seed)
    space = EmbeddingSpace("fake:large", 64, "", "", (1.0,) * 64)
    async with open_edge_index(tmp_path / "recall") as index:
        await index.confirm()
        for start in range(0, 50_000, 5_000):
            entries = [an_entry(f"e{n}", f"forest {n}") for n in range(start, start + 5_000)]
            vectors = [tuple(rng.random() for _ in range(64)) for _ in entries]
            await index.upsert(entries, Embedded(space, vectors, {}), durable=False)
        await index.upsert([])
    started = time.perf_counter()
    async with open_edge_index(tmp_path / "recall") as index:
        assert time.perf_counter() - started <= 1
        assert (index.rebuilt, index.space, await index.count()) == (False, space, 50_000)
