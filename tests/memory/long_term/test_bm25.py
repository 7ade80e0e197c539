"""The words that count: stems without stop words, and without the words that only ask."""

from __future__ import annotations

import pytest

from memory.long_term.bm25 import terms


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("Je voudrais savoir qui tient le dépôt.", "tient dépôt"),
        ("Combien de vélos avons-nous ?", "vélos"),
        ("How many bikes are there?", "bikes"),
        ("Please tell me the price.", "price"),
    ],
)
def test_words_that_only_ask_do_not_count(asked: str, plain: str) -> None:
    """A polite question looks for the same words as a plain one."""
    lang = "fr" if "é" in plain else "en"
    assert terms(asked, lang, lang) == terms(plain, lang, lang) != frozenset()


@pytest.mark.parametrize("word", ["été", "était", "même", "être", "à", "très"])
def test_stop_words_with_accents_are_left_out(word: str) -> None:
    """The engine folds accents before it compares: the folded forms are stop words too."""
    assert terms(word, "fr") == frozenset()
