"""Answers that were given before, for tasks that depend on no conversation: a help that is never needed.

Whatever goes wrong with the cache costs a line in the log and one count, and then it is left alone a while.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog
from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from graphs.models.routes import ModelSpec
from graphs.models.structured_reading import Flaw, read
from memory.answer_cache.errors import AnswerCacheError
from memory.answer_cache.figures import CacheFigures
from memory.answer_cache.protocol import AnswerCache, Question

M = TypeVar("M", bound=BaseModel)
REST_SECONDS: Final = 5.0
"""How long a cache that failed is not asked."""
_SHAPES_NOTHING: Final = {"keep_alive", "budget"}
"""Settings of a model that change when an answer comes, and not what it says."""
_log = structlog.stdlib.get_logger("souvenir.models")


@dataclass(slots=True)
class CachedAnswers:
    """Looks for a valid answer before a model is asked, and keeps the one that it gave."""

    cache: AnswerCache
    rest_seconds: float = REST_SECONDS
    figures: CacheFigures = field(default_factory=CacheFigures)
    _not_before: float = field(default=-float("inf"), init=False)
    _said: str = field(default="", init=False)
    """What was last logged: the same reason is not said again until it worked meanwhile."""

    async def find(
        self, question: Question, schema: type[M], check: Callable[[M], str | None] | None
    ) -> M | None:
        """Return the answer that is kept, when it is valid today."""
        counted = self.figures.by_task[question.task]
        if time.monotonic() < self._not_before:
            counted.errors += 1
            return None
        try:
            text = await self.cache.get(question)
        except AnswerCacheError as error:
            self._failed(question.task, error)
            return None
        self._said = ""
        value = None if text is None else read(schema, text, check)
        if value is None or isinstance(value, Flaw):
            counted.misses += 1
            return None
        counted.hits += 1
        return value

    async def keep(self, question: Question, value: BaseModel) -> None:
        """Keep a valid answer, unless the cache is left alone at the moment."""
        if time.monotonic() < self._not_before:
            return
        try:
            await self.cache.put(question, value.model_dump_json(by_alias=True, round_trip=True))
        except AnswerCacheError as error:
            self._failed(question.task, error)

    def _failed(self, task: str, error: AnswerCacheError) -> None:
        self.figures.by_task[task].errors += 1
        self._not_before = time.monotonic() + self.rest_seconds
        if str(error) != self._said:
            self._said = str(error)
            _log.warning("answers are not cached for the moment", task=task, reason=self._said)


def question_of(
    user: str, task: str, spec: ModelSpec, schema: type[BaseModel], prompt: Sequence[BaseMessage]
) -> Question:
    """Return the question with all that its answer depends on."""
    about = [message for message in prompt if message.type != "system"]
    return Question(
        user=user,
        task=task,
        model=spec.model,
        parameters=spec.model_dump(mode="json", exclude=_SHAPES_NOTHING),
        schema=schema.model_json_schema(),
        prompt=[[message.type, _plain(message.content)] for message in prompt],
        text="\n".join(message.text for message in about),
    )


def _plain(content: Any) -> Any:  # noqa: ANN401  # a text, or parts of one as providers know them
    """Return what a message says in a form that JSON has, whatever a provider put into it."""
    return content if isinstance(content, str) else json.dumps(content, sort_keys=True, default=str)
