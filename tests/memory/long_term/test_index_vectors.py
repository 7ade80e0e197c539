"""The contract of every long-term index on meaning: found beside the words, scored by both, of one user."""

from __future__ import annotations

import math
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.long_term.embedding import Embedded, Vector, cosine
from memory.long_term.entries import Kind, Question
from tests.memory.long_term.fake_embedder import DIMENSION, HALF_FLOATS, SPACE, embedded, towards
from tests.memory.long_term.samples import CountedIndex, an_entry, ask, found


async def test_without_vectors_a_question_with_one_is_a_search_by_words(index: CountedIndex) -> None:
    """The vector is of no use, and no harm."""
    await index.upsert([an_entry("a", "forest"), an_entry("b", "garden")])
    with_vector = await index.search("marie", Question("forest", "en", towards(0)), 10)
    assert with_vector == await index.search("marie", Question("forest", "en"), 10)
    assert [(hit.item_id, hit.dense) for hit in with_vector.hits] == [("a", None)]


async def test_found_by_words_by_meaning_or_by_both(index: CountedIndex) -> None:
    """An entry without vector has no cosine; one without the question's words has no score of words."""
    entries = [
        an_entry("words", "The forest is dark."),
        an_entry("both", "A walk in the forest."),
        an_entry("meaning", "Trees as far as one sees."),
        an_entry("nothing", "Bread needs flour."),
    ]
    await index.upsert(entries, embedded(None, towards(0, 0.5), towards(0, 0.9), None))
    hits = await ask(index, "forest", towards(0))
    assert hits.keys() == {"words", "both", "meaning"}
    assert hits["words"].dense is None
    assert hits["words"].sparse > 0
    assert hits["both"].dense == pytest.approx(0.5, abs=HALF_FLOATS)
    assert hits["both"].sparse > 0
    assert hits["meaning"].dense == pytest.approx(0.9, abs=HALF_FLOATS)
    assert hits["meaning"].sparse == 0
    assert list(hits)[-1] == "meaning", "the best by words come first: fusing is not the index's task"


async def test_what_meaning_proposes_carries_its_score_of_words(index: CountedIndex) -> None:
    """The score is what the search by words gives it, in each language and for each user, weights too."""
    words = "Belmont harbour forest Hafen forêt crane congés invoice Brücke"
    texts = [f"Belmont {' '.join(words.split()[: n % 9])} number {n} of the harbour" for n in range(36)]
    users, langs = ("marie", "paul"), ("en", "fr", "de", "pl")
    entries = [
        an_entry(f"{user}-{lang}-{n}", text, user=user, lang=lang)
        for n, text in enumerate(texts)
        for user, lang in ((users[n % 2], langs[n % 4]),)
    ]
    vectors = [towards(0, n / 36) for n in range(36)]
    await index.upsert(entries, embedded(*vectors))
    for user in users:
        for lang in (*langs, "ja"):
            asked = Question("Belmont congés of the harbour, forêt, crane 8?", lang)
            by_words = await index.search(user, asked, 100)
            scores = {hit.item_id: hit.sparse for hit in by_words.hits}
            few = await index.search(user, Question(asked.text, lang, towards(0)), 4)
            assert few.term_weights == by_words.term_weights
            assert few.unseen == by_words.unseen
            assert len(few.hits) > 4, "the best by meaning are not the best by words"
            for hit in few.hits:
                assert hit.sparse == pytest.approx(scores.get(hit.item_id, 0.0), rel=1e-5), (lang, hit)
                number = int(hit.item_id.rsplit("-", 1)[1])
                assert hit.dense == pytest.approx(number / 36, abs=HALF_FLOATS)


async def test_a_vector_of_another_user_is_never_found(index: CountedIndex) -> None:
    """However near, and however far the user's own are."""
    mine = [an_entry(f"m{n}", "forest") for n in range(3)]
    others = [an_entry(f"p{n}", "forest", user="paul") for n in range(20)]
    vectors = [*[towards(0, 0.1)] * 3, *[towards(0)] * 20]
    await index.upsert([*mine, *others], embedded(*vectors))
    assert (await ask(index, "", towards(0), limit=5)).keys() == {"m0", "m1", "m2"}
    assert len(await ask(index, "", towards(0), user="paul", limit=5)) == 5
    for user in ("eve", ""):
        assert await ask(index, "forest", towards(0), user=user) == {}


