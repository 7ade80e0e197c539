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
from dataclasses import dataclass

from memory.long_term.entries import Question, SearchResult
from memory.long_term.question_words import question_words
from memory.long_term.readings import Reading, Readings
from memory.long_term.windows import Sought, WeighedText

_TRANSLATED = 0.5
"""What the words count for in a passage of another language that holds a name of the question and the
kind of thing asked for: there they cannot match, and that they do not proves nothing."""
MEANING, NEUTRAL = 5.0, 0.44
"""What meaning counts for, and where it speaks neither for nor against; read off the public questions."""
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
    states: bool = False
    """It says something that is neither a question nor the words of this one."""
    meaning: float | None = None
    """How far above chance its cosine is (`fusion.Signals.meaning`); None when it has no vector,
    or when the embedder is not known to have learned the languages of both: then it proves nothing."""

    @property
    def features(self) -> tuple[float, ...]:
        """The regression's inputs, in the order of `COEFFICIENTS` without the bias."""
        return self.passage, self.words, self.missing_names, self.unseen

    @property
    def confidence(self) -> float:
        """The probability that the passage answers the question.

        By words alone it is 0 when the passage holds nothing of the question but names.
        """
        if self.meaning is None and not (self.sentence and self.words):
            return 0.0
        *slopes, bias = COEFFICIENTS.values()
        logit = sum(a * b for a, b in zip(slopes, self.features, strict=True)) + bias
        if self.meaning is not None:
            logit += MEANING * (self.meaning - NEUTRAL)
        return 1 / (1 + math.exp(-logit))


class Judge:
    """Weighs passages of one language against one question."""

    def __init__(
        self, question: Question, lang: str, result: SearchResult, readings: Readings | None = None
    ) -> None:
        """Prepare for one question; `readings` spares reading the same passages again."""
        self._readings = readings or Readings()
        self._lang = lang
        self._words = question_words(question, lang, result)
        self._sought = Sought(question, lang, self._words)

    def weigh(self, title: str, text: str, before: str = "", meaning: float | None = None) -> Evidence:
        """Return what the passage holds of the question; the title counts for every sentence.

        What was said `before` helps to rank the passage. It is evidence of what the passage says only
        when it asked: then the passage is the answer. `meaning` goes into the evidence as it is.
        """
        sought = self._sought
        if not sought.total:
            return Evidence(meaning=meaning)
        heading = sought.held(self._read(title).words)
        earlier = self._read(before) if before else None
        said_before = sought.held(earlier.words) if earlier else sought.nothing
        if earlier and earlier.ends_asking:
            heading = sought.together(heading, said_before)
        passage = WeighedText(text, self._read(text), sought)
        focused = passage.best_window(range(len(passage.held)), heading)
        focus = (
            sought.share(sought.together(passage.within(focused), heading, said_before)) if focused else 0.0
        )
        stated = passage.stated
        window = focused if len(stated) == len(passage.held) else passage.best_window(stated, heading)
        whole = sought.together(heading, *(passage.held[at] for at in stated))
        if not window:
            return Evidence(
                missing_names=sought.missing_names(whole),
                unseen=sought.unseen,
                focus=focus,
                states=bool(stated),
                meaning=meaning,
            )
        near = sought.together(passage.within(window), heading)
        translated = sought.foreign and sought.names_one(near) and passage.holds_kind(window)
        return Evidence(
            passage=sought.share(whole),
            window=sought.share(near),
            words=_TRANSLATED if translated else math.sqrt(sought.plain_share(near)),
            missing_names=sought.missing_names(whole),
            unseen=0.0 if translated else sought.unseen,
            sentence=passage.said(window),
            focus=focus,
            states=True,
            meaning=meaning,
        )

    def _read(self, text: str) -> Reading:
        return self._readings.of(text, self._lang)
