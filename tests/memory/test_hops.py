"""Statements that cross to the database's thread once, and work that crosses once for all of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from memory.hops import HopConnection, connect


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[HopConnection]:
    """A database with three rows."""
    async with connect(tmp_path / "some.db") as opened:
        await opened.execute("CREATE TABLE words (word TEXT)")
        async with opened.cursor() as cursor:
            await cursor.executemany("INSERT INTO words VALUES (?)", [("a",), ("b",), ("c",)])
        await opened.commit()
        yield opened


async def test_rows_come_with_their_statement(connection: HopConnection) -> None:
    """One by one, as a stream, or all that is left: the same rows, in order, then nothing."""
    async with connection.execute("SELECT word FROM words ORDER BY word") as cursor:
        assert await cursor.fetchone() == ("a",)
        assert [row async for row in cursor] == [("b",), ("c",)]
        assert await cursor.fetchone() is None


async def test_work_runs_in_the_thread_of_the_database(connection: HopConnection) -> None:
    """All of its statements there, in the order of the code, and its result here."""
    where: list[threading.Thread] = []

    async def work() -> int:
        await connection.execute("DELETE FROM words WHERE word = 'a'")
        await connection.commit()
        where.append(threading.current_thread())
        cursor = await connection.execute("SELECT count(*) FROM words")
        return int((await cursor.fetchone())[0])

    assert await connection.run(work()) == 2
    assert where != [threading.current_thread()]


async def test_work_may_wait_for_its_database_only(connection: HopConnection) -> None:
    """Anything else is refused at once, rather than waited for in a thread where it never comes."""

    async def work() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="may wait for that database only"):
        await connection.run(work())
    assert await (await connection.execute("SELECT count(*) FROM words")).fetchone() == (3,)


async def test_what_work_raises_comes_here(connection: HopConnection) -> None:
    """Under its own name."""

    async def work() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        await connection.run(work())