async def test_kinds_do_not_hide_each_other(index: CountedIndex) -> None:
    """By meaning as by words: forty near turns leave room for documents that are less near."""
    turns = [an_entry(f"t{n}", "talk", kind="turn") for n in range(40)]
    chunks = [an_entry(f"c{n}", "text") for n in range(10)]
    vectors = [*[towards(0, 0.9)] * 40, *[towards(0, 0.3)] * 10]
    await index.upsert([*turns, *chunks], embedded(*vectors))
    hits = (await index.search("marie", Question("", "en", towards(0)), 5)).hits
    kinds: list[Kind] = [hit.kind for hit in hits]
    assert (kinds.count("turn"), kinds.count("chunk")) == (5, 5)


async def test_each_leg_keeps_the_limit_and_proposes_its_best(index: CountedIndex) -> None:
    """So many by words, so many by meaning, of each kind; what both propose is there once."""
    by_words = [an_entry(f"w{n}", "forest " * (n + 1)) for n in range(9)]
    by_meaning = [an_entry(f"m{n}", "trees") for n in range(9)]
    vectors = [*[None] * 9, *[towards(0, n / 9) for n in range(9)]]
    await index.upsert([*by_words, *by_meaning], embedded(*vectors))
    hits = await ask(index, "forest", towards(0), limit=3)
    assert [item for item in hits if item.startswith("w")] == await found(index, "forest", limit=3)
    assert {item for item in hits if item.startswith("m")} == {"m6", "m7", "m8"}
    everything = await index.search("marie", Question("forest", "en", towards(0)), 100)
    assert len({hit.item_id for hit in everything.hits}) == len(everything.hits) == 18


async def test_a_question_without_words_is_found_by_meaning(index: CountedIndex) -> None:
    """Stop words, signs, or nothing: the vector decides, and no score is invented for the words."""
    await index.upsert([an_entry("a", "forest")], embedded(towards(0)))
    for text in ("", "?!", "the of and", "🙂"):
        [hit] = (await ask(index, text, towards(0))).values()
        assert (hit.item_id, hit.sparse) == ("a", 0.0)
    assert await ask(index, "", None) == {}


async def test_vectors_without_a_direction_are_no_error(index: CountedIndex) -> None:
    """A zero vector is near nothing, and never gives a score that is no number."""
    await index.upsert(
        [an_entry("zero", "forest"), an_entry("a", "forest")], embedded((0.0,) * 8, towards(0))
    )
    for vector in (towards(0), (0.0,) * DIMENSION):
        for hit in (await ask(index, "forest", vector)).values():
            assert hit.dense is not None
            assert math.isfinite(hit.dense)


_WORDS = ["forest", "garden", "harbour", "crane", "forêt", "jardin", "Hafen", "grue", "the", "of", "42"]
_TEXTS = st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join)
_VECTORS = st.lists(st.floats(-1, 1, width=16), min_size=DIMENSION, max_size=DIMENSION).map(tuple)
_ENTRIES = st.tuples(
    _TEXTS, st.sampled_from(["en", "fr", "pl"]), st.sampled_from(["chunk", "turn"]), st.none() | _VECTORS
)
_USERS = count()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(memory=st.lists(_ENTRIES, max_size=12), asked=_TEXTS, vector=_VECTORS, limit=st.integers(1, 4))
async def test_any_small_memory(
    index: CountedIndex,
    memory: list[tuple[str, str, Kind, Vector | None]],
    asked: str,
    vector: Vector,
    limit: int,
) -> None:
    """Hits are the user's, scored by both legs; what words alone find first is there, with its score."""
    user = f"user {next(_USERS)}"
    entries = [
        an_entry(f"{user}-{n}", text, user=user, lang=lang, kind=kind)
        for n, (text, lang, kind, _) in enumerate(memory)
    ]
    vectors = {entry.item_id: known for entry, (*_, known) in zip(entries, memory, strict=True)}
    await index.upsert(entries, Embedded(SPACE, list(vectors.values()), {}), durable=False)
    words = (await index.search(user, Question(asked, "en"), limit)).hits
    scores = {hit.item_id: hit.sparse for hit in (await index.search(user, Question(asked, "en"), 100)).hits}
    both = await index.search(user, Question(asked, "en", vector), limit)
    assert {hit.item_id for hit in words} <= {hit.item_id for hit in both.hits}
    assert len(both.hits) <= 4 * limit, "so many of each kind by each leg"
    for hit in both.hits:
        assert hit.sparse == pytest.approx(scores.get(hit.item_id, 0.0), rel=1e-5)
        assert hit.lang in both.term_weights
        known = vectors[hit.item_id]
        assert (hit.dense is None) == (known is None)
        if known is not None:
            assert hit.dense == pytest.approx(cosine(known, vector), abs=2e-3)
