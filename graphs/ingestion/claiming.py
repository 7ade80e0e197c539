"""Claiming rows of the ledger, so that a cancelled task leaves none behind."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Kind, LedgerEntry, Projection, State
from memory.archive.transactions import steadily

Claiming = Callable[[UnitOfWork], Coroutine[Any, Any, list[LedgerEntry]]]
"""Work on the archive that claims rows, and returns them."""


async def claimed(archive: Archive, work: Claiming, *, grows: bool = False) -> list[LedgerEntry]:
    """Write, and return what was claimed; cancelled meanwhile, give it back. `grows`: see `Archive.write`."""
    asking = asyncio.ensure_future(archive.write(work, grows=grows))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        await steadily(_undo(archive, asking))
        raise


async def claim(
    archive: Archive,
    projection: Projection,
    limit: int,
    lease_seconds: float,
    kinds: frozenset[Kind] | None = None,
    state: State = "pending",
) -> list[LedgerEntry]:
    """Claim rows in a state."""
    return await claimed(
        archive,
        lambda unit: unit.ledger.claim(
            projection, limit=limit, lease_seconds=lease_seconds, kinds=kinds, states=(state,)
        ),
    )


async def give_back(archive: Archive, claims: Sequence[LedgerEntry], reason: str | None = None) -> None:
    """Leave claims as they were found, but for the reason when there is one."""
    for state in {one.state for one in claims}:
        for why in {reason or one.reason for one in claims if one.state == state}:
            some = [one for one in claims if one.state == state and (reason or one.reason) == why]
            await _mark(archive, some, state, why)


async def _mark(archive: Archive, claims: Sequence[LedgerEntry], state: State, why: str | None) -> None:
    await archive.write(lambda unit: unit.ledger.mark_all(claims, state, why))


async def _undo(archive: Archive, asking: "asyncio.Future[list[LedgerEntry]]") -> None:
    await asyncio.wait([asking])
    if not asking.cancelled() and asking.exception() is None:
        await give_back(archive, asking.result())
