"""The installed models, and what each is told to do next. Shared by the test's thread and the server's."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.ollama_double.script import Fault, Json, Reply, met

Rule = TypeVar("Rule", Reply, Fault)


@dataclass(frozen=True, slots=True)
class Model:
    """An installed model; `dimension` is that of its vectors, `context_length` in tokens, `size` in bytes.

    `capabilities` None is guessed from the name: `embedding`, or `completion` and `tools`. So is
    `architecture` None. `seed` tells one set of weights from another: it gives every text another vector.
    Each call to embed takes `embed_seconds`, the double's own work included. Until `expires_at` it stays in
    memory, as `/api/ps` says; the double itself lets nothing go by time.
    """

    name: str
    dimension: int = 768
    capabilities: tuple[str, ...] | None = None
    context_length: int = 131_072
    size: int = 4_900_000_000
    architecture: str | None = None
    seed: int = 0
    embed_seconds: float = 0.0
    expires_at: str = "2099-01-01T00:00:00Z"

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
    """Models by name; `llama3.1` and `llama3.1:latest` are the same, as in Ollama.

    The graphics card holds `capacity` models (None: there is no card, and memory for all); others run on the
    processor, in memory of which there is enough.
    """

    def __init__(self, models: Iterable[Model], capacity: int | None = None) -> None:
        self._lock = threading.Lock()
        self._capacity = capacity
        self._on_processor: set[str] = set()
        self._loads: Counter[str] = Counter()
        self._models: dict[str, Model] = {}
        self._replies: dict[str, list[_Limited[Reply]]] = {}
        self._faults: dict[str, list[_Limited[Fault]]] = {}
        self._loaded: dict[str, Model] = {}
        self._embedded: Counter[str] = Counter()
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

    def load(self, model: Model, *, keep: bool = True, num_gpu: int | None = None) -> None:
        """Put a model in memory, or take it out of it; `num_gpu` 0 means on the processor.

        As in Ollama, a model that runs on the processor stays there until it is asked for layers on the card.
        """
        name = full_name(model.name)
        with self._lock:
            here = self._loaded.pop(name, None) is not None
            on_processor = num_gpu == 0 or (num_gpu is None and here and name in self._on_processor)
            if not here or on_processor != (name in self._on_processor):
                self._loads[name] += 1
            (self._on_processor.add if on_processor else self._on_processor.discard)(name)
            self._loaded[name] = model
            self._make_room()
            if not keep:
                self._loaded.pop(name)

    def _make_room(self) -> None:
        """Take what was not used for longest off the card, until what is left fits."""
        on_card = [name for name in self._loaded if name not in self._on_processor]
        for name in on_card[: -self._capacity] if self._capacity else ():
            self._loaded.pop(name)

    def loads(self) -> Counter[str]:
        """Return how often each model was put in memory, by its full name."""
        with self._lock:
            return Counter(self._loads)

    def on_card(self, name: str) -> bool:
        """Tell whether a model is in the memory of a graphics card."""
        name = full_name(name)
        with self._lock:
            return self._capacity is not None and name in self._loaded and name not in self._on_processor

    def embed(self, texts: Iterable[str]) -> None:
        """Count texts that are answered with vectors."""
        with self._lock:
            self._embedded.update(texts)

    def embedded(self) -> Counter[str]:
        """Return how often each text was answered with vectors."""
        with self._lock:
            return Counter(self._embedded)

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
