"""The two lanes of the projector that lead into the knowledge graph."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from graphs.extraction.known_names import KnownNames
from graphs.ingestion.knowledge.by_model import ByModel
from graphs.ingestion.knowledge.by_rules import ByRules
from graphs.ingestion.knowledge.resources import Understanding
from graphs.ingestion.knowledge.second_look import SecondLook
from graphs.ingestion.rounds import Rounds
from memory.archive.archive import Archive


@dataclass
class KnowledgeLanes:
    """What is read by rules, and then by a model, where a route names one."""

    archive: Archive
    given: Understanding
    calm: Callable[[], Awaitable[None]]
    rules: Rounds = field(init=False)
    model: Rounds | None = field(init=False)
    erasures: Rounds = field(init=False)

    def __post_init__(self) -> None:
        """Lay the lanes."""
        graph, model, reader = self.given.graph, self.given.model, self.given.rules
        names = KnownNames(graph, self.given.unlooked)
        self.model = None
        if model is not None:
            by_model = ByModel(self.archive, graph, names, model, reader, self._soon)
            self.model = Rounds(by_model.work_off)
        look = SecondLook(self.archive, names, self._later)
        was_read = self.model.woken.set if self.model else None
        by_rules = ByRules(self.archive, graph, names, reader, look, self.calm, was_read)
        self.rules, self.erasures = Rounds(by_rules.work_off), Rounds(by_rules.erase)

    def _soon(self) -> None:
        self.rules.woken.set()

    def _later(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._soon)

    def all(self) -> list[Rounds]:
        """Return the lanes that run in the background."""
        return [self.rules, *([self.model] if self.model else [])]
