"""What is known of embedding models, by name: how their texts begin, and what languages they learned.

From the models' own cards. A name is only a claim: where the server says that the architecture is another,
nothing of this holds. To add a family, add a row; the first pattern that matches wins.
"""

import re
from dataclasses import dataclass
from typing import Final

EUROPEAN: Final = frozenset(
    ("da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ro", "ru", "sv")
)
"""The languages that recall by words knows; multilingual models learned these and many more."""
ENGLISH: Final = frozenset({"en"})
_GRANITE: Final = frozenset(("ar", "cs", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pt", "zh"))

_SEARCHING = "Represent this sentence for searching relevant passages: "
_INSTRUCTION = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"  # no space
)


@dataclass(frozen=True, slots=True)
class Family:
    """Models that were trained alike."""

    pattern: str
    """A regular expression on the whole name, without namespace; the tag is part of it."""
    architectures: frozenset[str]
    """As Ollama reports them (`general.architecture`)."""
    languages: frozenset[str] = frozenset()
    """ISO 639-1 codes; empty when unknown."""
    query_prefix: str = ""
    document_prefix: str = ""


UNKNOWN: Final = Family(".*", frozenset())


def _family(
    pattern: str, architectures: str, languages: frozenset[str], query: str = "", document: str = ""
) -> Family:
    return Family(pattern, frozenset(architectures.split()), languages, query, document)


_FAMILIES: Final = (
    _family(r"nomic-embed-text-v2.*", "nomic-bert-moe", EUROPEAN, "search_query: ", "search_document: "),
    _family(r"nomic-embed-text.*", "nomic-bert", ENGLISH, "search_query: ", "search_document: "),
    _family(r"bge-m3.*", "bert", EUROPEAN),
    _family(r"snowflake-arctic-embed2.*", "bert", EUROPEAN, "query: "),
    _family(r"snowflake-arctic-embed.*", "bert nomic-bert", ENGLISH, _SEARCHING),
    _family(r"mxbai-embed-large.*", "bert", ENGLISH, _SEARCHING),
    _family(r"all-minilm.*", "bert", ENGLISH),
    _family(r"paraphrase-multilingual.*", "bert", EUROPEAN),
    _family(
        r"embeddinggemma.*",
        "gemma3 gemma-embedding",
        EUROPEAN,
        "task: search result | query: ",
        "title: none | text: ",
    ),
    _family(r"granite-embedding:278m.*", "bert", _GRANITE),
    _family(r"granite-embedding.*", "bert", ENGLISH),
    _family(r"qwen3-embedding.*", "qwen3", EUROPEAN, _INSTRUCTION),
)


def family_of(name: str, architecture: str | None = None) -> Family:
    """Return what is known of a model by its name at the provider, such as `bge-m3:latest`.

    `architecture` is what the server says, None when it does not: one that the family does not have makes
    the model an unknown one, without prefixes and without known languages.
    """
    bare = name.rpartition("/")[2].lower()
    family = next((one for one in _FAMILIES if re.fullmatch(one.pattern, bare)), UNKNOWN)
    if architecture is not None and architecture not in family.architectures:
        return UNKNOWN
    return family
