"""Stored documents on their way into the projections, followed until no more can be done for them now."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

from graphs.ingestion.projector import Projector
from graphs.ingestion.report import projection_states
from graphs.ingestion.state import IngestionState
from memory.archive.archive import Archive

_LOOK_SECONDS: Final = 0.5
"""How often the ledger is read for those that are done, while others are not."""
_LOOKED_AT: Final = 100
"""Of how many it is read then: they are done about in their order."""
_OVER: Final = ("done", "failed")


class Following:
    """What was stored for one user, in the order of storing."""

    def __init__(self, archive: Archive, projector: Projector, user: str) -> None:
        """Follow nothing yet."""
        self._archive, self._projector, self._user = archive, projector, user
        self._states: list[IngestionState] = []
        self._draining: asyncio.Task[bool] | None = None
        self._drained_for: list[IngestionState] = []
        self._looked = time.monotonic()

    def __len__(self) -> int:
        return len(self._states)

    def add(self, state: IngestionState) -> None:
        """Follow a document that was stored, or that had not changed."""
        self._states.append(state)

    async def wait(
        self, running: Iterable[asyncio.Task[IngestionState]]
    ) -> set[asyncio.Task[IngestionState]]:
        """Wait for something to happen: to the tasks, of which those that ended are returned, or here."""
        if self._states and self._draining is None:
            self._drained_for = list(self._states)
            self._draining = asyncio.create_task(self._projector.drain())
        tasks = set(running)
        waited: set[asyncio.Task[Any]] = {*tasks, *filter(None, [self._draining])}
        done, _ = await asyncio.wait(
            waited, timeout=_LOOK_SECONDS if self._states else None, return_when=asyncio.FIRST_COMPLETED
        )
        return tasks & done

    async def settled(self) -> list[IngestionState]:
        """Return the documents, with their projections, for which no more can be done now."""
        over: list[IngestionState] = []
        if self._draining is not None and self._draining.done():
            self._draining.result()
            self._draining, over = None, self._drained_for
        elif time.monotonic() - self._looked < _LOOK_SECONDS:
            return []
        self._looked = time.monotonic()
        looked_at = self._states if over else self._states[:_LOOKED_AT]
        ids = [state["document_id"] for state in looked_at]
        rows = await self._archive.look(lambda unit: unit.ledger.states(self._user, "document", ids))
        drained = {id(state) for state in over}
        gone: list[IngestionState] = []
        left: list[IngestionState] = []
        for state in self._states:
            entries = rows.get(state["document_id"], {})
            over_now = id(state) in drained or _is_over(entries)
            (gone if over_now else left).append(state)
            if over_now:
                state["projections"] = projection_states(entries)
        self._states = left
        return gone

    async def end(self) -> None:
        """Follow no more; what the projector does goes on without."""
        if self._draining is not None:
            self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)


def _is_over(entries: dict[str, Any]) -> bool:
    return "recall" in entries and entries["recall"].state in _OVER
