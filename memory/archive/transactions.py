"""Transactions that a cancelled task cannot leave half open.

A statement in flight cannot be taken back: it runs in the connection's own thread. Left to itself a
cancellation would abandon the connection with its locks (measured: every other writer then waits in vain);
here what begins, ends or closes always runs to its end first.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


async def steadily(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end whatever happens to the task that waits for it, which is cancelled only after."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            # Neither raises what the work raises, nor cancels it.
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # seen, so that it is not reported as forgotten; the cancellation comes first
        raise cancelled
    return task.result()


@asynccontextmanager
async def transaction(connection: AsyncConnection) -> AsyncIterator[AsyncConnection]:
    """Begin on `connection`, commit when the block ends well, roll back when it does not or is cancelled."""
    try:
        await steadily(_begin(connection))
        yield connection
        await steadily(connection.commit())
    except BaseException:  # a cancellation too; raised again
        await steadily(connection.rollback())
        raise


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Take a connection of `engine`, begin, and give it back when the block ends, however it does."""
    connection = engine.connect()
    try:
        await steadily(_start(connection))
        yield connection
    finally:
        await steadily(connection.close())  # which ends the transaction


async def _begin(connection: AsyncConnection) -> None:
    await connection.begin()


async def _start(connection: AsyncConnection) -> None:
    await connection.start()
    await connection.begin()
