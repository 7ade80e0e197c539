"""What is known of embedding models by name, and when it is not believed."""

from __future__ import annotations

import pytest

from graphs.models.embedding.families import UNKNOWN, family_of
from memory.long_term.bm25 import _LANGUAGES


@pytest.mark.parametrize(
    ("name", "query", "document", "french"),
    [
        ("nomic-embed-text", "search_query: ", "search_document: ", False),
        ("nomic-embed-text:v1.5", "search_query: ", "search_document: ", False),
        ("nomic-embed-text-v2-moe:latest", "search_query: ", "search_document: ", True),
        ("bge-m3", "", "", True),
        ("somebody/bge-m3:567m-fp16", "", "", True),
        ("snowflake-arctic-embed2", "query: ", "", True),
        (
            "snowflake-arctic-embed:22m",
            "Represent this sentence for searching relevant passages: ",
            "",
            False,
        ),
        ("mxbai-embed-large", "Represent this sentence for searching relevant passages: ", "", False),
        ("all-minilm:l6-v2", "", "", False),
        ("paraphrase-multilingual", "", "", True),
        ("embeddinggemma:300m", "task: search result | query: ", "title: none | text: ", True),
        ("granite-embedding:278m", "", "", True),
        ("granite-embedding:30m", "", "", False),
        ("granite-embedding", "", "", False),
    ],
)
def test_a_family_is_known_by_name(name: str, query: str, document: str, french: bool) -> None:
    """Its prefixes, and whether it learned French; every family learned English."""
    family = family_of(name)
    assert (family.query_prefix, family.document_prefix) == (query, document)
    assert "en" in family.languages
    assert ("fr" in family.languages) is french


def test_an_instruction_comes_before_the_question() -> None:
    """As the model's card has it, to the letter."""
    prefix = family_of("qwen3-embedding:0.6b").query_prefix
    assert prefix.startswith("Instruct: ")
    assert prefix.endswith("\nQuery:")


@pytest.mark.parametrize(
    ("name", "architecture", "believed"),
    [
        ("nomic-embed-text", "nomic-bert", True),
        ("nomic-embed-text", None, True),
        ("nomic-embed-text", "bert", False),
        ("nomic-embed-text-v2-moe", "nomic-bert-moe", True),
        ("embeddinggemma", "gemma3", True),
        ("qwen3-embedding:4b", "qwen3", True),
        ("bge-m3", "llama", False),
    ],
)
def test_the_server_is_believed_over_the_name(name: str, architecture: str | None, believed: bool) -> None:
    """Another architecture is another model: without prefixes, without known languages."""
    assert (family_of(name, architecture) != UNKNOWN) is believed


def test_an_unknown_name_has_no_prefix() -> None:
    """Nothing is guessed."""
    assert family_of("my-own-model:latest") == UNKNOWN
    assert UNKNOWN.languages == frozenset()


def test_multilingual_models_know_the_languages_of_recall_by_words() -> None:
    """So that nobody is sent to another model for a language that theirs has learned."""
    assert family_of("bge-m3").languages >= set(_LANGUAGES)
