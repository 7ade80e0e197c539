"""Reading by rules in a child process: the same facts, and something to go on with whatever happens."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from structlog.testing import capture_logs

from graphs.extraction.reading.names import Names
from graphs.extraction.reading.reader import RulesReader
from graphs.extraction.reading.unread import NotRead
from graphs.extraction.rules import Gazetteer, read_by_rules, written_by
from memory.knowledge.facts import Entity
from tests.graphs.extraction.reading.readers import busy, children, long_document, short_document
from tests.graphs.extraction.rules.documents import document
from tests.graphs.extraction.rules.texts import TEXTS

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs the counters of Linux")
PARENT = """
import asyncio
from graphs.extraction.reading.reader import open_rules_reader
from tests.graphs.extraction.reading.readers import long_document, short_document

async def main():
    async with open_rules_reader() as reader:
        await reader.read(*short_document())
        print("idle", flush=True)
        await reader.read(*long_document(300_000))

asyncio.run(main())
"""


@asynccontextmanager
async def reader(**options: Any) -> AsyncIterator[RulesReader]:
    """A reader that leaves no process."""
    opened = RulesReader(**options)
    try:
        yield opened
    finally:
        await opened.close()
    assert children() == []


async def test_the_same_facts() -> None:
    """What the child says of a document is what the rules say of it here, with known names and without."""
    known = (Entity("Person", "Lucy Tran"), Entity("Organization", "Pinnacle Glassworks Ltd"))
    documents = [document(one.text, lang=one.lang, title=one.title) for one in TEXTS]
    documents += [long_document(5_000), document(""), document("\ud83d\ude00 \ud800", title="\udfff")]
    documents += [(documents[0][0], [])]
    async with reader() as child:
        for one, chunks in documents:
            assert await child.read(one, chunks) == read_by_rules(one, chunks)
            assert await child.read(one, chunks, Names("ada", 1, known)) == read_by_rules(
                one, chunks, Gazetteer(sorted(known))
            )
            assert await child.written_by(one, chunks) == written_by(one, chunks)
        assert len(children()) == 1


async def test_nothing_is_started_before_there_is_something_to_read() -> None:
    """Opening the reader costs nothing."""
    async with reader():
        assert children() == []


async def test_a_child_killed_while_idle_costs_nothing() -> None:
    """The next document is read by a new one."""
    one = short_document()
    async with reader() as child:
        await child.read(*one)
        [process] = children()
        process.kill()
        process.wait(10)
        assert (await child.read(*one)).links


async def test_a_child_killed_once_over_a_document_is_replaced() -> None:
    """The document is read to its end by another child."""
    one = long_document(200_000)
    async with reader() as child:
        reading = asyncio.create_task(child.read(*one))
        (await asyncio.to_thread(busy, children)).kill()
        assert await reading == read_by_rules(*one)


async def test_a_document_that_kills_twice_is_given_up() -> None:
    """It is not tried a third time: that is said, and in the log, and the next one is read."""
    one = long_document(200_000)
    async with reader() as child:
        with capture_logs() as logs:
            reading = asyncio.create_task(child.read(*one))
            first = await asyncio.to_thread(busy, children)
            first.kill()
            second = await asyncio.to_thread(busy, children, first.pid)
            second.kill()
            with pytest.raises(NotRead):
                await reading
        assert [line["document"] for line in logs] == ["d1"]
        assert (await child.read(*short_document())).links
        assert not {one.pid for one in children()} & {first.pid, second.pid}


async def test_a_document_that_takes_too_long_is_given_up() -> None:
    """After the time limit that is said, its child is gone, and the next document is read."""
    async with reader(seconds=0.5) as child:
        with capture_logs() as logs:
            one = long_document(300_000)
            with pytest.raises(NotRead, match=r"takes more than|ended"):
                await asyncio.wait_for(child.read(*one), 20)
        assert [line["reason"] for line in logs] == ["it takes more than 0.5 s"]
        assert children() == []
        assert (await child.read(*short_document())).links


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on memory there")
@pytest.mark.parametrize("megabytes", [1, 150])
async def test_too_little_memory_is_said(megabytes: int) -> None:
    """Whether the child cannot start, or cannot load its libraries."""
    one = long_document(3_000)
    async with reader(memory_bytes=megabytes * 1024 * 1024) as child:
        with capture_logs() as logs, pytest.raises(NotRead):
            await child.read(*one)
        assert [line["document"] for line in logs] == ["d1"]


async def test_a_cancelled_document_leaves_no_child() -> None:
    """Cancelling ends the child."""
    async with reader() as child:
        reading = asyncio.create_task(child.read(*long_document(300_000)))
        await asyncio.to_thread(busy, children)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert children() == []


async def test_the_child_ends_when_there_is_nothing_to_read() -> None:
    """Its memory goes back, and the next document starts another."""
    async with reader(idle_seconds=0.3) as child:
        await child.read(*short_document())
        [process] = children()
        assert await asyncio.to_thread(psutil.wait_procs, [process], 10) == ([process], [])
        assert (await child.read(*short_document())).links


@LINUX
async def test_names_are_handed_over_once() -> None:
    """They go to the child when they are new to it, and again when they have changed; never between."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = tuple(Entity("Person", f"Ada {one}{other}son") for one in letters for other in letters)
    one = short_document()
    async with reader() as child:
        await child.read(*one)
        [process] = children()

        async def read_bytes(known: Names) -> int:
            before = process.io_counters().read_chars
            await child.read(*one, known)
            return int(process.io_counters().read_chars) - before

        plain = await read_bytes(Names("ada", 1, ()))
        assert await read_bytes(Names("ada", 2, names)) > plain + 10 * len(names)
        for _ in range(3):
            assert await read_bytes(Names("ada", 2, names)) < plain + 100
        assert await read_bytes(Names("bob", 1, names)) > plain + 10 * len(names)
        assert await read_bytes(Names("ada", 2, names)) < plain + 100
        assert await read_bytes(Names("ada", 3, names)) > plain + 10 * len(names)


