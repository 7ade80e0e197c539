"""The pool of children: limits, deaths, and what is left behind. Real processes, real kills."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from graphs.ingestion.parsing.client import open_parser_pool
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.splitting import split
from tests.graphs.ingestion.parsing import files

MEMORY = 512 * 1024 * 1024
PARENT = """
import asyncio, sys
from pathlib import Path
from graphs.ingestion.parsing.client import open_parser_pool

async def main():
    async with open_parser_pool(workers=1, memory_bytes=1 << 30, seconds=100) as pool:
        await pool.parse(Path(sys.argv[1]))
        print("idle", flush=True)
        await pool.parse(Path(sys.argv[2]))

asyncio.run(main())
"""


def slow_file(folder: Path) -> Path:
    """A valid file that takes many seconds to read."""
    return files.written(folder / "slow.html", "<div>" + "<p>mot <b>deux</b></p>" * 600_000)


def good_file(folder: Path) -> Path:
    """A file that takes no time."""
    return files.written(folder / "good.md", "# Bon\nvoilà\n")


def children() -> list[psutil.Process]:
    """The readers that this process has started."""
    return [process for process in psutil.Process().children() if "worker" in " ".join(process.cmdline())]


async def busy_child() -> psutil.Process:
    """The one child, once it has worked on a file."""
    return await asyncio.to_thread(wait_until_busy, children)


def wait_until_busy(find: Callable[[], list[psutil.Process]]) -> psutil.Process:
    """Watch the processor time of the one child, past what its start takes."""
    pause = threading.Event()
    while not (found := find()) or found[0].cpu_times().user < 0.25:
        pause.wait(0.01)
    return found[0]


async def test_a_slow_file_is_given_up_and_its_child_replaced(tmp_path: Path) -> None:
    """After the time limit the file is `timeout`, its child is gone and the next file is read."""
    async with open_parser_pool(workers=1, memory_bytes=2 * MEMORY, seconds=0.5) as pool:
        with pytest.raises(ParsingError, match="timeout"):
            await pool.parse(slow_file(tmp_path))
        assert children() == []
        assert (await pool.parse(good_file(tmp_path))).title == "Bon"


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on memory there")
async def test_a_file_that_needs_too_much_memory_is_given_up(tmp_path: Path) -> None:
    """The file is `memory`, whichever library it happens in; the next one is read."""
    big = [
        files.written(tmp_path / "big.txt", b"mot " * 4_900_000),
        slow_file(tmp_path),
        files.written(tmp_path / "big.csv", b"a,b\n" + b"mot " * 4_900_000),
    ]
    async with open_parser_pool(workers=1, memory_bytes=140 * 1024 * 1024, seconds=60) as pool:
        for path in big:
            with pytest.raises(ParsingError) as raised:
                await pool.parse(path)
            assert raised.value.code == "memory", (path, raised.value.detail)
            assert (await pool.parse(good_file(tmp_path))).title == "Bon"


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on memory there")
async def test_limits_too_low_to_start_are_said(tmp_path: Path) -> None:
    """A child that cannot even start makes its file fail, not the program."""
    async with open_parser_pool(workers=1, memory_bytes=1024 * 1024, seconds=5) as pool:
        for _ in range(2):
            with pytest.raises(ParsingError, match="memory"):
                await pool.parse(good_file(tmp_path))


async def test_a_child_killed_while_it_reads_costs_that_file_only(tmp_path: Path) -> None:
    """A killed child fails its file, at once; the next file gets a new child."""
    async with open_parser_pool(workers=1, memory_bytes=4 * MEMORY, seconds=100) as pool:
        reading = asyncio.create_task(pool.parse(slow_file(tmp_path)))
        child = await busy_child()
        child.kill()
        with pytest.raises(ParsingError) as raised:
            await reading
        assert raised.value.code in {"memory", "corrupt"}
        assert (await pool.parse(good_file(tmp_path))).title == "Bon"
        assert [found.pid for found in children()] != [child.pid]


async def test_a_child_killed_while_idle_costs_nothing(tmp_path: Path) -> None:
    """The next file is read by a new child, and nobody notices."""
    async with open_parser_pool(workers=1, memory_bytes=MEMORY, seconds=20) as pool:
        await pool.parse(good_file(tmp_path))
        [child] = children()
        child.kill()
        child.wait(10)
        assert (await pool.parse(good_file(tmp_path))).title == "Bon"


async def test_a_cancelled_file_leaves_no_child(tmp_path: Path) -> None:
    """Cancelling `parse` ends its child; the pool still works."""
    async with open_parser_pool(workers=1, memory_bytes=4 * MEMORY, seconds=100) as pool:
        reading = asyncio.create_task(pool.parse(slow_file(tmp_path)))
        await busy_child()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert children() == []
        assert (await pool.parse(good_file(tmp_path))).title == "Bon"


async def test_as_many_files_at_once_as_workers(tmp_path: Path) -> None:
    """Twenty files on two workers: two children, twenty results in order; none is left at the end."""
    paths = [files.written(tmp_path / f"{n}.md", f"# Lettre {n}\ntexte\n") for n in range(20)]
    async with open_parser_pool(workers=2, memory_bytes=MEMORY, seconds=20) as pool:
        parsed = await asyncio.gather(*(pool.parse(path) for path in paths))
        assert len(children()) == 2
        folders = [Path(child.cmdline()[-1]) for child in children()]
    assert [found.title for found in parsed] == [f"Lettre {n}" for n in range(20)]
    assert children() == []
    assert len(folders) == 2
    assert not any(folder.exists() for folder in folders), "temporary files are left"


async def test_a_child_has_nothing_of_the_parent_s_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets in variables do not reach the process that reads other people's files."""
    monkeypatch.setenv("SOUVENIR_TEST_SECRET", "sesame")
    monkeypatch.chdir(tmp_path)
    async with open_parser_pool(workers=1, memory_bytes=MEMORY, seconds=20) as pool:
        await pool.parse(Path(good_file(tmp_path).name))
        [child] = children()
        assert "sesame" not in str(child.environ())
        assert set(child.environ()) <= {"PYTHONPATH", "SYSTEMROOT", "LC_CTYPE"}


