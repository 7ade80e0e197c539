"""Reading the graph for somebody who waits: in time or not at all, and a graph that fails is left alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from memory.knowledge.deferred import DeferredGraph
from memory.knowledge.errors import KnowledgeUnavailable
from memory.knowledge.protocol import KnowledgeGraph

REST_SECONDS: Final = 5.0
"""How long a graph that did not answer is left alone: a turn waits for it once, not at every step."""
OPENING_SECONDS: Final = 3.0
"""How long the first question waits for the engine in this process to be opened: usually half a second."""
T = TypeVar("T")


@dataclass(slots=True)
class GraphReader:
    """A graph with a memory for its failures; shared by all that a turn asks of it."""

    graph: KnowledgeGraph | DeferredGraph
    monotonic: Callable[[], float] = time.monotonic
    _not_before: float = field(default=-float("inf"), init=False)
    _reason: str = field(default="", init=False)

    async def within(self, seconds: float, work: Callable[[KnowledgeGraph], Awaitable[T]]) -> T:
        """Return what `work` reads; raises `KnowledgeUnavailable` when the graph does not answer in time.

        Other errors of the graph are the query's own, and raised as they are.
        """
        if self.monotonic() < self._not_before:
            raise KnowledgeUnavailable(self._reason)
        try:
            await self._open()
            async with asyncio.timeout(seconds):
                return await work(self.graph)
        except TimeoutError:
            raise self._rest(f"no answer within {seconds * 1000:g} ms") from None
        except KnowledgeUnavailable as error:
            raise self._rest(str(error)) from error

    def is_worth_asking(self) -> bool:
        """Tell whether the graph may hold anything, without opening it."""
        return not isinstance(self.graph, DeferredGraph) or self.graph.is_worth_asking()

    async def _open(self) -> None:
        """Wait for an engine that is opened when it is first asked; that is no part of a question's time."""
        if not isinstance(self.graph, DeferredGraph):
            return
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                await self.graph.opened()
        except TimeoutError:
            raise KnowledgeUnavailable("it is still being opened") from None

    def _rest(self, reason: str) -> KnowledgeUnavailable:
        self._reason, self._not_before = reason, self.monotonic() + REST_SECONDS
        return KnowledgeUnavailable(reason)
