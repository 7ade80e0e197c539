"""The words of one answer, guarded: reasoning is taken out, and a loop ends it."""

from typing import Final

from graphs.models.chat import ModelFailed
from graphs.models.streams.reasoning import Reasoning
from graphs.models.streams.repetition import Repetition

CIRCLES: Final = "the answer went round in circles"
ALOUD: Final = "it thought aloud without saying so"


class ThoughtAloud(ModelFailed):
    """What had come out as the answer was reasoning. The next answer can be held back until it is over."""


class Words:
    """Guards one answer; its cost is that of the new text."""

    def __init__(self, reasoning: Reasoning) -> None:
        self.plain = False
        """Whether the answer had words, came to its own end, and closed no reasoning."""
        self._said = False
        self._reasoning = reasoning
        self._repetition = Repetition()

    def feed(self, text: str) -> str:
        """Take the next piece in and return what a person may see of it; raises `ModelFailed`."""
        if not text:
            return ""
        self._said = self._said or not text.isspace()
        if self._repetition.feed(text):
            raise ModelFailed(CIRCLES)
        shown = self._reasoning.feed(text)
        if self._reasoning.orphan:
            raise ThoughtAloud(ALOUD)
        return shown

    def wordless(self) -> None:
        """Note a frame without text: before the first word it is one of reasoning that is sent apart."""
        self._reasoning.told_apart()

    def close(self, *, whole: bool, thinker: bool = False) -> str:
        """Return what is left at the end; `whole`: the answer was not cut at its length.

        What a `thinker`, a model known to reason first, had said when it was cut without a tag is reasoning.
        """
        rest = self._reasoning.close(presumed=whole or not thinker)
        self.plain = whole and self._said and not self._reasoning.closed
        return rest
