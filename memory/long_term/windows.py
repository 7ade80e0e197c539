"""The best window of a text for a question: the sentence, or two in a row, that hold most of it."""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from operator import mul

from memory.long_term import bm25
from memory.long_term.answer_kinds import AnswerKind, asked_for, holds
from memory.long_term.entries import Question
from memory.long_term.question_words import QuestionWord
from memory.long_term.readings import Reading, Words, beginning
from memory.long_term.sentences import said

Held = tuple[float, ...]
"""How much of each word of the question a text holds: 1 the word itself, less a related one, 0 nothing."""
Window = tuple[int, ...]
"""Positions of one sentence, or of two; empty where there is none."""

_RELATED = 0.6
"""What a related word counts for, beside the word itself."""
_OWN, _KIND = 0.25, 0.15
"""What a window's own words count for beside those that its heading lends, and the kind asked for."""
_MORE = 1e-9
"""By how much a later window must be better to be chosen instead."""


class Sought:
    """A question, as it is looked for in texts of one language."""

    def __init__(self, question: Question, lang: str, words: Sequence[QuestionWord]) -> None:
        self.question = question.text
        self.kind = asked_for(question.text)
        self.foreign = lang != question.lang
        self.asked = bm25.terms(question.text, lang)
        self.nothing: Held = (0.0,) * len(words)
        self._words = words
        self._pairs = [(word.term, beginning(word.prefix) if word.prefix else None) for word in words]
        self._any_of = Words(
            frozenset(term for term, _ in self._pairs),
            frozenset(begun for _, begun in self._pairs if begun is not None),
        )
        self._weights = tuple(word.weight for word in words)
        self._plain = tuple(0.0 if word.name else word.weight for word in words)
        self.total = sum(self._weights)
        unseen = sum(word.weight for word in words if word.unseen)
        self.unseen = unseen / self.total if self.total else 0.0
        """Share of the question that no passage of this memory holds."""

    def held(self, words: Words) -> Held:
        """Return what a sentence or text holds of the question; `nothing` itself when that is nothing."""
        terms, beginnings = words.terms, words.beginnings
        if self._any_of.terms.isdisjoint(terms) and self._any_of.beginnings.isdisjoint(beginnings):
            return self.nothing
        return tuple(
            [
                1.0 if term in terms else _RELATED if begun in beginnings else 0.0
                for term, begun in self._pairs
            ]
        )

    def together(self, *several: Held) -> Held:
        """Return what texts hold together."""
        some = [one for one in several if one is not self.nothing]
        if len(some) < 2:
            return some[0] if some else self.nothing
        return tuple(map(max, *some))

    def share(self, held: Held) -> float:
        """Return the share of the question that is held."""
        return 0.0 if held is self.nothing else sum(map(mul, self._weights, held)) / self.total

    def plain_share(self, held: Held) -> float:
        """Return the share of its words that are not names; 1 when all are."""
        total = sum(self._plain)
        return sum(map(mul, self._plain, held)) / total if total else 1.0

    def missing_names(self, held: Held) -> float:
        """Return the share of the question that is names which are not held."""
        words = zip(self._words, held, strict=True)
        return sum(word.weight for word, much in words if word.name and much < 1) / self.total

    def names_one(self, held: Held) -> bool:
        """Tell whether a name of the question is held."""
        return any(word.name and much == 1 for word, much in zip(self._words, held, strict=True))


class WeighedText:
    """A text beside a question: what each of its sentences holds of it."""

    def __init__(self, text: str, reading: Reading, sought: Sought) -> None:
        self._text = text
        self._sentences = reading.sentences
        self._sought = sought
        self._kinds: dict[int, bool] = {}
        if sought.held(reading.words) is sought.nothing:
            self.held = [sought.nothing] * len(reading.sentences)
        else:
            self.held = [sought.held(sentence.words) for sentence in reading.sentences]

    @property
    def stated(self) -> list[int]:
        """The sentences that state something: neither questions nor mere words of this one said again."""
        asked = self._sought.asked
        return [at for at, one in enumerate(self._sentences) if not (one.asks or one.words.terms <= asked)]

    def best_window(self, among: Iterable[int], heading: Held) -> Window:
        """Return the window that holds most of the question, the shorter and the earlier of equals.

        What its own words hold counts a little more than what their heading lends to all of them, and the
        kind of thing asked for a little too.
        """
        sought, places = self._sought, list(among)
        lent = sought.share(heading)
        best = _MORE
        chosen: Window = ()
        shares: dict[Held, float] = {sought.nothing: lent}
        for window in chain(zip(places), pairwise(places)):
            held = self.within(window)
            if (share := shares.get(held)) is None:
                own = _OWN * sought.share(held)
                share = shares[held] = sought.share(sought.together(held, heading)) + own
            # Without the kind it may not win, whatever it holds; in another language the kind says little.
            if not sought.foreign and share + _KIND > best and self.holds_kind(window):
                share += _KIND
            if share > best:
                best, chosen = share + _MORE, window
        return chosen

    def within(self, window: Window) -> Held:
        """Return what a window holds of the question."""
        if len(window) == 1:
            return self.held[window[0]]
        return self._sought.together(*(self.held[at] for at in window))

    def holds_kind(self, window: Window) -> bool:
        """Tell whether a window holds a thing of the kind that the question asks for."""
        return self._sought.kind is AnswerKind.ANY or any(map(self._has_kind, window))

    def said(self, window: Window) -> str:
        """Return the words of a window."""
        return " ".join(said(self._text, self._sentences[at].spans) for at in window)

    def _has_kind(self, at: int) -> bool:
        if (known := self._kinds.get(at)) is None:
            known = holds(self._sought.kind, self.said((at,)), self._sought.question)
            self._kinds[at] = known
        return known
