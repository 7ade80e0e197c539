"""The words of a question that count, and what each weighs."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from memory.long_term import bm25
from memory.long_term.entries import Question, SearchResult

WORD = re.compile(r"\w+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
"""The combining marks of Latin, Greek and Cyrillic letters, as NFKD leaves them."""
PREFIX = 5
"""Letters that two words share to count as related where stemming misses it (« fonder », « fondation »)."""
NAME_WEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class QuestionWord:
    """A word of the question as passages of one language would hold it."""

    term: int
    prefix: str | None
    weight: float
    """Inverse document frequency in this memory; names and figures weigh half as much again."""
    name: bool
    unseen: bool
    """No passage of this memory holds it, in any language."""


def question_words(question: Question, lang: str, result: SearchResult) -> tuple[QuestionWord, ...]:
    """Return the question's words for passages in `lang`, each stem once, stop words left out."""
    return tuple(_words(question, lang, result))


def fold(word: str) -> str:
    """Return the word, or text, in lower case without accents."""
    if word.isascii():
        return word.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", word.lower()))


def _words(question: Question, lang: str, result: SearchResult) -> Iterator[QuestionWord]:
    weights = result.term_weights[lang]
    done: set[int] = set()
    for position, word in enumerate(WORD.findall(question.text)):
        for term in (bm25.terms(word, lang, question.lang) & weights.keys()) - done:
            done.add(term)
            name = word[0].isdigit() or (position > 0 and word[0].isupper())
            yield QuestionWord(
                term=term,
                prefix=fold(word)[:PREFIX] if len(word) >= PREFIX else None,
                weight=weights[term] * (NAME_WEIGHT if name else 1.0),
                name=name,
                unseen=all(_is_unseen(word, other, question, result) for other in result.term_weights),
            )


def _is_unseen(word: str, lang: str, question: Question, result: SearchResult) -> bool:
    return bm25.terms(word, lang, question.lang) <= result.unseen
