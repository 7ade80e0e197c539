"""Answers of a given shape: a chain of models, each asked once, and once more with what was wrong.

Either the whole answer is valid, or there is none and each model's reason is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from graphs.models.chat import ModelFailed
from graphs.models.structured_prompts import repair
from graphs.models.structured_reading import Flaw, read

M = TypeVar("M", bound=BaseModel)
_ATTEMPTS = 2  # calls to one model: the question, and one repair


class StructuredModel(Protocol):
    """A model that can be held to a JSON schema."""

    @property
    def component(self) -> str:
        """`provider:name`, as shown in `served_by` and in failures."""
        ...

    async def complete(self, messages: Sequence[BaseMessage], json_schema: dict[str, Any]) -> str:
        """Return the whole answer, as it was said; raises `ModelFailed` when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """A model that was given up, and why; the reason holds nothing of the prompt or of the answer."""

    component: str
    reason: str


@dataclass(frozen=True, slots=True)
class Structured(Generic[M]):
    """The value with the model that gave it, or None; and the models that were given up before."""

    value: M | None = None
    served_by: str = ""
    """The component of the model that gave the value; empty without a value."""
    failures: list[Failure] = field(default_factory=list)
    """One for each model that was given up, in the order of the chain."""
    repairs: int = 0
    """How many second calls were made, on all models together."""


@dataclass(frozen=True, slots=True)
class _Request(Generic[M]):
    schema: type[M]
    json_schema: dict[str, Any]
    prompt: Sequence[BaseMessage]
    check: Callable[[M], str | None] | None


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[M]):
    value: M | None
    repairs: int
    reason: str = ""


async def structured(
    schema: type[M],
    prompt: Sequence[BaseMessage],
    chain: Sequence[StructuredModel],
    *,
    check: Callable[[M], str | None] | None = None,
) -> Structured[M]:
    """Ask each model in turn for a `schema`, until one gives a valid one; no failure of a model is raised.

    A model is called twice at most: when its answer is invalid it sees that answer and what is wrong with
    it; when it does not answer at all the next one is tried. `check` has the last word on a value of the
    right shape (is each quotation in the text?): None, or what is wrong, in words for the model.
    """
    request = _Request(schema, schema.model_json_schema(), prompt, check)
    failures: list[Failure] = []
    repairs = 0
    for model in chain:
        outcome = await _ask(model, request)
        repairs += outcome.repairs
        if outcome.value is not None:
            return Structured(outcome.value, model.component, failures, repairs)
        failures.append(Failure(model.component, outcome.reason))
    return Structured(failures=failures, repairs=repairs)


async def _ask(model: StructuredModel, request: _Request[M]) -> _Outcome[M]:
    messages, reasons, repairs = list(request.prompt), [], 0
    for attempt in range(_ATTEMPTS):
        repairs = attempt
        try:
            text = await model.complete(messages, request.json_schema)
        except ModelFailed as failed:
            reasons.append(str(failed))
            break
        found = read(request.schema, text, request.check)
        if not isinstance(found, Flaw):
            return _Outcome(found, repairs)
        reasons.append(found.reason)
        messages = repair(request.prompt, text, found.words)
    return _Outcome(None, repairs, "; asked again: ".join(reasons))
