"""What stands around a passage: the texts before and after it in its document, for a model to read."""

from __future__ import annotations

from dataclasses import asdict, replace

from memory.archive.entities import Chunk, Document
from memory.archive.ids import chunk_id
from memory.long_term.passages import Passage, passage_from_dict
from memory.long_term.reading import Found, with_neighbours
from memory.long_term.recall import Recall
from tests.memory.archive.samples import a_turn
from tests.memory.long_term.memories import keep, keep_turn, search

TEXTS = ["The harbour has a crane.", "The budget of Atlas is 40,000 euros.", "Bread needs flour."]


async def around(recall: Recall, question: str, text: str) -> tuple[str, str]:
    """What stands before and after the passage with that text."""
    [passage] = [one for one in await search(recall, question) if one.text == text]
    return passage.before, passage.after


async def put(recall: Recall, document: Document, *positions: int) -> None:
    """Keep the document anew, with its texts at these positions alone."""
    chunks = [
        Chunk(chunk_id(document.id, document.content_hash, at), document.id, "marie", at, TEXTS[at], "", "en")
        for at in positions
    ]
    async with recall.archive.unit() as unit:
        await unit.documents.put(document, chunks)


async def test_the_texts_before_and_after(recall: Recall) -> None:
    """Nothing stands before the first or after the last."""
    await keep(recall, "notes.md", TEXTS)
    assert await around(recall, "Where is the crane?", TEXTS[0]) == ("", TEXTS[1])
    assert await around(recall, "What is the budget of Atlas?", TEXTS[1]) == (TEXTS[0], TEXTS[2])
    assert await around(recall, "What does bread need?", TEXTS[2]) == (TEXTS[1], "")


async def test_a_neighbour_that_is_found_itself_is_not_said_twice(recall: Recall) -> None:
    """It is read as a passage of its own; what is left is what was not found."""
    await keep(recall, "notes.md", TEXTS)
    both = "The budget of Atlas, or the flour?"
    assert await around(recall, both, TEXTS[1]) == (TEXTS[0], "")
    assert await around(recall, both, TEXTS[2]) == ("", "")


async def test_a_document_of_one_passage_has_nothing_around(recall: Recall) -> None:
    """Nor does another document lend it anything."""
    await keep(recall, "one.md", TEXTS[1:2])
    await keep(recall, "other.md", TEXTS[:1])
    assert await around(recall, "What is the budget of Atlas?", TEXTS[1]) == ("", "")


async def test_a_neighbour_that_is_gone(recall: Recall) -> None:
    """Nothing stands in its place, and nothing of another revision or user does."""
    document = await keep(recall, "notes.md", TEXTS)
    await keep(recall, "notes.md", ["Not hers."] * 3, user="paul")
    await put(recall, document, 0, 1)
    assert await around(recall, "What is the budget of Atlas?", TEXTS[1]) == (TEXTS[0], "")
    await put(recall, document, 1)
    assert await around(recall, "What is the budget of Atlas?", TEXTS[1]) == ("", "")
    before = await search(recall, "What is the budget of Atlas?")
    async with recall.archive.read() as unit:
        read = Found(await unit.documents.passages("marie", [before[0].item_id]))
    await put(recall, replace(document, content_hash="newer"), 0, 1, 2)
    assert await search(recall, "What is the budget of Atlas?") == []
    [stale] = await with_neighbours(recall.archive, "marie", before, read)
    assert (stale.before, stale.after) == ("", "")


async def test_a_past_turn_has_nothing_around(recall: Recall) -> None:
    """The turns before and after it are passages of their own."""
    for number, said in enumerate(TEXTS):
        await keep_turn(recall, a_turn(f"t{number}", question=said, answer="", lang="en"))
    assert await around(recall, "What is the budget of Atlas?", TEXTS[1]) == ("", "")


async def test_nothing_asked_for_is_nothing_read(recall: Recall) -> None:
    """No passages, no error."""
    assert await with_neighbours(recall.archive, "marie", [], Found()) == []


async def test_neighbours_survive_a_checkpoint(recall: Recall) -> None:
    """As a plain dictionary and back; one that was kept before there were any reads as without."""
    await keep(recall, "notes.md", TEXTS)
    [passage, *_] = await search(recall, "What is the budget of Atlas?")
    record = asdict(passage)
    assert passage_from_dict(record) == passage
    assert isinstance(passage, Passage)
    del record["before"], record["after"]
    assert passage_from_dict(record) == replace(passage, before="", after="")
