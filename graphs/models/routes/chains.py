"""The chains by task: what a file gives for each, or follows from its chat models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from graphs.models.routes.spec import EmbeddingSpec, ModelSpec

Task = Literal["chat", "extraction", "classification", "enrichment", "questionnaire"]
"""What a model can be asked to do."""
TASKS: tuple[Task, ...] = get_args(Task)

Chain = tuple[ModelSpec, ...]
"""Models to try in order; at least one, but for a task that nobody has to do."""

MAY_BE_NONE: tuple[Task, ...] = ("extraction",)
"""Tasks that can be switched off with `none`: rules read documents without a model, if less of them."""

Where = tuple[str | int, ...]
"""A place in a file, as in `("chat", 0, "budget", "total")`."""

DEFAULTS_OF: Mapping[Task, Mapping[str, float]] = MappingProxyType(
    {
        "chat": {"temperature": 0.2, "max_tokens": 1024},
        "extraction": {"temperature": 0.0, "max_tokens": 2048},
        "classification": {"temperature": 0.0, "max_tokens": 64},
        "enrichment": {"temperature": 0.2, "max_tokens": 512},
        "questionnaire": {"temperature": 0.5, "max_tokens": 1024},
    }
)
"""How each task speaks to its models, where the file does not say."""

_CHAT: Chain = (ModelSpec(model="ollama:llama3.1:8b"), ModelSpec(model="ollama:llama3.2:3b"))
_EMBEDDING = EmbeddingSpec()


@dataclass(frozen=True)
class Routes:
    """The chains as the file has them, the embedding model (None: none), and where each is written."""

    chat: Chain = _CHAT
    extraction: Chain | None = None
    classification: Chain | None = None
    enrichment: Chain | None = None
    questionnaire: Chain | None = None
    embedding: EmbeddingSpec | None = _EMBEDDING
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the file says for every entry."""
    file: Path | None = field(default=None, compare=False)
    lines: Mapping[Where, int] = field(default_factory=dict, compare=False, repr=False)

    def chain(self, task: Task) -> Chain:
        """Return the models for a task: its own, else those of `chat`, spoken to as the task needs.

        What a chat entry says of its server, window and budget holds for every task; its temperature and
        `max_tokens` were chosen for conversations, and do not.
        """
        own = self._own(task)
        if own is not None:
            return own
        manner = {name: self.defaults.get(name, value) for name, value in DEFAULTS_OF[task].items()}
        return tuple(spec.model_copy(update=manner) for spec in self.chat)

    def entries(self) -> Iterator[tuple[Task, int, ModelSpec]]:
        """Give each entry once, under the task that it is written for."""
        for task in TASKS:
            for index, spec in enumerate(self._own(task) or ()):
                yield task, index, spec

    def line(
        self, task: Task | Literal["embedding"], index: int | None = None, key: str | None = None
    ) -> int | None:
        """Return the line of a section, of an entry or of a key in it; None when it is not in the file."""
        section = "chat" if task != "embedding" and self._own(task) is None else task
        return self.lines.get(tuple(part for part in (section, index, key) if part is not None))

    def place(
        self, task: Task | Literal["embedding"], index: int | None = None, key: str | None = None
    ) -> str:
        """Name the place for people: `models.yaml:12`, the nearest line there is, or the default routes."""
        for line in (self.line(task, index, key), self.line(task, index), self.line(task)):
            if line is not None:
                return f"{self.file}:{line}"
        return "the default routes"

    def _own(self, task: Task) -> Chain | None:
        own: Chain | None = getattr(self, task)
        return own
