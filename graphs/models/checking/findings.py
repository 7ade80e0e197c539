"""What trying out a model brings: one finding for each step, without the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ChatStep = Literal["installed", "answers", "streams", "speed", "tools", "schema", "window"]
EmbedderStep = Literal["installed", "dimension", "languages", "throughput"]
Step = ChatStep | EmbedderStep
State = Literal["ok", "degraded", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one step ended."""

    step: Step
    state: State
    code: str
    """What was found, by the name of its sentence."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What the sentence is filled in with; for the window, `takes` is what the model really takes."""
    ms: int | None = None
