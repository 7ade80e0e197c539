"""Turns for programs that send a whole conversation and want text: the last human message is the question."""

import asyncio
import contextlib
import contextvars
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, cast

import structlog
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config
from pydantic import BaseModel
from typing_extensions import TypedDict

from graphs.agent.prompts import spoken
from memory.long_term.language import detect
from server.composition import Services
from server.failures import KNOWN, described
from server.pages.answer_text import streamed_text, whole_text
from server.turns import Event

_log = structlog.stdlib.get_logger("souvenir.chat")
_HUMAN = ("human", "HumanMessageChunk")
_UNEXPECTED = {
    "en": "Something went wrong in Souvenir itself; its log has the details. Please try again.",
    "fr": "Quelque chose a échoué dans Souvenir même ; son journal a les détails. Réessayez.",
}


class ChatMessage(BaseModel):
    """A message as LangChain's clients and the widget send it; what else they say of it is ignored."""

    type: str
    content: str | list[str | dict[str, Any]]


class ChatInput(TypedDict):
    """A conversation as chat programs send it; only its last human message is used."""

    messages: list[ChatMessage]


@dataclass(frozen=True)
class ChatTurns:
    """Runs turns; `config["configurable"]` holds the `thread_id`, and the `lang` of who asks."""

    services: Services

    async def whole(self, given: ChatInput, config: RunnableConfig) -> str:
        """Return a turn's answer with its sources; raises the `KNOWN` errors."""
        question = _question(given)
        async with contextlib.aclosing(self._turn(question, config)) as events:
            return await whole_text(events, _language(question, config))

    async def streamed(self, given: ChatInput, config: RunnableConfig) -> AsyncGenerator[str, None]:
        """Yield a turn's answer as it comes; an error is told as the answer, for it is all a person sees."""
        async with contextlib.aclosing(self._streamed(given, config, signed=False)) as texts:
            async for text in texts:
                yield text

    async def shown(self, given: ChatInput, config: RunnableConfig) -> AsyncGenerator[str, None]:
        """Yield the same for the widget: a person reads below every answer who gave it."""
        async with contextlib.aclosing(self._streamed(given, config, signed=True)) as texts:
            async for text in texts:
                yield text

    async def _streamed(
        self, given: ChatInput, config: RunnableConfig, *, signed: bool
    ) -> AsyncGenerator[str, None]:
        question = _question(given)
        lang = _language(question, config)
        try:
            async with contextlib.aclosing(self._turn(question, config)) as events:
                async for text in streamed_text(events, lang, signed=signed):
                    yield text
        except KNOWN as error:
            yield described(error, lang).message
        except Exception:  # The last door before a person: LangServe would show them nothing at all.
            _log.exception("a turn failed")
            yield _UNEXPECTED[lang]

    async def _turn(self, question: str, config: RunnableConfig) -> AsyncGenerator[Event, None]:
        user, turns = self.services.settings.local_user, self.services.turns
        await turns.check(user, question, None)
        stream = turns.stream(user, question, config["configurable"]["thread_id"])
        async with contextlib.aclosing(cast("AsyncGenerator[Event, None]", stream)) as events:
            yield await asyncio.create_task(_first(events), context=_without_callbacks())
            async for event in events:
                yield event


async def _first(events: AsyncGenerator[Event, None]) -> Event:
    return await anext(events)


def _without_callbacks() -> contextvars.Context:
    """Return a context to start a turn in.

    LangChain hands callbacks down through context variables; the caller's would send every prompt
    and every state of the graph to the client.
    """
    context = contextvars.copy_context()
    context.run(var_child_runnable_config.set, None)
    return context


def _question(given: ChatInput) -> str:
    """Return the text of the last human message; "" when there is none."""
    asked = [message.content for message in given["messages"] if message.type in _HUMAN]
    return str(HumanMessage(asked[-1]).text) if asked else ""


def _language(question: str, config: RunnableConfig) -> str:
    asked_in = str(config["configurable"]["lang"])
    return spoken(detect(question, default=asked_in)) if question.strip() else asked_in
