"""A graph that is opened when it is first asked: its engine is not paid for by who does not need it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Final

from memory.knowledge.errors import KnowledgeError, KnowledgeUnavailable
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.protocol import KnowledgeGraph, Limits, Rows

_AGAIN_SECONDS: Final = 30.0
"""After it could not be opened, it is tried again when it is asked so much later."""
Opening = Callable[[], AbstractAsyncContextManager[KnowledgeGraph]]


class DeferredGraph:
    """The same graph, once it is open; `KnowledgeUnavailable` with the reason while it cannot be opened."""

    def __init__(
        self,
        backend: str,
        opening: Opening,
        *,
        alone: bool,
        holds: bool,
        stack: AsyncExitStack,
    ) -> None:
        """Open with `opening`, into `stack`; `alone` and `holds` are what to say before it is open."""
        self.backend = backend
        self._holds = holds
        self._opening, self._alone, self._stack = opening, alone, stack
        self._graph: KnowledgeGraph | None = None
        self._task: asyncio.Task[KnowledgeGraph] | None = None
        self._failed: KnowledgeError | None = None
        self._failed_at = 0.0

    def alone(self, user: str) -> bool:
        """Tell whether a query can reach nothing but this user's graph."""
        return self._alone if self._graph is None else self._graph.alone(user)

    def is_worth_asking(self) -> bool:
        """Tell whether anything was ever put into it, as far as is known without opening it."""
        return self._holds

    async def opened(self) -> KnowledgeGraph:
        """Return the graph, having opened it; several that ask at once wait for one opening."""
        if self._graph is not None:
            return self._graph
        loop = asyncio.get_running_loop()
        if self._failed is not None and loop.time() - self._failed_at < _AGAIN_SECONDS:
            raise KnowledgeUnavailable(str(self._failed))
        if self._task is None:
            self._task = loop.create_task(self._open(), name="knowledge")
        # Who stops waiting does not stop the opening.
        return await asyncio.shield(self._task)

    async def _open(self) -> KnowledgeGraph:
        try:
            self._graph = await self._stack.enter_async_context(self._opening())
        except KnowledgeError as error:
            self._failed, self._failed_at = error, asyncio.get_running_loop().time()
            raise
        finally:
            self._task = None
        return self._graph

    async def put(self, facts: Sequence[DocumentFacts]) -> None:
        """As the protocol says."""
        self._holds = True
        await (await self.opened()).put(facts)

    async def forget(self, user: str, document_ids: Sequence[str]) -> None:
        """As the protocol says."""
        await (await self.opened()).forget(user, document_ids)

    async def scrub(self, user: str) -> None:
        """As the protocol says."""
        await (await self.opened()).scrub(user)

    async def read(
        self,
        user: str,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limits: Limits | None = None,
        verify: bool = False,
    ) -> Rows:
        """As the protocol says; the opening does not count as part of the query."""
        return await (await self.opened()).read(user, cypher, parameters, limits=limits, verify=verify)

    async def clear(self) -> None:
        """As the protocol says."""
        await (await self.opened()).clear()

    async def ping(self) -> str:
        """As the protocol says."""
        return await (await self.opened()).ping()

    async def finish(self) -> None:
        """Wait for an opening that is under way, so that it is not left half done."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def deferred(
    backend: str, opening: Opening, *, alone: bool, holds: bool = True
) -> AsyncIterator[DeferredGraph]:
    """Yield a graph that opens when it is first asked, and is closed at the end if it was.

    `holds`: whether anything was put into it before.
    """
    async with AsyncExitStack() as stack:
        graph = DeferredGraph(backend, opening, alone=alone, holds=holds, stack=stack)
        stack.push_async_callback(graph.finish)
        yield graph
