"""What recall has read of texts lately: their sentences, which words each holds, and whether it asks.

The same passages come up again and again. Nothing that can be read is kept: words are numbers, and so are the
text and the places of its sentences, so that what is forgotten leaves no text behind.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass

from memory.long_term import bm25
from memory.long_term.question_words import PREFIX, fold
from memory.long_term.sentences import Spans, is_question, said, sentence_spans

KEPT = 8192
"""Sentences; some 12 MB."""
_LONG_WORD = re.compile(rf"\b(\w{{{PREFIX}}})")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a sentence or a text, in numbers."""

    terms: frozenset[int] = frozenset()
    """Ids of the stemmed words (`bm25.terms`)."""
    beginnings: frozenset[int] = frozenset()
    """Of the long words, each as `beginning` gives it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence holds, and where it stands in its text."""

    words: Words
    asks: bool
    spans: Spans


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text holds: altogether, and sentence by sentence."""

    words: Words
    sentences: tuple[Sentence, ...]

    @property
    def ends_asking(self) -> bool:
        """Its last sentence is a question."""
        return bool(self.sentences) and self.sentences[-1].asks


class Readings:
    """The texts read last. Not for several threads at once."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._held = 0
        self._known: OrderedDict[tuple[str, int, int], Reading] = OrderedDict()

    def of(self, text: str, lang: str) -> Reading:
        """Read a text in a language, unless it is known."""
        key = (lang, len(text), hash(text))
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return known
        found = self._known[key] = _read(text, lang)
        self._held += _size(found)
        while self._held > self._kept and len(self._known) > 1:
            self._held -= _size(self._known.popitem(last=False)[1])
        return found


def beginning(prefix: str) -> int:
    """Return the number of the first letters of a long word."""
    return hash(prefix)


def _size(reading: Reading) -> int:
    return max(1, len(reading.sentences))


def _read(text: str, lang: str) -> Reading:
    found = tuple(_sentence(said(text, spans), lang, spans) for spans in sentence_spans(text))
    if len(found) == 1:
        return Reading(found[0].words, found)
    terms = frozenset[int]().union(*(one.words.terms for one in found))
    beginnings = frozenset[int]().union(*(one.words.beginnings for one in found))
    return Reading(Words(terms, beginnings), found)


def _sentence(text: str, lang: str, spans: Spans) -> Sentence:
    beginnings = frozenset(map(beginning, _LONG_WORD.findall(fold(text))))
    return Sentence(Words(bm25.terms(text, lang), beginnings), is_question(text), spans)
