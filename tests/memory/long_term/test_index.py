"""The contract of every long-term index: what is put in is found, by its user alone, until it is erased."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.long_term.entries import Question
from tests.memory.long_term.samples import CountedIndex, an_entry, found

# Half a character (a lone surrogate) cannot be stored by the archive, so it never gets here.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


async def test_what_is_put_in_is_found_best_first(index: CountedIndex) -> None:
    """More of the question's words, and rarer ones, rank higher; hits say what and whose they are."""
    await index.upsert(
        [
            an_entry("both", "The invoice of the harbour crane is due in March."),
            an_entry("one", "The harbour is closed at night."),
            an_entry("none", "Bread needs flour, water and salt."),
        ]
    )
    result = await index.search("marie", Question("harbour crane invoice", "en"), 10)
    assert [hit.item_id for hit in result.hits] == ["both", "one"]
    assert result.hits[0].source_id == "doc-both"
    assert result.hits[0].kind == "chunk"
    assert result.hits[0].sparse > result.hits[1].sparse > 0


async def test_an_entry_is_replaced_by_its_id(index: CountedIndex) -> None:
    """The same id again replaces text, language and source; the old words find nothing."""
    await index.upsert([an_entry("a", "A walk in the forest", source_id="old")])
    await index.upsert([an_entry("a", "Une promenade au jardin", lang="fr", source_id="new")])
    assert await index.count() == 1
    assert await found(index, "forest") == []
    assert await found(index, "jardin", lang="fr") == ["a"]
    await index.erase("marie", ["old"])
    assert await found(index, "jardin", lang="fr") == ["a"]


async def test_the_same_id_of_two_users_or_kinds_is_not_the_same_entry(index: CountedIndex) -> None:
    """Ids are unique for a user and a kind only."""
    await index.upsert(
        [an_entry("a", "forest"), an_entry("a", "forest", user="paul"), an_entry("a", "forest", kind="turn")]
    )
    assert await index.count() == 3
    assert await index.count("marie") == 2
    assert await index.count("paul") == 1


async def test_the_last_of_two_equal_ids_in_one_call_stays(index: CountedIndex) -> None:
    """One call with the same entry twice leaves one, the last."""
    await index.upsert([an_entry("a", "first forest"), an_entry("a", "second garden")])
    assert await index.count() == 1
    assert await found(index, "forest") == []
    assert await found(index, "garden") == ["a"]


async def test_erase_takes_every_entry_of_the_sources_and_nothing_else(index: CountedIndex) -> None:
    """By source and user; several at once; sources that are not there, or none at all, are no error."""
    await index.upsert(
        [
            an_entry("a1", "forest one", source_id="a"),
            an_entry("a2", "forest two", source_id="a"),
            an_entry("b1", "forest three", source_id="b"),
            an_entry("c1", "forest four", source_id="c"),
            an_entry("p1", "forest five", source_id="a", user="paul"),
        ]
    )
    await index.erase("marie", ["a", "c", "nowhere"])
    assert await found(index, "forest") == ["b1"]
    assert await found(index, "forest", user="paul") == ["p1"]
    await index.erase("marie", [])
    await index.erase("nobody", ["b"])
    assert await index.count() == 2


async def test_users_never_see_each_other(index: CountedIndex) -> None:
    """Not in results, and a user without entries finds nothing."""
    await index.upsert([an_entry("m", "the secret forest"), an_entry("p", "the secret forest", user="paul")])
    assert await found(index, "forest") == ["m"]
    assert await found(index, "forest", user="paul") == ["p"]
    assert await found(index, "forest", user="eve") == []
    assert await found(index, "forest", user="") == []


async def test_what_others_store_does_not_change_the_weights(index: CountedIndex) -> None:
    """The IDF counts the user's own entries: a hundred of another's leave hits, scores, weights alike."""
    mine = [an_entry(f"m{n}", f"forest walk number {n}") for n in range(5)]
    await index.upsert([*mine, an_entry("crane", "a crane in the forest")])
    question = Question("Where is the crane of the forest, and the whale?", "en")
    before = await index.search("marie", question, 10)
    await index.upsert([an_entry(f"p{n}", "crane whale", user="paul") for n in range(100)])
    after = await index.search("marie", question, 10)
    assert after == before
    assert after.unseen, "that another user knows of whales is not this user's knowledge"


async def test_a_french_question_finds_passages_of_both_languages(index: CountedIndex) -> None:
    """It is stemmed for each language held; what both share (a name) is found in either."""
    await index.upsert(
        [
            an_entry("fr", "Les factures de Belmont sont payées sous trente jours.", lang="fr"),
            an_entry("en", "Belmont pays its invoices within thirty days.", lang="en"),
            an_entry("other", "The weather is mild.", lang="en"),
        ]
    )
    result = await index.search("marie", Question("Quand Belmont paie-t-il la facture ?", "fr"), 10)
    assert [hit.item_id for hit in result.hits] == ["fr", "en"]
    assert set(result.term_weights) == {"fr", "en"}


