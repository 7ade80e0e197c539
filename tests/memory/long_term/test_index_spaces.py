"""The contract of every long-term index on what it holds: vectors of one space, that come, change and go."""

from __future__ import annotations

import pytest

from memory.long_term.embedding import EmbeddingSpace
from memory.long_term.errors import SpaceMismatch
from tests.memory.long_term.fake_embedder import DIMENSION, HALF_FLOATS, SPACE, a_space, embedded, towards
from tests.memory.long_term.samples import CountedIndex, an_entry, ask, found


async def test_the_first_vectors_give_the_index_its_space(index: CountedIndex) -> None:
    """None before; then words alone leave it so; then it is the space of the vectors, and stays."""
    assert index.space is None
    await index.upsert([an_entry("words", "forest")])
    assert index.space is None
    await index.upsert([an_entry("both", "forest")], embedded(towards(0)))
    assert index.space == SPACE
    await index.upsert([an_entry("more", "forest")])
    await index.upsert([an_entry("again", "forest")], embedded(towards(1)))
    assert index.space == SPACE


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (a_space(model="fake:other"), "model 'fake:other' instead of 'fake:meaning'"),
        (a_space(dimension=DIMENSION + 1, canary=(*towards(0), 0.0)), "dimension 9 instead of 8"),
        (a_space(query_prefix=""), "query prefix '' instead of 'ask: '"),
        (a_space(document_prefix="passage: "), "document prefix 'passage: ' instead of 'text: '"),
        (a_space(canary=towards(0, 0.98)), "another model under the same name"),
    ],
)
async def test_vectors_of_another_space_are_refused(
    index: CountedIndex, other: EmbeddingSpace, difference: str
) -> None:
    """And then nothing of the call is written, not even words: the error says what differs."""
    await index.upsert([an_entry("a", "forest")], embedded(towards(0)))
    foreign = (*towards(1), 0.0)[: other.dimension]
    with pytest.raises(SpaceMismatch, match=difference):
        await index.upsert(
            [an_entry("a", "garden"), an_entry("b", "garden")], embedded(foreign, None, space=other)
        )
    assert index.space == SPACE
    assert await found(index, "garden") == []
    assert await index.count() == 1
    assert (await ask(index, "", towards(0)))["a"].dense == pytest.approx(1, abs=HALF_FLOATS)


async def test_a_space_of_slightly_other_vectors_is_the_same(index: CountedIndex) -> None:
    """Hardware and batching move the canary a little: that is no other model."""
    await index.upsert([an_entry("a", "forest")], embedded(towards(0)))
    await index.upsert(
        [an_entry("b", "forest")], embedded(towards(0), space=a_space(canary=towards(0, 0.999)))
    )
    assert index.space == SPACE
    assert len(await ask(index, "", towards(0))) == 2


async def test_upserting_again_adds_a_vector_replaces_it_or_takes_it_away(index: CountedIndex) -> None:
    """An entry is always what was written last: words and vector together."""
    entry = an_entry("a", "forest")
    await index.upsert([entry, an_entry("b", "garden")], embedded(None, towards(3)))
    assert await index.with_vectors("marie", ["doc-a", "doc-b"]) == {"b"}
    for vector in (towards(0), towards(1)):
        await index.upsert([entry], embedded(vector))
        assert await index.with_vectors("marie", ["doc-a", "doc-b"]) == {"a", "b"}
        hits = await ask(index, "forest", vector)
        assert hits["a"].dense == pytest.approx(1, abs=HALF_FLOATS)
    await index.upsert([entry])
    assert await index.with_vectors("marie", ["doc-a", "doc-b"]) == {"b"}
    assert (await ask(index, "forest", towards(1)))["a"].dense is None
    assert "a" not in await ask(index, "", towards(1))
    assert await index.count() == 2


