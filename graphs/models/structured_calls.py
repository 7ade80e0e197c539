"""Structured answers for tasks in the background: by route, with the breakers and the log of all calls."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from graphs.models.cached_answers import CachedAnswers, question_of
from graphs.models.call_log import CallLog
from graphs.models.chat import ChatModel, ModelFailed, Usage
from graphs.models.quiet import Quiet
from graphs.models.router import Router
from graphs.models.routes import ModelSpec, Task
from graphs.models.structured import Failure, structured
from memory.archive.entities import CallOutcome

M = TypeVar("M", bound=BaseModel)


class JsonModel(Protocol):
    """A `StructuredModel` that says what a call cost, and can be closed."""

    @property
    def component(self) -> str:
        """`provider:name`."""
        ...

    async def complete(
        self,
        messages: Sequence[BaseMessage],
        json_schema: dict[str, Any],
        *,
        loaded: bool = False,
        usage: Usage | None = None,
    ) -> str:
        """Return the whole answer; raises `ModelFailed`."""
        ...

    async def aclose(self) -> None:
        """Close the connections of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Asked(Generic[M]):
    """What came of one question to a route."""

    value: M | None
    served_by: str = ""
    failures: Sequence[Failure] = ()
    answered: bool = False
    """Some model said something, valid or not: asking again later is of little use where it was not."""
    cached: bool = False
    """It was said to the same question before, and no model was asked."""

    @property
    def reason(self) -> str:
        """Why there is no value, in words for people."""
        return "; ".join(f"{one.component}: {one.reason}" for one in self.failures)


class StructuredCalls:
    """Asks the models of a route for a value of a schema; gives way to conversations."""

    def __init__(
        self,
        router: Router,
        make: Callable[[ModelSpec, ChatModel], JsonModel],
        log: CallLog,
        quiet: Quiet | None = None,
        answers: CachedAnswers | None = None,
    ) -> None:
        self.router, self.answers = router, answers
        self._make, self._log, self._quiet = make, log, quiet or Quiet()
        self._models: dict[ModelSpec, JsonModel] = {}

    def why_not(self, task: Task) -> str | None:
        """Return why no model of a route can be asked at the moment; None when one can."""
        reasons = {model.component: self.router.why_not(model) for model in self.router.chain(task)}
        if any(reason is None for reason in reasons.values()):
            return None
        return "; ".join(f"{one}: {reason}" for one, reason in reasons.items()) or "no model is configured"

    def components(self, task: Task) -> set[str]:
        """Return the models of a route."""
        return {model.component for model in self.router.chain(task)}

    async def ask(
        self,
        task: Task,
        schema: type[M],
        prompt: Sequence[BaseMessage],
        *,
        check: Callable[[M], str | None] | None = None,
        user: str | None = None,
    ) -> Asked[M]:
        """Return a valid value, or why there is none; no failure of a model is raised.

        With a `user` whose question it is, an answer that a model gave him before may be returned; without,
        nothing is looked for and nothing is kept.
        """
        models = self.router.chain(task)
        first = self._first(models)
        if user is None or self.answers is None or first is None:
            return await self._of_models(task, schema, prompt, check, models)
        question = question_of(user, task, first.spec, schema, prompt)
        if (value := await self.answers.find(question, schema, check)) is not None:
            return Asked(value, first.component, answered=True, cached=True)
        asked = await self._of_models(task, schema, prompt, check, models)
        if asked.value is not None:
            served_by = models[len(asked.failures)].spec  # those before it were given up
            await self.answers.keep(question_of(user, task, served_by, schema, prompt), asked.value)
        return asked

    async def _of_models(
        self,
        task: Task,
        schema: type[M],
        prompt: Sequence[BaseMessage],
        check: Callable[[M], str | None] | None,
        models: Sequence[ChatModel],
    ) -> Asked[M]:
        async def once() -> Asked[M]:
            chain = [_Watched(self.router, model, self._json(model), task, self._log) for model in models]
            got = await structured(schema, prompt, chain, check=check)
            return Asked(got.value, got.served_by, got.failures, any(one.answered for one in chain))

        return await self._quiet.undisturbed(once)

    def _first(self, models: Sequence[ChatModel]) -> ChatModel | None:
        """Return the model that would be asked first: what another said counts only where that one cannot."""
        can = (model for model in models if self.router.why_not(model) is None)
        return next(can, models[0] if models else None)

    async def aclose(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(one.aclose() for one in self._models.values()), return_exceptions=True)

    def _json(self, model: ChatModel) -> JsonModel:
        if model.spec not in self._models:
            self._models[model.spec] = self._make(model.spec, model)
        return self._models[model.spec]


@dataclass(slots=True)
class _Watched:
    """One model of a chain, with its breaker and the log."""

    router: Router
    model: ChatModel
    json: JsonModel
    task: Task
    log: CallLog
    answered: bool = field(default=False, init=False)

    @property
    def component(self) -> str:
        return self.model.component

    async def complete(self, messages: Sequence[BaseMessage], json_schema: dict[str, Any]) -> str:
        if reason := self.router.why_not(self.model):
            raise ModelFailed(reason)
        usage, begun = Usage(), time.monotonic()
        outcome: CallOutcome = "interrupted"
        reason = "it gave way to a conversation"
        try:
            loaded = self.router.is_loaded(self.model)
            text = await self.json.complete(messages, json_schema, loaded=loaded, usage=usage)
            self.answered, outcome, reason = True, "ok", ""
            self.router.worked(self.model)
        except ModelFailed as failed:
            outcome, reason = "failed", str(failed)
            self.router.failed(self.model, reason)
            raise
        finally:
            took = round((time.monotonic() - begun) * 1000)
            abroad = self.model.abroad
            self.log.note(
                self.task, self.component, outcome, total_ms=took, reason=reason, usage=usage, abroad=abroad
            )
        return text
