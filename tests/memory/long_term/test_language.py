"""Language detection: French and English questions first, names and numbers are of no language."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from memory.long_term.language import detect
from tests.graphs.ingestion import shared_data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qui dirige l'entreprise ?", "fr"),
        ("Où est Marie ?", "fr"),
        ("Combien coûte Alpha ?", "fr"),
        ("congés payés", "fr"),
        ("Rappelle-moi son prénom", "fr"),
        ("Who is Paul?", "en"),
        ("Can I smoke?", "en"),
        ("Tell me about Atlas", "en"),
        ("Wer ist das?", "de"),
        ("¿Dónde está Paul?", "es"),
        ("Chi è Marco?", "it"),
        ("Quem é Paulo?", "pt"),
        ("Wie heet Jan?", "nl"),
        ("Где он?", "ru"),
        ("東京はどこですか", "ja"),
    ],
)
def test_short_questions(text: str, expected: str) -> None:
    """A few words are enough, when one of them is a word of the language."""
    assert detect(text, default="en") == expected
    assert detect(text, default="fr") == expected


@pytest.mark.parametrize(
    "text", ["", "   ", "12 345,60", "Marie Dupont", "Atlas Nova Orion", "2024-03-01 / 17:30", "🙂"]
)
@pytest.mark.parametrize("default", ["en", "fr"])
def test_names_and_numbers_get_the_default(text: str, default: str) -> None:
    """What is of no language does not become one."""
    assert detect(text, default=default) == default


def test_it_is_safe_in_threads() -> None:
    """Eight threads that all come first get the same answers as one."""
    texts = ["Quelle est la date de livraison ?", "When does the train leave?"] * 50
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(detect, texts)) == ["fr", "en"] * 50


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(("what", "field"), [("questions", "question"), ("docs", "text")])
def test_accuracy_on_the_shared_questions_and_documents(lang: str, what: str, field: str) -> None:
    """At least 97 % of real questions, and 99 % of documents, are given their language."""
    entries = shared_data.lines(shared_data.folder("docqa") / f"{what}_{lang}.jsonl")
    right = sum(detect(entry[field], default="de") == lang for entry in entries)
    print(f"{lang} {what}: {right} of {len(entries)}")
    assert right / len(entries) >= (0.97 if what == "questions" else 0.99)