async def test_a_language_is_searched_as_soon_as_it_is_there_and_no_more_when_gone(
    index: CountedIndex,
) -> None:
    """What languages a user holds follows every upsert and erasure."""
    await index.upsert([an_entry("en", "Belmont in English")])
    assert await found(index, "Belmont") == ["en"]
    await index.upsert([an_entry("fr", "Belmont en français", lang="fr")])
    assert sorted(await found(index, "Belmont")) == ["en", "fr"]
    await index.erase("marie", ["doc-en"])
    result = await index.search("marie", Question("Belmont", "en"), 10)
    assert set(result.term_weights) == {"fr"}


async def test_accents_and_inflections_are_folded(index: CountedIndex) -> None:
    """« congés » is found by « conge », and the other way round; so are plurals, and capitals."""
    await index.upsert(
        [
            an_entry("accents", "Les congés payés de l'été", lang="fr"),
            an_entry("none", "Le reglement interieur", lang="fr"),
        ]
    )
    assert await found(index, "conge paye", lang="fr") == ["accents"]
    assert await found(index, "CONGÉS", lang="fr") == ["accents"]
    assert await found(index, "Règlements intérieurs", lang="fr") == ["none"]


async def test_stop_words_find_nothing(index: CountedIndex) -> None:
    """Neither the plain ones nor those that folding takes their accents from, nor words that ask."""
    french = "Il a été là, et même très tôt, où elle était déjà ; ça fait combien, quand, pourquoi ?"
    await index.upsert(
        [an_entry("fr", french, lang="fr"), an_entry("en", "How much is it, and who was there?")]
    )
    for question in ("été même très où était déjà", "Combien ? Quand ? Pourquoi ?", "qui est-ce que c'est"):
        assert await found(index, question, lang="fr") == [], question
    for question in ("how much", "who was it", "what is this?"):
        assert await found(index, question) == [], question


async def test_french_stop_words_are_noise_among_english_passages_too(index: CountedIndex) -> None:
    """« le », « des » in an English passage are not what a French question asks for."""
    await index.upsert([an_entry("en", "We read Le Monde and the Chanson des Vieux.")])
    assert await found(index, "le prix des ponts", lang="fr") == []


async def test_the_limit_is_kept_over_all_languages(index: CountedIndex) -> None:
    """At most so many hits, the best of all."""
    await index.upsert([an_entry(f"e{n}", "forest " * (n + 1)) for n in range(20)])
    await index.upsert([an_entry(f"f{n}", "forest " * (n + 1), lang="fr") for n in range(20)])
    result = await index.search("marie", Question("forest", "en"), 7)
    assert len(result.hits) == 7
    scores = [hit.sparse for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    everything = (await index.search("marie", Question("forest", "en"), 100)).hits
    assert result.hits == everything[:7]


async def test_a_language_without_a_stemmer_is_searched_by_its_words(index: CountedIndex) -> None:
    """Polish has none here: whole words are found all the same."""
    await index.upsert([an_entry("pl", "Umowa została podpisana w Krakowie", lang="pl")])
    assert await found(index, "umowa", lang="pl") == ["pl"]
    assert await found(index, "Krakowie", lang="fr") == ["pl"]


async def test_clear_and_count(index: CountedIndex) -> None:
    """After `clear` there is nothing, and the index goes on working."""
    await index.upsert([an_entry("a", "forest"), an_entry("b", "forêt", lang="fr", user="paul")])
    assert (await index.count(), await index.count("paul"), await index.count("eve")) == (2, 1, 0)
    await index.clear()
    assert (await index.count(), await index.count("paul")) == (0, 0)
    assert await found(index, "forest") == []
    await index.upsert([an_entry("a", "garden")])
    assert await found(index, "garden") == ["a"]


async def test_nothing_to_do_is_done(index: CountedIndex) -> None:
    """No entries, no words, no memory: empty results, and no error."""
    await index.upsert([])
    assert await found(index, "anything") == []
    await index.upsert([an_entry("empty", "")])
    assert await index.count() == 1
    for text in ("", " ", "?!", "🙂", "the of and"):
        assert await found(index, text) == []


async def test_ping_names_the_engine(index: CountedIndex) -> None:
    """A name and a version."""
    name, version = (await index.ping()).split()
    assert name
    assert version[0].isdigit()


async def test_searches_and_writes_at_once(index: CountedIndex) -> None:
    """Fifty of each together: no error, and everything is there at the end."""

    async def write(number: int) -> None:
        lang = "fr" if number % 2 else "en"
        await index.upsert([an_entry(f"e{number}", f"forest number {number}", lang=lang)])

    searches = [found(index, "forest", limit=100) for _ in range(50)]
    await asyncio.gather(*(write(number) for number in range(50)), *searches)
    assert len(await found(index, "forest", limit=100)) == 50


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, question=TEXTS, lang=st.sampled_from(["en", "fr", "de", "ja", "pl", "xx"]))
async def test_any_text_can_be_stored_and_asked_for(
    index: CountedIndex, text: str, question: str, lang: str
) -> None:
    """Whatever the characters: no error, and a text that has words is found by itself."""
    await index.upsert([an_entry("any", text, lang=lang)])
    asked = await index.search("marie", Question(question, lang), 5)
    assert all(hit.sparse > 0 for hit in asked.hits)
    itself = await index.search("marie", Question(text, lang), 5)
    assert bool(itself.hits) == any(itself.term_weights.values())
    assert await index.count() == 1
