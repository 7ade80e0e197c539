"""Recall with an embedder: what words miss is found, and without its vectors words go on answering."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from memory.archive.archive import Archive
from memory.long_term.embedding import EmbeddingSpace
from memory.long_term.entries import Question
from memory.long_term.passages import Passage
from memory.long_term.recall import EMBEDDING_SECONDS, Recall, Recalled
from tests.clock import FakeClock
from tests.memory.archive.samples import a_turn
from tests.memory.long_term.fake_embedder import FakeEmbedder, a_space, towards
from tests.memory.long_term.memories import keep, keep_turn, search
from tests.memory.long_term.samples import CountedIndex

BUDGET = "The budget of Atlas is 40,000 euros."
MEANINGS = {
    "40,000": towards(0),
    "funding": towards(0, 0.9),
    "Quelle somme": towards(0, 0.9),
    "crane": towards(1),
    "grue": towards(1),
    "lifts": towards(1, 0.9),
    "soulève": towards(1, 0.9),
    "Rex": towards(2),
    "animal": towards(2, 0.95),
    "pet": towards(2, 0.95),
}
OTHERS = [f"Page {number} is left blank on purpose." for number in range(4)]
"""What neither words nor meaning find."""


@pytest.fixture
def embedder() -> FakeEmbedder:
    """One that knows English and French."""
    return FakeEmbedder(MEANINGS)


@pytest.fixture
async def recall(index: CountedIndex, archive: Archive, clock: FakeClock, embedder: FakeEmbedder) -> Recall:
    """Recall over a memory with vectors, in English and in French."""
    recall = Recall(index, archive, clock, embedder)
    await keep(recall, "atlas.md", [BUDGET, "The harbour has a crane.", *OTHERS])
    await keep(recall, "port.md", ["Le port a une grue."], lang="fr")
    return recall


async def asked(recall: Recall, text: str, lang: str = "en") -> Recalled:
    """What recall finds, and what did not do its work."""
    return await recall.search("marie", Question(text, lang), 8)


def texts(passages: list[Passage]) -> list[str]:
    """Their texts, best first."""
    return [passage.text for passage in passages]


@pytest.mark.parametrize(
    ("question", "lang", "best"),
    [
        ("How much funding did they get?", "en", [BUDGET]),
        ("Quelle somme ont-ils ?", "fr", [BUDGET]),
        ("Who lifts weights over there?", "en", ["The harbour has a crane.", "Le port a une grue."]),
        ("Qui soulève tout cela ?", "fr", ["Le port a une grue.", "The harbour has a crane."]),
    ],
)
async def test_a_paraphrase_is_found_by_meaning(
    recall: Recall, question: str, lang: str, best: list[str]
) -> None:
    """No word is shared, in one language or across two; of equals the one in the question's goes first."""
    found = await asked(recall, question, lang)
    assert found.degraded == {}
    assert texts(found.passages)[: len(best)] == best
    assert found.passages[0].legs.sparse == 0
    assert found.passages[0].legs.dense == pytest.approx(0.9, abs=1e-3)
    assert found.passages[0].score > 3 * found.passages[len(best)].score
    assert texts(await search(replace(recall, embedder=None), question, lang=lang)) == []


@pytest.mark.parametrize(("question", "lang"), [("Tell me of my pet", "en"), ("Parle de mon animal", "fr")])
async def test_what_was_said_is_found_by_meaning_too(recall: Recall, question: str, lang: str) -> None:
    """A past turn that shares no word with the question is no turn that states nothing."""
    await keep_turn(recall, a_turn(question="I walk Rex at dawn.", answer="", lang="en"))
    [first, *_] = (await asked(recall, question, lang)).passages
    assert (first.kind, first.text) == ("turn", "I walk Rex at dawn.")


async def test_a_turn_that_only_asked_the_same_does_not_crowd_out(recall: Recall) -> None:
    """However near it is: the question in it is no answer."""
    await keep_turn(recall, a_turn(question="Rain fell all day. Who has a pet?", answer="", lang="en"))
    found = await asked(recall, "Who has a pet?")
    assert "turn" not in {passage.kind for passage in found.passages}


async def test_meaning_and_words_agree_on_the_first(recall: Recall) -> None:
    """A passage that both find is before one that either finds, and carries both scores."""
    await keep(recall, "words.md", ["The council was given a bell."])
    await keep(recall, "both.md", ["The council was given 40,000 euros."])
    found = await asked(recall, "How much funding was the council given?")
    assert texts(found.passages)[0] == "The council was given 40,000 euros."
    assert found.passages[0].legs.sparse
    assert found.passages[0].legs.dense


async def test_an_embedder_that_is_down_leaves_words(recall: Recall, embedder: FakeEmbedder) -> None:
    """The answer is that of words alone, and `degraded` says which component, and why."""
    question = "What is the budget of Atlas?"
    by_words = await search(replace(recall, embedder=None), question)
    embedder.down = "connection refused"
    found = await asked(recall, question)
    assert found.passages == by_words
    assert found.passages[0].legs.dense is None
    assert found.degraded == {"fake:meaning": "connection refused"}
    embedder.down = None
    again = await asked(recall, question)
    assert again.degraded == {}
    assert again.passages[0].legs.dense is not None


