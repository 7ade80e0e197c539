"""The parent's handle on one child process: start it, ask it, kill it by its own handle."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graphs.children import lines
from graphs.children.errors import ChildDied, ChildEnded, ChildNotStarted

START_SECONDS: Final = 30.0

_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a child is: its module, its limits, and how long a line of its answers may be."""

    module: str
    """Run with `-m`; it calls `serving.serve`."""
    memory_bytes: int
    """Of address space, where the system can bound it."""
    seconds: float
    """Of processor time for one request: the last resort. The parent's clock is the first."""
    line_bytes: int


class Child:
    """A running child. Not for concurrent use: one request at a time."""

    def __init__(self, process: Process, folder: str) -> None:
        """Wrap a process, and the folder of its temporary files, which goes with it."""
        self._process = process
        self._folder = folder
        self.jobs = 0
        """How often the pool has given it work."""
        self.sound = True
        """False from a request until whoever asked says that its answer was complete."""

    async def ask(self, request: bytes) -> None:
        """Hand over a line; raise ChildEnded when the child is gone already. Its answer is in `line`."""
        self.sound = False
        stdin = self._process.stdin
        if stdin is None or self._process.returncode is not None:
            raise ChildEnded
        try:
            stdin.write(request)
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ChildEnded from error
        if await _line(self._process) != lines.TAKEN:
            raise ChildEnded

    async def line(self) -> bytes:
        """Return the next line of the answer; raise ChildDied when there is none, ValueError if too long."""
        if line := await _line(self._process):
            return line
        raise ChildDied(await self._process.wait())

    async def close(self) -> None:
        """Kill the process, drain its pipes and wait for its end; safe on one that is gone."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):  # It ended between the two lines.
                self._process.kill()
        await self._process.communicate()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)


async def start(kind: Kind) -> Child:
    """Spawn a child with its limits; raise ChildNotStarted, or OSError when the system starts no process."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="souvenir-reader-")
    try:
        process = await _spawn(kind, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # it is empty
        raise
    child = Child(process, folder)
    try:
        async with asyncio.timeout(START_SECONDS):
            ready = await _line(process)
    except TimeoutError as error:
        await child.close()
        raise ChildNotStarted(f"not ready after {START_SECONDS:g} s", slow=True) from error
    except BaseException:
        # Whatever interrupts the start, cancellation included, no process is left behind.
        await child.close()
        raise
    if ready != lines.READY:
        await child.close()
        raise ChildNotStarted(f"it ended with {process.returncode}")
    return child


async def _spawn(kind: Kind, folder: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *_command(kind, folder),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=kind.line_bytes,
        cwd=_ROOT,
        env=_environment(),
        # Ctrl-C in a terminal is for the parent, which lets the work end or kills the child itself.
        start_new_session=True,
    )


def _command(kind: Kind, folder: str) -> list[str]:
    """Python itself, without user site, bytecode writing or the current folder on the path."""
    python = [sys.executable, "-s", "-P", "-B", "-X", "utf8"]
    return [*python, "-m", kind.module, str(kind.memory_bytes), str(kind.seconds), folder]


def _environment() -> dict[str, str]:
    """None of the parent's variables, which may hold secrets; Windows needs its folder to load libraries."""
    environment = {"PYTHONPATH": str(_ROOT)}
    if sys.platform == "win32":
        import ctypes

        folder = ctypes.create_unicode_buffer(260)
        ctypes.windll.kernel32.GetWindowsDirectoryW(folder, 260)
        environment["SYSTEMROOT"] = folder.value
    return environment


async def _line(process: Process) -> bytes:
    """The next line of the child's answers; empty at its end, a line cut by its death included."""
    if process.stdout is None:
        return b""
    line = await process.stdout.readline()
    return line if line.endswith(b"\n") else b""
