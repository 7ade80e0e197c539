"""Sentences, and which of them ask: what may be quoted as an answer depends on both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.long_term.sentences import asks, is_question, is_statement, is_telling, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("One. Two! Three? Four…", ["One.", "Two!", "Three?", "Four…"]),
        ("M. Dupont a signé. Mme Martin aussi.", ["M. Dupont a signé.", "Mme Martin aussi."]),
        ("Dr. Smith met Mrs. Jones. They left.", ["Dr. Smith met Mrs. Jones.", "They left."]),
        ("Voir p. 12 et art. 5. Fin.", ["Voir p. 12 et art. 5.", "Fin."]),
        ("It costs 3.50 a day. 4 days are free.", ["It costs 3.50 a day.", "4 days are free."]),
        ("One line of it here\nand another line", ["One line of it here", "and another line"]),
        ("A heading\nIts first line.\n\nThe second.", ["A heading Its first line.", "The second."]),
        ("3.\nThe third entry of it.", ["3. The third entry of it."]),
        ("version 1.2 of the file.txt is here", ["version 1.2 of the file.txt is here"]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    """At their marks and at line breaks; not after an abbreviation, nor inside a number."""
    assert sentences(text) == expected


@given(st.text(max_size=300))
def test_no_word_is_lost(text: str) -> None:
    """Every letter and digit of a text is in its sentences, in order; none of them is empty."""
    found = sentences(text)
    assert all(found)
    assert [c for c in "".join(found) if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    "sentence",
    [
        "Who signed it?",
        "who signed it",
        "Tell me who signed it",
        "Signed by whom ?",
        "Qui a signé ?",
        "Où est Marie",
        "Quelle est la date",
        "Dis-moi qui a signé",
        "Est-ce que Marie est là",
        "À quelle heure part le train",
        "Pour qui travaille Paul",
        "Peux-tu me dire le prix",
        "Le prix est-il connu ?",
        "« Qui a signé ? »",
    ],
)
def test_what_asks(sentence: str) -> None:
    """With or without its mark, in English and French."""
    assert is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Marie signed it.",
        "Whoever comes first signs.",
        "Wholesale prices rose.",
        "Isabelle signed it.",
        "Marie a signé.",
        "Quittance reçue le 3 mars.",
        "Québec est une ville.",
        "Hasty people err.",
        "",
        "12",
    ],
)
def test_what_states(sentence: str) -> None:
    """A word that only begins like one that asks does not ask."""
    assert not is_question(sentence)


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("Marie signed it.", True),
        ("Remember that Marie signed it", True),
        ("my dog is called Rex", True),
        ("Mon chien s'appelle Rex", True),
        ("J'habite à Lyon", True),
        ("Je m'appelle Paul !", True),
        ("budget atlas", False),
        ("Who signed it?", False),
        ("Marie signed it. Who else did?", False),
        ("", False),
    ],
)
def test_what_tells_something_to_remember(text: str, states: bool) -> None:
    """A message that states, from its words or its mark; keywords alone, and anything that asks, do not."""
    assert is_statement(text) is states


@pytest.mark.parametrize(
    "message",
    [
        "Donne-moi le prix des charnières.",
        "Summarise the lease.",
        "Je voudrais savoir qui arrose les tomates.",
        "I would like to know who holds the deposit.",
        "I forgot what the monthly rent is.",
        "Merci beaucoup !",
        "Oublie ma voiture.",
    ],
)
def test_a_request_is_not_something_told(message: str) -> None:
    """What asks without a question mark is neither noted nor remembered as said."""
    assert asks(message)
    assert not is_telling(message)
    assert not is_statement(message)


@pytest.mark.parametrize(
    "message", ["My cat is called Moustache.", "Retiens que le code est 4417.", "J'habite à Nantes."]
)
def test_what_is_told_is_a_statement(message: str) -> None:
    """First person and "remember" tell, in both languages."""
    assert is_telling(message)
    assert is_statement(message)
