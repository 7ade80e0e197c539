"""What a call takes, written into the caller's `Usage` while it goes on."""

import time
from collections.abc import Sequence
from typing import Final

from langchain_core.messages import BaseMessage
from langchain_core.tools import BaseTool

from graphs.models.chat import Usage
from graphs.models.token_counts import TokenCounts

LOADED_MS: Final = 200
"""A model that took no longer was in memory already."""


class Meter:
    """Fills one `Usage`; the clock runs from here on."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        self._started = time.monotonic()

    def spoke(self) -> None:
        """Note that something came which a person sees; the first time counts."""
        if self.usage.first_token_ms is None:
            self.usage.first_token_ms = self._elapsed()

    def ended(self) -> None:
        """Note the end, however the call ended."""
        self.usage.total_ms = self._elapsed()

    def loaded(self, nanoseconds: object) -> None:
        """Note what the server says that loading took, when that was a load."""
        if isinstance(nanoseconds, int) and nanoseconds > LOADED_MS * 1_000_000:
            self.usage.load_ms = nanoseconds // 1_000_000

    def _elapsed(self) -> int:
        return int((time.monotonic() - self._started) * 1000)


def cut_prompt(
    counts: TokenCounts,
    component: str,
    messages: Sequence[BaseMessage],
    tools: Sequence[BaseTool],
    read: int,
    window: int,
    remedy: str = "raise num_ctx",
) -> str:
    """Return what to say of a prompt that was cut, in words for people; empty when the model read it all.

    What it read is learned from then.
    """
    if not counts.was_cut(component, messages, tools, read, window):
        counts.learn(component, messages, tools, read)
        return ""
    if (sent := counts.expected(component, messages, tools)) > read:
        return f"it read only {read} of about {sent} tokens of the prompt: {remedy}"
    return f"the prompt filled its whole window of {window} tokens: {remedy}"