async def test_a_question_does_not_wait_for_a_slow_embedder(recall: Recall, embedder: FakeEmbedder) -> None:
    """It is answered by words once its patience ends, and says how long it waited."""
    assert recall.patience == EMBEDDING_SECONDS <= 3
    embedder.may_answer.clear()
    hasty = replace(recall, patience=0.05)
    async with asyncio.timeout(EMBEDDING_SECONDS):
        found = await asked(hasty, "What is the budget of Atlas?")
    assert texts(found.passages)[0] == BUDGET
    assert found.degraded == {"fake:meaning": "no vector within 0.05 s"}


@pytest.mark.parametrize(
    ("space", "difference"),
    [
        (a_space(canary=towards(3)), "another model under the same name"),
        (a_space(model="fake:newer"), "model 'fake:newer' instead of 'fake:meaning'"),
        (EmbeddingSpace("fake:meaning", 3, "ask: ", "text: ", (1.0, 0.0, 0.0)), "dimension 3 instead of 8"),
    ],
)
async def test_another_model_is_not_used_and_the_fix_is_named(
    recall: Recall, embedder: FakeEmbedder, space: EmbeddingSpace, difference: str
) -> None:
    """Its vectors mean nothing beside those of the index: words answer until the index is made again."""
    by_words = await search(replace(recall, embedder=None), "What is the budget of Atlas?")
    embedder.space = space
    found = await asked(recall, "What is the budget of Atlas?")
    assert found.passages == by_words
    assert found.degraded.keys() == {"fake:meaning"}
    assert difference in found.degraded["fake:meaning"]
    assert "souvenir documents rebuild" in found.degraded["fake:meaning"]


async def test_an_index_without_vectors_asks_no_embedder(
    index: CountedIndex, archive: Archive, clock: FakeClock, embedder: FakeEmbedder
) -> None:
    """There is nothing to compare with: no call, no wait, nothing degraded, even when it is down."""
    embedder.down = "connection refused"
    by_words = Recall(index, archive, clock)
    await keep(by_words, "atlas.md", [BUDGET])
    found = await asked(replace(by_words, embedder=embedder), "What is the budget of Atlas?")
    assert texts(found.passages) == [BUDGET]
    assert found.degraded == {}
    assert embedder.questions == []


async def test_an_index_that_is_cleared_while_a_question_waits_for_its_vector(
    recall: Recall, embedder: FakeEmbedder
) -> None:
    """The rebuild of memory ends no question: it finds what is there, by words."""
    embedder.may_answer.clear()
    searching = asyncio.create_task(asked(recall, "What is the budget of Atlas?"))
    await embedder.asked.wait()
    await recall.index.clear()
    embedder.may_answer.set()
    assert await searching == Recalled([], {})


async def test_meaning_raises_confidence_where_the_languages_are_known(recall: Recall) -> None:
    """And lowers it where a passage is far from the question; words count as before."""
    question = "What funding has the budget of Atlas?"
    by_words = {one.text: one.score for one in await search(replace(recall, embedder=None), question)}
    found = {one.text: one.score for one in (await asked(recall, question)).passages}
    assert found[BUDGET] > by_words[BUDGET]
    await keep(recall, "far.md", ["The budget of Atlas was on a page of the crane."])
    far = "The budget of Atlas was on a page of the crane."
    known = {one.text: one.score for one in (await asked(recall, question)).passages}
    unknown = {one.text: one.score for one in await search(replace(recall, embedder=None), question)}
    assert known[far] < unknown[far]


@pytest.mark.parametrize(("known", "lang"), [("en", "fr"), ("fr", "fr"), ("", "en"), ("de", "en")])
async def test_a_language_that_the_model_did_not_learn_ranks_and_proves_nothing(
    recall: Recall, embedder: FakeEmbedder, known: str, lang: str
) -> None:
    """Unless it knows the question's language and the passage's: the score is that of words alone."""
    embedder.languages = frozenset(known.split())
    question = {"fr": "Quelle somme a le budget Atlas ?", "en": "What funding has the budget of Atlas?"}[lang]
    by_words = await search(replace(recall, embedder=None), question, lang=lang)
    found = await asked(recall, question, lang)
    scores = {one.text: one.score for one in by_words}
    assert found.passages[0].text == BUDGET
    assert found.passages[0].legs.dense is not None
    assert {one.text: one.score for one in found.passages if one.lang == "en"} == {
        one.text: scores.get(one.text, 0.0) for one in found.passages if one.lang == "en"
    }
    paraphrase = {"fr": "Quelle somme ?", "en": "funding"}[lang]
    [first, *_] = (await asked(recall, paraphrase, lang)).passages
    assert (first.text, first.score) == (BUDGET, 0.0)


async def test_near_duplicates_leave_room(recall: Recall) -> None:
    """Of a text kept twice one is enough where few are wanted: another takes the place of the second."""
    await keep(recall, "copy.md", [BUDGET])
    question = "How much funding for the crane?"
    two = await search(recall, question, limit=2)
    assert BUDGET in texts(two)
    assert len(set(texts(two))) == 2


async def test_rank_tells_what_each_passage_was_ranked_by(recall: Recall) -> None:
    """All that was weighed, with its signals; the first has the highest score."""
    ranked = await recall.rank("marie", Question("How much funding did they get?", "en"))
    scores = [recall.weights.score(ranked.signals[passage.item_id]) for passage in ranked.passages]
    assert len(scores) == 7
    assert scores == sorted(scores, reverse=True)
    assert ranked.signals[ranked.passages[0].item_id].meaning > 0.8
    assert ranked.signals[ranked.passages[0].item_id].words == 0
