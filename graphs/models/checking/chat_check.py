"""One chat model, tried out step by step, under the conditions of a turn: its own window, limits, server."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, get_args

from graphs.models.chat import ChatModel, ModelFailed
from graphs.models.checking import prompts
from graphs.models.checking.asking import Heard, ask
from graphs.models.checking.client import context_length
from graphs.models.checking.findings import ChatStep, Finding
from graphs.models.checking.presence import present
from graphs.models.routes import ModelSpec
from graphs.models.servers import OllamaServer
from graphs.models.structured import StructuredModel, structured

STEP_SECONDS: Final = 180.0
"""For one step; the first answer may take the time to load the model besides."""
OFTEN: Final = 4096
"""Tokens to which servers cut what was asked for, when they do: Ollama's own default."""
_LONGEST: Final = 5120
"""Words of the long prompt: more than `OFTEN`, and no more than that takes to tell."""
_AT_ONCE: Final = 0.1
"""Part of the time that a model says it spoke, below which its pieces came all together."""
_TELLING_SECONDS: Final = 1.0
"""For so long a model must have spoken before its pieces can be said to come all together."""


@dataclass
class ChatCheck:
    """The steps for one model. What does not answer is not asked further."""

    spec: ModelSpec
    model: ChatModel
    strict: StructuredModel | None
    """The same model, held to a schema; None when its provider has no such thing."""
    server: OllamaServer | None
    """None when it is not on Ollama."""
    loaded: bool = False
    step_seconds: float = STEP_SECONDS
    steps: tuple[ChatStep, ...] = get_args(ChatStep)
    given_up: bool = field(default=False, init=False)
    """Whether it does not answer: the steps that are left are not tried."""
    _counted: Heard | None = field(default=None, init=False)

    async def take(self, step: ChatStep) -> Finding:
        """Take one step, within its time; no failure of the model is raised."""
        if self.given_up:
            return Finding(step, "skipped", "skipped")
        clock = asyncio.get_running_loop().time
        begun, limit = clock(), self._limit(step)
        try:
            async with asyncio.timeout(limit):
                finding = await _TAKE[step](self)
        except ModelFailed as failed:
            finding = Finding(step, "failed", "reason", {"reason": str(failed)})
        except TimeoutError:
            finding = Finding(step, "failed", "late", {"seconds": limit})
        self.given_up = finding.state == "failed" and step in ("installed", "answers")
        return replace(finding, ms=round(1000 * (clock() - begun)))

    def _limit(self, step: ChatStep) -> float:
        return self.step_seconds + (self.spec.budget.load if step == "answers" else 0)

    async def _installed(self) -> Finding:
        if self.server is None:
            return Finding("installed", "skipped", "elsewhere")
        return present(self.server, self.spec.name)

    async def _answers(self) -> Finding:
        heard = await ask(self.model, prompts.SHORT, loaded=self.loaded)
        if load := heard.usage.load_ms:
            return Finding("answers", "ok", "answers_loaded", {"load": load / 1000})
        return Finding("answers", "ok", "answers")

    async def _streams(self) -> Finding:
        self._counted = heard = await ask(self.model, prompts.COUNT)
        pieces, spoken = len(heard.times), heard.spoken_seconds or 0.0
        values = {"pieces": pieces, "seconds": heard.spread}
        at_once = spoken > _TELLING_SECONDS and heard.spread < _AT_ONCE * spoken
        if pieces < 2 or at_once:
            return Finding("streams", "degraded", "streams_not", values)
        return Finding("streams", "ok", "streams", values)

    async def _speed(self) -> Finding:
        speed = self._counted.speed if self._counted else None
        if speed is None:
            return Finding("speed", "skipped", "speed_unknown")
        return Finding("speed", "ok", "speed", {"speed": speed})

    async def _tools(self) -> Finding:
        heard = await ask(self.model, prompts.HOURS, [prompts.opening_hours])
        if not heard.calls:
            return Finding("tools", "degraded", "tools_none")
        call = heard.calls[0]
        right = call["name"] == prompts.opening_hours.name and call["args"].get("place")
        return Finding("tools", "ok", "tools") if right else Finding("tools", "degraded", "tools_wrong")

    async def _schema(self) -> Finding:
        if self.strict is None:
            return Finding("schema", "skipped", "schema_unknown")
        found = await structured(prompts.Capital, prompts.CAPITAL, [self.strict])
        if found.value is None:
            return Finding("schema", "failed", "reason", {"reason": found.failures[0].reason})
        return Finding("schema", "degraded" if found.repairs else "ok", f"schema_{found.repairs}")

    async def _window(self) -> Finding:
        asked = self.spec.num_ctx
        trained = await context_length(self.server.url, self.spec.name) if self.server else None
        if trained is not None and trained < asked:
            return Finding("window", "degraded", "window_trained", {"asked": asked, "takes": trained})
        if asked <= OFTEN:
            return Finding("window", "ok", "window_small", {"takes": asked})
        words = min(_LONGEST, (OFTEN + asked) // 2)
        read = (await ask(self.model, prompts.long_prompt(words))).usage.prompt_tokens
        if not read:
            return Finding("window", "skipped", "window_unknown")
        values = {"asked": asked, "words": words, "read": read}
        if read < words:
            return Finding("window", "degraded", "window_cut", {**values, "takes": read})
        return Finding("window", "ok", "window", {**values, "takes": asked})


_TAKE: Final[Mapping[ChatStep, Callable[[ChatCheck], Awaitable[Finding]]]] = {
    "installed": ChatCheck._installed,
    "answers": ChatCheck._answers,
    "streams": ChatCheck._streams,
    "speed": ChatCheck._speed,
    "tools": ChatCheck._tools,
    "schema": ChatCheck._schema,
    "window": ChatCheck._window,
}