async def test_vectors_are_added_to_what_is_there(index: CountedIndex) -> None:
    """Words and place stay as they are, other users' too; the first vectors give the space."""
    mine, other = an_entry("a", "forest"), an_entry("a", "forest", user="paul")
    await index.upsert([mine, other])
    await index.add_vectors([an_entry("a", "garden", source_id="elsewhere")], embedded(towards(0)))
    assert index.space == SPACE
    [hit] = (await ask(index, "forest", towards(0))).values()
    assert hit.source_id == "doc-a"
    assert hit.dense == pytest.approx(1, abs=HALF_FLOATS)
    assert hit.sparse > 0
    assert await index.with_vectors("paul", ["doc-a"]) == set()
    await index.add_vectors([mine], embedded(towards(1)))
    assert (await ask(index, "", towards(1)))["a"].dense == pytest.approx(1, abs=HALF_FLOATS)
    assert await index.count() == 2


async def test_what_is_not_there_yet_comes_in_with_its_vector(index: CountedIndex) -> None:
    """Whole, beside what is there; what was refused gets none, and loses none."""
    there, kept = an_entry("there", "forest"), an_entry("kept", "forest")
    await index.upsert([there, kept], embedded(None, towards(3)))
    await index.add_vectors([there, an_entry("new", "garden")], embedded(towards(0), towards(0, 0.5)))
    await index.add_vectors([kept], embedded(None))
    await index.add_vectors([], embedded())
    hits = await ask(index, "garden", towards(0), limit=2)
    assert hits["there"].dense == pytest.approx(1, abs=HALF_FLOATS)
    assert hits["new"].dense == pytest.approx(0.5, abs=HALF_FLOATS)
    assert hits["new"].sparse > 0
    assert await index.with_vectors("marie", ["doc-kept"]) == {"kept"}
    assert await index.count() == 3


async def test_vectors_of_another_space_are_not_added(index: CountedIndex) -> None:
    """Neither to what is there nor with what is not."""
    await index.upsert([an_entry("a", "forest")], embedded(towards(0)))
    with pytest.raises(SpaceMismatch, match="another model"):
        await index.add_vectors(
            [an_entry("a", "forest"), an_entry("b", "garden")],
            embedded(towards(1), towards(1), space=a_space(model="fake:other")),
        )
    assert await index.count() == 1
    assert (await ask(index, "", towards(0)))["a"].dense == pytest.approx(1, abs=HALF_FLOATS)


async def test_with_vectors_is_of_one_user_and_of_these_sources(index: CountedIndex) -> None:
    """Others' entries and other sources are not told; nor is anything before there are vectors."""
    assert await index.with_vectors("marie", ["doc-a"]) == set()
    entries = [an_entry("a", "forest"), an_entry("b", "forest"), an_entry("p", "forest", user="paul")]
    await index.upsert(entries, embedded(*[towards(0)] * 3))
    assert await index.with_vectors("marie", ["doc-a", "doc-p", "nowhere"]) == {"a"}
    assert await index.with_vectors("marie", []) == set()
    many = [an_entry(f"m{n}", "forest", source_id="many") for n in range(1500)]
    await index.upsert(many, embedded(*[towards(1)] * 1500))
    assert len(await index.with_vectors("marie", ["many"])) == 1500


async def test_erasing_takes_vectors_away(index: CountedIndex) -> None:
    """What was erased is not found by meaning either; the rest is, and the space stays."""
    entries = [an_entry("a", "forest", source_id="a"), an_entry("b", "garden", source_id="b")]
    await index.upsert(entries, embedded(towards(0), towards(0, 0.9)))
    await index.erase("marie", ["a"])
    assert (await ask(index, "", towards(0))).keys() == {"b"}
    await index.erase("marie", ["b"])
    assert await ask(index, "forest", towards(0)) == {}
    assert index.space == SPACE


async def test_clearing_takes_vectors_and_space_away(index: CountedIndex) -> None:
    """Then any other space may come, of any other size."""
    await index.upsert([an_entry("a", "forest")], embedded(towards(0)))
    await index.clear()
    assert index.space is None
    assert await ask(index, "forest", towards(0)) == {}
    wider = EmbeddingSpace("fake:wider", 3, "", "", (1.0, 0.0, 0.0))
    await index.upsert([an_entry("b", "garden")], embedded((0.0, 1.0, 0.0), space=wider))
    assert index.space == wider
    assert (await ask(index, "", (0.0, 1.0, 0.0))).keys() == {"b"}