async def test_a_new_child_is_given_the_names_again() -> None:
    """A child that was replaced finds the same names as the one before."""
    known = (Entity("Organization", "Blue Orchard"),)
    one = document("We met at the Blue Orchard and went on to the harbour.")
    expected = read_by_rules(*one, Gazetteer(known))
    assert expected != read_by_rules(*one), "the name must be found for being known"
    async with reader(documents_per_child=1) as child:
        for _ in range(3):
            assert await child.read(*one, Names("ada", 1, known)) == expected


async def test_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets in variables do not reach the process that reads other people's texts."""
    monkeypatch.setenv("SOUVENIR_TEST_SECRET", "sesame")
    async with reader() as child:
        await child.read(*short_document())
        [process] = children()
        assert set(process.environ()) <= {"PYTHONPATH", "SYSTEMROOT", "LC_CTYPE"}


async def test_no_sockets() -> None:
    """The child holds none, after it has loaded all its libraries."""
    async with reader() as child:
        assert (await child.read(*long_document(3_000))).links
        [process] = children()
        assert process.net_connections(kind="inet") == []


async def test_a_text_as_long_as_can_be_is_cut() -> None:
    """What rules would not read is not sent either, and the whole text of the document never."""
    one, chunks = long_document(2_000_000)
    async with reader() as child:
        facts = await child.read(replace(one, text="x" * 50_000_000), chunks)
        assert facts == read_by_rules(one, chunks)


@pytest.mark.parametrize("state", ["idle", "reading"])
def test_the_child_ends_with_its_parent(state: str) -> None:
    """When the parent is killed, the child ends by itself, even in the middle of a document."""
    root = Path(__file__).parents[4]
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env={"PYTHONPATH": str(root)}) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"idle\n"
        [child] = psutil.Process(parent.pid).children()
        if state == "reading":
            busy(lambda: [child])
        folder = Path(child.cmdline()[-1])
        assert folder.is_dir()
        parent.kill()
        assert psutil.wait_procs([child], timeout=10)[1] == []
        assert not folder.exists(), "the folder of its temporary files outlives it"
