"""What trying out the models came to: their findings, and what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphs.models.checking.findings import Finding, Step
from graphs.models.routes import ModelSpec, Task
from server.checking.words import say
from server.settings import Lang

_NEEDED: Final[Mapping[str, tuple[Step, ...]]] = {"chat": ("installed", "answers", "tools")}
_NEEDED_ELSEWHERE: Final[tuple[Step, ...]] = ("installed", "answers", "schema")
"""Steps that must not fail: in a conversation every model is offered tools, elsewhere a schema."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a model stands in the routes."""

    task: Task
    index: int
    spec: ModelSpec


@dataclass
class Tried:
    """One model, and what came of its steps."""

    model: str
    place: dict[str, Any]
    entries: Sequence[Entry] = ()
    findings: dict[str, Finding] = field(default_factory=dict)

    def works(self, task: str = "chat") -> bool:
        """Tell whether nothing that a task needs of it failed."""
        needed = _NEEDED.get(task, _NEEDED_ELSEWHERE)
        return bool(self.findings) and all(
            self.findings[step].state != "failed" for step in needed if step in self.findings
        )

    def stands_at(self, task: str, index: int) -> bool:
        """Tell whether it is the model of a place in a chain."""
        return any((entry.task, entry.index) == (task, index) for entry in self.entries)

    def value(self, step: Step, name: str) -> Any:  # noqa: ANN401 - a number or a word, by its name
        """Return a value of a finding; None when there is none."""
        found = self.findings.get(step)
        return found.values.get(name) if found else None

    def told(self, lang: Lang) -> dict[str, Any]:
        """Return it as JSON, in words."""
        tasks = list(dict.fromkeys(entry.task for entry in self.entries))
        return {
            "model": self.model,
            "place": self.place,
            "works": {task: self.works(task) for task in tasks},
            "steps": [told(finding, lang) for finding in self.findings.values()],
            "num_ctx": self.entries[0].spec.num_ctx if self.entries else None,
            "takes": self.value("window", "takes"),
            "tokens_per_second": _rounded(self.value("speed", "speed")),
        }

    def told_as_embedder(self, lang: Lang) -> dict[str, Any]:
        """Return it as JSON, in words, when it makes vectors."""
        return {
            "model": self.model,
            "place": self.place,
            "works": all(finding.state != "failed" for finding in self.findings.values()),
            "steps": [told(finding, lang) for finding in self.findings.values()],
            "dimension": self.value("dimension", "dimension"),
            "passages_per_second": _rounded(self.value("throughput", "rate")),
        }


def told(finding: Finding, lang: Lang) -> dict[str, Any]:
    """Return a finding as JSON, in words."""
    detail = say(finding.code, lang, **finding.values)
    return {"step": finding.step, "state": finding.state, "detail": detail, "ms": finding.ms}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)
