"""Recall: passages from the archive, found by the index, in an order and with a confidence."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from memory.archive.entities import Chunk
from memory.archive.ids import chunk_id
from memory.long_term.entries import Question
from memory.long_term.passages import passage_from_dict, turn_entry, turn_text
from memory.long_term.recall import Recall
from tests.memory.archive.samples import a_turn
from tests.memory.long_term.memories import keep, keep_turn, search
from tests.memory.long_term.samples import CountedIndex


async def test_a_passage_says_where_it_stands(recall: Recall) -> None:
    """Text, title, address, locator and scores come from the archive and the index."""
    document = await keep(
        recall, "atlas.md", ["The weather is mild.", "The budget of Atlas is 40,000 euros. It may grow."]
    )
    [passage, *_] = await search(recall, "What is the budget of Atlas?")
    assert passage.kind == "chunk"
    assert passage.document_id == document.id
    assert (passage.title, passage.uri, passage.locator) == ("Notes", "file:///atlas.md", "page 2")
    assert passage.quote == "The budget of Atlas is 40,000 euros."
    assert 0.5 < passage.score < 1
    assert passage.legs.sparse is not None
    assert passage.legs.sparse > 0
    assert passage.legs.dense is None
    source = passage.as_source(3)
    assert source["n"] == 3
    assert source.keys() == {"n", "document_id", "title", "uri", "locator", "quote", "score", "legs"}


async def test_what_the_archive_forgot_does_not_come_back(recall: Recall, index: CountedIndex) -> None:
    """Though the index still has it: the archive decides. Old chunks of a changed document too."""
    gone = await keep(recall, "gone.md", ["The budget of Atlas is 40,000 euros."])
    kept = await keep(recall, "kept.md", ["The budget of Atlas is discussed by all of us."])
    async with recall.archive.unit() as unit:
        await unit.documents.delete("marie", gone.id)
        newer = replace(kept, content_hash="newer")
        text = "The budget of Atlas is secret."
        chunk = Chunk(chunk_id(kept.id, "newer", 0), kept.id, "marie", 0, text, "", "en")
        await unit.documents.put(newer, [chunk])
    assert await index.count() == 2
    assert await search(recall, "What is the budget of Atlas?") == []


async def test_a_deleted_conversation_does_not_come_back(recall: Recall) -> None:
    """Nor do its turns, whatever the index still holds."""
    await keep_turn(recall, a_turn(question="My dog is called Rex.", answer="", lang="en"))
    assert len(await search(recall, "What is my dog called?")) == 1
    async with recall.archive.unit() as unit:
        await unit.threads.delete("marie", "c1")
    assert await search(recall, "What is my dog called?") == []


async def test_nothing_of_others(recall: Recall) -> None:
    """Another user's passages are not found, nor is the same document under another user read."""
    await keep(recall, "atlas.md", ["The budget of Atlas is 40,000 euros."], user="paul")
    assert await search(recall, "budget of Atlas") == []
    assert len(await search(recall, "budget of Atlas", user="paul")) == 1


async def test_the_limit_is_kept(recall: Recall) -> None:
    """No more passages than asked for; the ones kept are the best of a larger set."""
    for number in range(40):
        await keep(recall, f"{number}.md", [f"The harbour has {number} cranes."])
    few = await search(recall, "How many cranes has the harbour?", limit=3)
    more = await search(recall, "How many cranes has the harbour?", limit=30)
    assert len(few) == 3
    assert len(more) == 30
    assert [passage.item_id for passage in more[:3]] == [passage.item_id for passage in few]


async def test_in_a_transcript_the_words_before_count(recall: Recall) -> None:
    """A line is found by what was said just before it; in other documents it is not."""
    lines = ["Who pays for the harbour crane?", "The council does, every year."]
    await keep(recall, "meeting.vtt", lines, media_type="text/vtt", title="Council")
    await keep(recall, "notes.md", lines, title="Other")
    found = await search(recall, "harbour crane")
    answers = [passage for passage in found if passage.text == lines[1]]
    assert [passage.title for passage in answers] == ["Council"]
    asked = await search(recall, "Who pays for the harbour crane?")
    believed = {passage.title: passage.score for passage in asked if passage.text == lines[1]}
    assert believed["Council"] > 0


