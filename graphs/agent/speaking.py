"""One call to a model: what it said, what a person saw of it, what it cost, and how it failed."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.tools import BaseTool

from graphs.agent.stopping import STOPPED, Stops, TurnStopped
from graphs.agent.voice import Choir
from graphs.models.chat import ChatModel, ModelFailed, Usage
from graphs.models.quiet import Quiet
from graphs.models.router import Router
from graphs.models.streams.repetition import without_loop
from graphs.models.streams.words import ThoughtAloud
from memory.archive.entities import CallOutcome

_UNSENT = re.compile("^connection refused|^no connection|is not installed|could not be set up")
"""Failures before anything was sent."""
ABROAD = "what you said left this machine: {sent} tokens sent, {received} received"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of one call."""

    message: AIMessage | None
    """What it said, whole; None when it failed."""
    failure: str = ""
    shown: str = ""
    """What a person had seen of the answer when it failed."""
    notices: list[str] = field(default_factory=list)
    """What was noticed and did not keep it from answering, in words for people."""
    record: dict[str, Any] = field(default_factory=dict)
    """What the log of calls keeps."""
    stopped: bool = False
    """The person wanted the turn to end."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Calls the models of a router, and has their words heard while they come."""

    router: Router
    clock: Callable[[], datetime]
    choir: Choir = field(default_factory=Choir)
    quiet: Quiet = field(default_factory=Quiet)
    """Told while a model answers, so that work in the background gives way."""
    stops: Stops = field(default_factory=Stops)

    async def speak(
        self,
        model: ChatModel,
        prompt: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        write: Callable[[dict[str, Any]], None],
        turn_id: str = "",
    ) -> Spoken:
        """Call a model, unless it is left alone at the moment; no failure of a model is raised.

        When the turn is asked to end, the model is left in the middle of what it says.
        """
        usage = Usage()
        if reason := self.router.why_not(model):
            return self._told(Spoken(None, reason), model, usage, "skipped")
        chunks: list[AIMessageChunk] = []
        try:
            async with self.stops.until_stopped(turn_id):
                with self.quiet.speaking(), self.choir.voice(write) as voice:
                    loaded = self.router.is_loaded(model)
                    async for chunk in model.stream(prompt, tools, loaded=loaded, usage=usage):
                        chunks.append(chunk)
                        voice.say(str(chunk.text))
        except TurnStopped:
            cut = Spoken(None, STOPPED, _text(chunks), stopped=True)
            return self._told(cut, model, usage, "interrupted")
        except ModelFailed as failed:
            self.router.failed(model, str(failed))
            shown = without_loop(_text(chunks))
            if isinstance(failed, ThoughtAloud):  # What was seen is no answer.
                shown = ""
            outcome: CallOutcome = "interrupted" if shown else "failed"
            return self._told(Spoken(None, str(failed), shown), model, usage, outcome)
        self.router.worked(model)
        outcome = "flagged" if usage.flags else "ok"
        return self._told(Spoken(_whole(chunks), notices=list(usage.flags)), model, usage, outcome)

    def _told(self, spoken: Spoken, model: ChatModel, usage: Usage, outcome: CallOutcome) -> Spoken:
        """Return it with its record, and with the notice that it left the machine where it did."""
        notices = list(spoken.notices)
        if model.abroad and outcome != "skipped" and not _UNSENT.search(spoken.failure):
            notices.append(ABROAD.format(sent=usage.prompt_tokens or "?", received=usage.answer_tokens or 0))
        record = {
            "model": model.component,
            "outcome": outcome,
            "reason": spoken.failure or "; ".join(usage.flags),
            "prompt_tokens": usage.prompt_tokens,
            "answer_tokens": usage.answer_tokens,
            "load_ms": usage.load_ms,
            "first_token_ms": usage.first_token_ms,
            "total_ms": usage.total_ms,
            "abroad": model.abroad,
            "at": self.clock().isoformat(),
        }
        return replace(spoken, notices=notices, record=record)


def _text(chunks: Sequence[AIMessageChunk]) -> str:
    return "".join(str(chunk.text) for chunk in chunks).strip()


def _whole(chunks: Sequence[AIMessageChunk]) -> AIMessage:
    if not chunks:
        return AIMessage("")
    whole = add_ai_message_chunks(*chunks)
    return AIMessage(whole.content, tool_calls=whole.tool_calls, id=whole.id)