async def test_names_that_are_not_unicode(tmp_path: Path) -> None:
    """A file name in an old encoding is read, and made readable."""
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    try:
        files.written(path, "texte")
    except OSError as error:
        pytest.skip(f"this file system has no such names: {error}")
    async with open_parser_pool(workers=1, memory_bytes=MEMORY, seconds=20) as pool:
        assert (await pool.parse(path)).title.startswith("caf")


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".csv", ".vtt", ".srt", ".eml"])
async def test_a_megabyte_on_one_line_is_read_and_split_in_time(tmp_path: Path, suffix: str) -> None:
    """One line of 1 MB, with and without spaces, is parsed and split within 5 seconds."""
    before = {
        ".vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n",
        ".srt": "1\n00:00:01,000 --> 00:00:02,000\n",
        ".eml": "From: a@b.c\n\n",
    }
    async with open_parser_pool(workers=1, memory_bytes=MEMORY, seconds=5) as pool:
        for name, line in (("words", "mot " * 250_000), ("block", "x" * 1_000_000)):
            path = files.written(tmp_path / f"{name}{suffix}", before.get(suffix, "") + line)
            started = time.perf_counter()
            pieces = list(split(await pool.parse(path)))
            assert time.perf_counter() - started < 5
            assert sum(len(piece.text) for piece in pieces) > 700_000
            assert max(len(piece.text) for piece in pieces) <= 1000


@pytest.mark.parametrize("state", ["idle", "reading"])
def test_children_end_with_their_parent(tmp_path: Path, state: str) -> None:
    """When the parent is killed, its child ends by itself, even in the middle of a file."""
    arguments = [sys.executable, "-c", PARENT, str(good_file(tmp_path)), str(slow_file(tmp_path))]
    root = Path(__file__).parents[4]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, cwd=root, env={"PYTHONPATH": str(root)}
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"idle\n"
        [child] = psutil.Process(parent.pid).children()
        if state == "reading":
            wait_until_busy(lambda: [child])
        folder = Path(child.cmdline()[-1])
        assert folder.is_dir()
        parent.kill()
        assert psutil.wait_procs([child], timeout=10)[1] == []
        assert not folder.exists(), "the folder of its temporary files outlives it"
