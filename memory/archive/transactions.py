"""Transactions that a cancelled task cannot leave half open.

A statement in flight cannot be taken back: it runs in the connection's own thread. Left to itself a
cancellation would abandon the connection with its locks (measured: every other writer then waits in vain);
here what begins, ends or closes always runs to its end first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")
Part = Callable[[AsyncConnection], Coroutine[Any, Any, T]]


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
        await steadily(_close(connection))  # which ends the transaction


async def in_thread(connection: AsyncConnection, parts: Sequence[Part[Any]], *, commit: bool) -> list[Any]:
    """Begin, do the parts one after another, commit or, if not asked to, end: in the connection's own thread.

    What fails is rolled back there, all of it. Returns what the parts return.
    """
    driver: Any = (await connection.get_raw_connection()).driver_connection
    results: list[Any] = await driver.run(_whole(connection, parts, commit=commit))
    return results


async def beside(engine: AsyncEngine, part: Part[T]) -> T:
    """Do `part` on a snapshot, in the thread of a connection of `engine`."""
    connection = engine.connect()
    try:
        await connection.start()
        (result,) = await in_thread(connection, [part], commit=False)
        return cast(T, result)
    finally:
        await _close(connection)


async def _whole(connection: AsyncConnection, parts: Sequence[Part[Any]], *, commit: bool) -> list[Any]:
    await connection.begin()
    try:
        results = [await part(connection) for part in parts]
        await (connection.commit() if commit else connection.rollback())
    except BaseException:  # raised again
        await connection.rollback()
        raise
    return results


async def _begin(connection: AsyncConnection) -> None:
    await connection.begin()


async def _start(connection: AsyncConnection) -> None:
    await connection.start()
    await connection.begin()


async def _close(connection: AsyncConnection) -> None:
    if connection.sync_connection is not None:  # else it did not start, and says so itself
        await connection.close()