async def test_the_words_before_are_not_read_from_another_revision(recall: Recall) -> None:
    """The chunk before is looked up by content: when it is gone, the line stands alone."""
    lines = ["Who pays for the harbour crane?", "The council pays for it."]
    document = await keep(recall, "meeting.vtt", lines, media_type="text/vtt")
    async with recall.archive.unit() as unit:
        chunk = Chunk(chunk_id(document.id, "abc", 1), document.id, "marie", 1, lines[1], "", "en")
        await unit.documents.put(document, [chunk])
    [passage] = await search(recall, "harbour crane council")
    assert passage.text == lines[1]


async def test_a_past_turn_is_a_passage(recall: Recall) -> None:
    """Who said what, and when: the locator is the moment, the address its thread."""
    await keep_turn(
        recall,
        a_turn(question="My dog is called Rex.", answer="Nice name!", lang="en", served_by="ollama:x"),
    )
    [passage] = await search(recall, "What is my dog called?")
    assert passage.kind == "turn"
    assert passage.document_id == "c1"
    assert passage.uri == "souvenir:thread/c1"
    assert passage.locator == "2026-01-15 12:00"
    assert "Rex" in passage.quote


def test_what_was_quoted_from_memory_is_not_something_said() -> None:
    """Of an answer that quotes or cites memory only the question counts; a model's own counts too."""
    asked = a_turn(question="My dog is called Rex.", answer="[1] The budget is 40,000 euros.")
    assert turn_text(asked) == "My dog is called Rex."
    entry = turn_entry(asked)
    assert entry is not None
    assert "40,000" not in entry.text
    cited = replace(asked, served_by="ollama:llama3.1:8b")
    assert turn_text(cited) == "My dog is called Rex."
    assert "40,000" in turn_text(replace(cited, sources=[]))


@pytest.mark.parametrize(
    "question", ["Who pays?", "Où est la clé ?", "what is the budget", "Qui paie ? Quand ?"]
)
def test_a_pure_question_is_not_remembered(question: str) -> None:
    """It added nothing to memory."""
    assert turn_entry(a_turn(question=question, served_by="memory", answer="[1] …")) is None


async def test_the_same_language_goes_first(recall: Recall) -> None:
    """Of two equal passages, the one in the question's language."""
    await keep(recall, "en.md", ["Belmont, Garnier, 1998: text."], lang="en")
    await keep(recall, "fr.md", ["Belmont, Garnier, 1998: text."], lang="fr")
    for lang in ("fr", "en"):
        found = await search(recall, "Belmont Garnier 1998", lang=lang)
        assert found[0].lang == lang


async def test_a_passage_survives_a_checkpoint(recall: Recall) -> None:
    """As a plain dictionary and back."""
    await keep(recall, "atlas.md", ["The budget of Atlas is 40,000 euros."])
    [passage] = await search(recall, "What is the budget of Atlas?")
    assert passage_from_dict(asdict(passage)) == passage


async def test_an_empty_memory_or_question_finds_nothing(recall: Recall) -> None:
    """And raises nothing."""
    assert await search(recall, "What is the budget of Atlas?") == []
    await keep(recall, "atlas.md", ["The budget of Atlas is 40,000 euros."])
    for text in ("", "?", "the", "🙂"):
        assert await search(recall, text) == []


async def test_who_is_named_said_it(recall: Recall) -> None:
    """Of equal lines of a transcript the one of the speaker whom the question names goes first."""
    lines = ["We need more seeds.", "Rain is coming.", "We need more seeds."]
    await keep(recall, "meeting.vtt", lines, media_type="text/vtt", speakers=["Marie", "Zoé", "Paul"])
    for name in ("Marie", "Paul"):
        found = await search(recall, f"What did {name} say of seeds?")
        assert found[0].locator.endswith(name)
        assert found[0].text == lines[0]


async def test_what_stands_beside_what_was_asked_for_counts_in_a_transcript(recall: Recall) -> None:
    """Next to a line that the question finds, before it or after; in other documents not."""
    lines = ["It eats seeds.", "The parrot is called Coco.", "Rain is coming.", "Seeds are dear."]
    await keep(recall, "meeting.vtt", lines, media_type="text/vtt", title="Council")
    await keep(recall, "notes.md", lines, title="Other")
    ranked = await recall.rank("marie", Question("the parrot Coco, seeds", "en"))
    beside = {(one.title, one.text): ranked.signals[one.item_id].beside for one in ranked.passages}
    assert beside["Council", lines[0]] > beside["Council", lines[3]]
    assert beside["Council", lines[1]] > 0
    assert {value for (title, _), value in beside.items() if title == "Other"} == {0}
