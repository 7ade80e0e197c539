"""The installed models, and what each is told to do next. Shared by the test's thread and the server's."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.ollama_double.script import Fault, Json, Reply, met

Rule = TypeVar("Rule", Reply, Fault)


@dataclass(frozen=True, slots=True)
class Model:
    """An installed model; `dimension` is that of its vectors, `context_length` in tokens, `size` in bytes.

    `capabilities` None is guessed from the name: `embedding`, or `completion` and `tools`.
    """

    name: str
    dimension: int = 768
    capabilities: tuple[str, ...] | None = None
    context_length: int = 131_072
    size: int = 4_900_000_000

    def can(self) -> tuple[str, ...]:
        """Return what the model can do, as `/api/show` says it."""
        if self.capabilities is not None:
            return self.capabilities
        embeds = any(part in self.name for part in ("embed", "bge", "minilm"))
        return ("embedding",) if embeds else ("completion", "tools")


class _Limited(Generic[Rule]):
    """A rule with the number of times that it was met and that it served."""

    def __init__(self, rule: Rule) -> None:
        self.rule: Rule = rule
        self.met = self.served = 0

    def take(self, every: int = 1) -> bool:
        self.met += 1
        serves = self.met % every == 0 and not self.used_up()
        self.served += serves
        return serves

    def used_up(self) -> bool:
        return self.rule.calls is not None and self.served >= self.rule.calls


class Shelf:
    """Models by name; `llama3.1` and `llama3.1:latest` are the same, as in Ollama."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._lock = threading.Lock()
        self._models: dict[str, Model] = {}
        self._replies: dict[str, list[_Limited[Reply]]] = {}
        self._faults: dict[str, list[_Limited[Fault]]] = {}
        self._loaded: dict[str, Model] = {}
        for model in models:
            self.install(model)

    def install(self, model: Model) -> None:
        """Make a model available; what it was told to do stays."""
        with self._lock:
            self._models[full_name(model.name)] = model

    def remove(self, name: str) -> None:
        """Uninstall a model; nothing happens when it is not there."""
        with self._lock:
            self._models.pop(full_name(name), None)
            self._loaded.pop(full_name(name), None)

    def get(self, name: str) -> Model | None:
        """Return an installed model."""
        with self._lock:
            return self._models.get(full_name(name))

    def models(self) -> dict[str, Model]:
        """Return the installed models by their full name."""
        with self._lock:
            return dict(self._models)

    def loaded(self) -> dict[str, Model]:
        """Return the models in memory by their full name."""
        with self._lock:
            return dict(self._loaded)

    def load(self, model: Model, *, keep: bool = True) -> None:
        """Put a model in memory, or take it out of it."""
        with self._lock:
            self._loaded.pop(full_name(model.name), None)
            if keep:
                self._loaded[full_name(model.name)] = model

    def reply(self, name: str, *replies: Reply) -> None:
        """Replace the reply rules of a model, in order; none means the default answer."""
        with self._lock:
            self._replies[full_name(name)] = [_Limited(reply) for reply in replies]

    def fault(self, name: str, *faults: Fault) -> None:
        """Replace the faults of a model; the first that applies and is not used up strikes.

        Raises:
            ScriptError: a fault cannot happen on its path.
        """
        for one in faults:
            one.path()
        with self._lock:
            self._faults[full_name(name)] = [_Limited(one) for one in faults]

    def next_reply(self, name: str, request: Json) -> Reply:
        """Return the rule that serves this request, and count it."""
        with self._lock:
            rules = self._replies.get(full_name(name), [])
            return next((r.rule for r in rules if r.rule.matches(request) and r.take()), Reply())

    def next_fault(self, name: str, path: str, request: Json) -> Fault | None:
        """Return the fault that strikes this request, if any, and count it."""
        with self._lock:
            for limited in self._faults.get(full_name(name), []):
                rule = limited.rule
                if limited.used_up() or rule.path() != path or not met(rule.when, request):
                    continue
                return rule if limited.take(rule.every) else None
            return None


def full_name(name: str) -> str:
    """Return a model's name with its tag (`:latest` when it has none)."""
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"
