"""How many tokens a text is for a model: a guess from its letters, corrected by what the model counts."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

# English prose comes to 4.4 characters a token, French to 4.1, a table to 3.1.
_OF_A_LETTER: Final = 1 / 5
_OF_A_MARK: Final = 0.7
_OF_A_DIGIT: Final = 0.4
_OF_A_FURTHER_BYTE: Final = 0.35
"""Of letters with accents, and those of other scripts."""
_OF_A_MESSAGE: Final = 4
_MARKS: Final = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_DIGITS: Final = b"0123456789"

_DOUBT: Final = 200
"""Tokens that the guess counts for beside what a model counted: a short prompt says little of a long one."""
_REMEMBERED: Final = 0.9
_LOWEST, _HIGHEST = 0.5, 2.5
_FALL: Final = 0.75
"""A count below this part of what was expected shows a cut."""
_SURPLUS: Final = 1.2
"""A prompt that is expected to be at least so many times the window was cut, though less was counted."""
_MOST_TOOLS: Final = 256


@dataclass(slots=True)
class _Ratio:
    """What one model makes of the guess: on the whole, and for the prompts with the fewest tokens of late."""

    guessed: float = 0.0
    counted: float = 0.0
    latest: deque[float] = field(default_factory=lambda: deque(maxlen=8))

    @property
    def usual(self) -> float:
        return _bounded((_DOUBT + self.counted) / (_DOUBT + self.guessed))

    @property
    def low(self) -> float:
        return min([self.usual, *self.latest])

    def follow(self, guessed: float, counted: int) -> None:
        self.guessed = self.guessed * _REMEMBERED + guessed
        self.counted = self.counted * _REMEMBERED + counted
        self.latest.append(_bounded((_DOUBT + counted) / (_DOUBT + guessed)))


class TokenCounts:
    """What each model makes of text; one for a process."""

    def __init__(self) -> None:
        self._ratios: dict[str, _Ratio] = {}
        self._tools: dict[tuple[str, str], float] = {}

    def expected(
        self, component: str, messages: Sequence[BaseMessage], tools: Sequence[BaseTool] = ()
    ) -> int:
        """Return about how many tokens a prompt is for a model."""
        return round(self._guessed(messages, tools) * self._ratio(component).usual)

    def learn(
        self,
        component: str,
        messages: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        prompt_tokens: int,
    ) -> None:
        """Follow what a model counted; a count that shows a cut is not learned from."""
        guessed, ratio = self._guessed(messages, tools), self._ratio(component)
        if prompt_tokens > 0 and prompt_tokens >= _FALL * guessed * ratio.usual:
            self._ratios.setdefault(component, ratio).follow(guessed, prompt_tokens)

    def was_cut(
        self,
        component: str,
        messages: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        prompt_tokens: int,
        window: int,
    ) -> bool:
        """Tell whether a model read less than the prompt: too few tokens, or as many as its window holds."""
        if prompt_tokens <= 0:
            return False  # It did not count.
        least = self._guessed(messages, tools) * self._ratio(component).low
        return prompt_tokens >= window or prompt_tokens < _FALL * least or least > _SURPLUS * window

    def _ratio(self, component: str) -> _Ratio:
        return self._ratios.get(component) or _Ratio()

    def _guessed(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> float:
        return sum(map(_of_message, messages)) + sum(map(self._of_tool, tools))

    def _of_tool(self, tool: BaseTool) -> float:
        """Return the tokens of a tool's schema, which is made once: that takes longer than all the rest."""
        key = (tool.name, tool.description)
        if key not in self._tools:
            if len(self._tools) >= _MOST_TOOLS:
                self._tools.clear()
            self._tools[key] = _of_text(json.dumps(convert_to_openai_tool(tool), ensure_ascii=False))
        return self._tools[key]


def _of_message(message: BaseMessage) -> float:
    calls = message.tool_calls if isinstance(message, AIMessage) else ()
    called = sum(_of_text(f"{call['name']} {call['args']}") + _OF_A_MESSAGE for call in calls)
    return _of_text(str(message.text)) + called + _OF_A_MESSAGE


def _of_text(text: str) -> float:
    data = text.encode(errors="replace")
    marks = len(data) - len(data.translate(None, _MARKS))
    digits = len(data) - len(data.translate(None, _DIGITS))
    letters, further = len(text) - marks - digits, len(data) - len(text)
    return letters * _OF_A_LETTER + marks * _OF_A_MARK + digits * _OF_A_DIGIT + further * _OF_A_FURTHER_BYTE


def _bounded(ratio: float) -> float:
    return min(max(ratio, _LOWEST), _HIGHEST)
