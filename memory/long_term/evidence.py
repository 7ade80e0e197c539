"""How well a passage answers a question: an absolute confidence between 0 and 1.

BM25 scores only rank: the best passage has a high score even when nothing in memory is relevant.
Confidence rests on what share of the question the passage holds, in the whole passage and in its
best two sentences for the words that are not names, because a passage about the right person that
holds nothing else of the question does not answer it; on names that are missing; and on words that
memory has never seen. The coefficients lie between two logistic regressions, on public questions of
which half had their document removed and on the samples; `python -m tests.bench.confidence` fits and
reports them again.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from memory.long_term import bm25
from memory.long_term.answer_kinds import asked_for, holds
from memory.long_term.entries import Question, SearchResult
from memory.long_term.question_words import PREFIX, WORD, QuestionWord, fold, question_words
from memory.long_term.sentences import is_question, sentences

_RELATED = 0.6
"""What a related word counts for, beside the word itself."""
_TRANSLATED = 0.5
"""What the words count for in a passage of another language that holds a name of the question and the
kind of thing asked for: there they cannot match, and that they do not proves nothing."""
_OWN, _KIND = 0.25, 0.15
COEFFICIENTS = {"passage": 1.0, "words": 2.8, "missing_names": -3.1, "unseen": -3.0, "bias": -0.7}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a passage holds of a question. All shares are between 0 and 1."""

    passage: float = 0.0
    """Share of the question in the whole passage."""
    window: float = 0.0
    """Share in its best sentence or two in a row, questions left out: they state nothing."""
    words: float = 0.0
    """Square root of the share there of the words that are not names: the first ones tell most."""
    missing_names: float = 0.0
    """Share of the question that is names which the passage does not hold."""
    unseen: float = 0.0
    """Share of the question that no passage of this memory holds."""
    sentence: str = ""
    """The window's text: what to quote."""
    focus: float = 0.0
    """Like `window`, but over questions too: it ranks passages, and proves nothing."""

    @property
    def features(self) -> tuple[float, ...]:
        """The regression's inputs, in the order of `COEFFICIENTS` without the bias."""
        return self.passage, self.words, self.missing_names, self.unseen

    @property
    def confidence(self) -> float:
        """The probability that the passage answers the question; 0 when it holds nothing of it but names."""
        if not self.sentence or not self.words:
            return 0.0
        *slopes, bias = COEFFICIENTS.values()
        return 1 / (1 + math.exp(-(sum(a * b for a, b in zip(slopes, self.features, strict=True)) + bias)))


@dataclass(frozen=True, slots=True)
class _Text:
    """A text read once: its stems, and the beginnings of its long words."""

    text: str
    terms: frozenset[int]
    prefixes: frozenset[str]

    def __add__(self, other: "_Text") -> "_Text":
        text = f"{self.text} {other.text}"
        return _Text(text, self.terms | other.terms, self.prefixes | other.prefixes)


class Judge:
    """Weighs passages of one language against one question."""

    def __init__(self, question: Question, lang: str, result: SearchResult) -> None:
        self._question = question.text
        self._kind = asked_for(question.text)
        self._lang = lang
        self._foreign = lang != question.lang
        self._words = question_words(question, lang, result)
        self._asked = bm25.terms(question.text, lang)
        self._total = sum(word.weight for word in self._words)
        self._unseen = self._part(lambda word: word.unseen)

    def weigh(self, title: str, text: str, before: str = "") -> Evidence:
        """Return what the passage holds of the question; the title counts for every sentence.

        What was said `before` helps to rank the passage. It is evidence of what the passage says only
        when it asked: then the passage is the answer.
        """
        if not self._total:
            return Evidence()
        heading = self._read(title)
        if before and is_question(sentences(before)[-1]):
            heading = heading + self._read(before)
        read = [self._read(sentence) for sentence in sentences(text)]
        focused = self._best_window(read, heading)
        focus = self._share(focused + heading + self._read(before)) if focused else 0.0
        stated = [sentence for sentence in read if self._states(sentence)]
        window = focused if len(stated) == len(read) else self._best_window(stated, heading)
        if window is None:
            return Evidence(unseen=self._unseen, focus=focus)
        whole = sum(stated, heading)
        near = window + heading
        translated = self._foreign and self._could_answer(window, near)
        return Evidence(
            passage=self._share(whole),
            window=self._share(near),
            words=_TRANSLATED if translated else math.sqrt(self._words_share(near)),
            missing_names=self._part(lambda word: word.name and word.term not in whole.terms),
            unseen=0.0 if translated else self._unseen,
            sentence=window.text,
            focus=focus,
        )

    def _states(self, sentence: _Text) -> bool:
        """Tell a statement from a question, and from mere words of the question said again."""
        return not is_question(sentence.text) and not sentence.terms <= self._asked

    def _could_answer(self, window: _Text, near: _Text) -> bool:
        """Tell what can be told across languages: a name of the question is there, and the kind asked for."""
        named = any(word.name and word.term in near.terms for word in self._words)
        return named and holds(self._kind, window.text, self._question)

    def _best_window(self, read: Sequence[_Text], heading: _Text) -> _Text | None:
        """Return the sentence, or two in a row, that hold most of the question; the shorter of equals.

        What the words themselves hold counts a little more than what their heading lends to all of them,
        and the kind of thing asked for a little too.
        """
        best, chosen = 0.0, None
        windows = [*read, *(first + second for first, second in pairwise(read))]
        for window in windows:
            share = self._share(window + heading) + _OWN * self._share(window)
            if not self._foreign:
                share += _KIND * holds(self._kind, window.text, self._question)
            if share > best + 1e-9:
                best, chosen = share, window
        return chosen

    def _share(self, text: _Text) -> float:
        return sum(word.weight * _held(word, text) for word in self._words) / self._total

    def _words_share(self, text: _Text) -> float:
        words = [word for word in self._words if not word.name]
        total = sum(word.weight for word in words)
        return sum(word.weight * _held(word, text) for word in words) / total if total else 1.0

    def _part(self, belongs: Callable[[QuestionWord], bool]) -> float:
        return sum(word.weight for word in self._words if belongs(word)) / self._total if self._total else 0.0

    def _read(self, text: str) -> _Text:
        long_words = (fold(word) for word in WORD.findall(text) if len(word) >= PREFIX)
        return _Text(text, bm25.terms(text, self._lang), frozenset(word[:PREFIX] for word in long_words))


def _held(word: QuestionWord, text: _Text) -> float:
    if word.term in text.terms:
        return 1.0
    return _RELATED if word.prefix in text.prefixes else 0.0
