"""What the archive promises of documents and chunks, on every backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from memory.archive.archive import Archive
from memory.archive.entities import Chunk
from memory.archive.errors import ArchiveReadOnly, ArchiveRefused
from tests.memory.archive.samples import NOON, a_document, chunks_of


async def test_a_document_comes_back_as_it_was_put(archive: Archive) -> None:
    """Every field comes back equal, dates aware and to the microsecond, chunks in order."""
    document = a_document(chunk_count=2)
    chunks = chunks_of(document, "un", "deux")
    async with archive.unit() as work:
        await work.documents.put(document, reversed(chunks))
    async with archive.read() as work:
        assert await work.documents.get("marie", "d1") == document
        assert await work.documents.chunks("marie", "d1") == chunks
        found = await work.documents.get("marie", "d1")
    assert found is not None and found.created_at.tzinfo is not None and found.created_at == NOON


async def test_putting_again_leaves_no_old_chunk(archive: Archive) -> None:
    """A replaced document has its new chunks only, fewer or not."""
    document = a_document(chunk_count=3)
    async with archive.unit() as work:
        await work.documents.put(document, chunks_of(document, "un", "deux", "trois"))
    shorter = replace(document, text="court", content_hash="def", chunk_count=1)
    new = chunks_of(shorter, "court", prefix="n")
    async with archive.unit() as work:
        await work.documents.put(shorter, new)
    async with archive.read() as work:
        assert await work.documents.chunks("marie", "d1") == new
        assert await work.documents.get("marie", "d1") == shorter
        assert await work.documents.passages("marie", ["d1-k0", "d1-k1", "d1-k2"]) == {}


async def test_the_number_of_chunks_is_what_was_written(archive: Archive) -> None:
    """Chunks may be a generator of unknown length: the count is the archive's, beyond one batch too."""
    document = a_document(chunk_count=7)

    def many() -> Iterator[Chunk]:
        yield from chunks_of(document, *(f"morceau {n}" for n in range(1201)))

    async with archive.unit() as work:
        await work.documents.put(document, many())
    async with archive.read() as work:
        stored = await work.documents.get("marie", "d1")
        assert stored is not None and stored.chunk_count == 1201
        assert [chunk.position for chunk in await work.documents.chunks("marie", "d1")] == list(range(1201))


async def test_lists_leave_the_text_out(archive: Archive) -> None:
    """`list` and `by_uri` give every field but the text, lists in the order of addresses."""
    second, first = a_document("d2"), a_document("d1")
    async with archive.unit() as work:
        await work.documents.put(second, [])
        await work.documents.put(first, [])
    async with archive.read() as work:
        assert await work.documents.list("marie") == [replace(first, text=""), replace(second, text="")]
        assert await work.documents.by_uri("marie", second.uri) == replace(second, text="")
        assert await work.documents.by_uri("marie", "file:///elsewhere") is None


async def test_passages_come_with_their_documents(archive: Archive) -> None:
    """Chunks asked for by id come with their document, thousands at once, unknown ids left out."""
    first, second = a_document("d1", chunk_count=1), a_document("d2", chunk_count=1)
    async with archive.unit() as work:
        await work.documents.put(first, chunks_of(first, "un"))
        await work.documents.put(second, chunks_of(second, "deux"))
    asked = ["d1-k0", *(f"unknown {n}" for n in range(2000)), "d2-k0", "d2-k0"]
    async with archive.read() as work:
        found = await work.documents.passages("marie", asked)
    assert found == {
        "d1-k0": (chunks_of(first, "un")[0], replace(first, text="")),
        "d2-k0": (chunks_of(second, "deux")[0], replace(second, text="")),
    }


async def test_deleting_takes_the_chunks_along(archive: Archive) -> None:
    """A deleted document is gone with its chunks; deleting it again says False."""
    document = a_document(chunk_count=1)
    async with archive.unit() as work:
        await work.documents.put(document, chunks_of(document, "un"))
        assert await work.documents.delete("marie", "d1") is True
        assert await work.documents.delete("marie", "d1") is False
    async with archive.read() as work:
        assert await work.documents.get("marie", "d1") is None
        assert await work.documents.chunks("marie", "d1") == []
        assert await work.documents.passages("marie", ["d1-k0"]) == {}


async def test_users_never_meet(archive: Archive) -> None:
    """Two users keep the same ids apart: reading, replacing and deleting touch one's own only."""
    mine = a_document(chunk_count=1)
    yours = replace(mine, user="paul", title="À Paul")
    async with archive.unit() as work:
        await work.documents.put(mine, chunks_of(mine, "de Marie"))
        await work.documents.put(yours, chunks_of(yours, "de Paul"))
        assert await work.documents.delete("jean", "d1") is False
        assert await work.documents.delete("marie", "d1") is True
    async with archive.read() as work:
        assert await work.documents.get("paul", "d1") == yours
        assert await work.documents.chunks("paul", "d1") == chunks_of(yours, "de Paul")
        for user in ("marie", "jean", ""):
            assert await work.documents.get(user, "d1") is None
            assert await work.documents.by_uri(user, mine.uri) is None
            assert await work.documents.list(user) == []
            assert await work.documents.chunks(user, "d1") == []
            assert await work.documents.passages(user, ["d1-k0"]) == {}


@pytest.mark.parametrize("wrong", [{"user": "paul"}, {"document_id": "d2"}])
async def test_a_chunk_of_another_document_is_refused(archive: Archive, wrong: dict[str, Any]) -> None:
    """A chunk that names another user or document is refused, and the old document stays whole."""
    document = a_document(chunk_count=1)
    chunks = chunks_of(document, "un")
    async with archive.unit() as work:
        await work.documents.put(document, chunks)
        with pytest.raises(ArchiveRefused):
            await work.documents.put(replace(document, title="new"), [replace(chunks[0], **wrong)])
    async with archive.read() as work:
        assert await work.documents.get("marie", "d1") == document
        assert await work.documents.chunks("marie", "d1") == chunks


async def test_one_address_is_one_document(archive: Archive) -> None:
    """A second document at the same address is refused: the first would stay behind. Nothing is quoted."""
    async with archive.unit() as work:
        await work.documents.put(a_document("d1", uri="file:///secret-name"), [])
        with pytest.raises(ArchiveRefused) as refused:
            await work.documents.put(a_document("d2", uri="file:///secret-name"), [])
    assert "secret-name" not in str(refused.value) and "\n" not in str(refused.value)
    async with archive.read() as work:
        assert [document.id for document in await work.documents.list("marie")] == ["d1"]


async def test_a_reader_cannot_write(archive: Archive) -> None:
    """Writing inside `read` raises ArchiveReadOnly and changes nothing."""
    with pytest.raises(ArchiveReadOnly):
        async with archive.read() as work:
            await work.documents.put(a_document(), [])
    async with archive.read() as work:
        assert await work.documents.list("marie") == []


async def test_several_are_read_at_once(archive: Archive) -> None:
    """Without their texts, and their chunks by document, in order; what is not there is not in the answer."""
    async with archive.unit() as work:
        for name in ("d1", "d2", "d3"):
            document = a_document(name, lang="fr" if name == "d3" else "en", chunk_count=2)
            await work.documents.put(document, reversed(chunks_of(document, f"{name} one", f"{name} two")))
    async with archive.read() as work:
        heads = await work.documents.heads("marie", ["d1", "d3", "d9"])
        chunks = await work.documents.chunks_of("marie", ["d1", "d2", "d9"])
        assert {name: head.text for name, head in heads.items()} == {"d1": "", "d3": ""}
        texts = {name: [chunk.text for chunk in some] for name, some in chunks.items()}
        assert texts == {"d1": ["d1 one", "d1 two"], "d2": ["d2 one", "d2 two"]}
        assert await work.documents.heads("paul", ["d1"]) == {}
        assert await work.documents.chunks_of("paul", ["d1"]) == {}
        assert await work.documents.languages("marie") == {"en": 2, "fr": 1}
        assert await work.documents.languages(None) == {"en": 2, "fr": 1}
        assert await work.documents.languages("paul") == {}
