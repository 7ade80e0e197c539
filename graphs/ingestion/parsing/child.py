"""The parent's handle on one child process: start it, give it a file, kill it by its own handle."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing import protocol
from graphs.ingestion.parsing.errors import Code, ParsingError
from graphs.ingestion.parsing.sections import Parsed, Section

START_SECONDS: Final = 30.0
LONG_LINE_BYTES: Final = 256 * 1024
"""A longer answer is decoded off the event loop."""

_ROOT: Final = Path(__file__).resolve().parents[3]
_WORKER: Final = "graphs.ingestion.parsing.worker"


class ChildEnded(Exception):
    """The child was already gone when it was given a file: the file has nothing to do with it."""


class Child:
    """A running child. Not for concurrent use: one file at a time."""

    def __init__(self, process: Process) -> None:
        """Wrap a process that said it is ready."""
        self._process = process
        self.files = 0
        self.sound = True
        """False from the moment a file is given until its last answer: then only `close` will do."""

    async def read(self, path: Path, seconds: float) -> Parsed:
        """Read a file within `seconds`; raise ParsingError or ChildEnded. After `timeout`, kill the child."""
        try:
            async with asyncio.timeout(seconds):
                return await self._read(path)
        except TimeoutError as error:
            raise ParsingError("timeout", f"more than {seconds:g} s") from error

    async def _read(self, path: Path) -> Parsed:
        self.sound = False
        await self._ask(path)
        sections: list[Section] = []
        while line := await _line(self._process):
            said = await self._answer(line)
            if isinstance(said, Section):
                sections.append(said)
                continue
            self.sound = True
            return Parsed(said["title"], said["media_type"], tuple(sections))
        status = await self._process.wait()
        raise ParsingError(_cause(status), f"the reader ended with {status}")

    async def _answer(self, line: bytes) -> Section | dict[str, str]:
        try:
            if len(line) > LONG_LINE_BYTES:
                return await asyncio.to_thread(protocol.answer, line)
            return protocol.answer(line)
        except ParsingError as error:
            # An error that the child reports is its last answer; then it reads on, but out of memory it ends.
            self.sound = error.code != "memory"
            raise

    async def _ask(self, path: Path) -> None:
        stdin = self._process.stdin
        if stdin is None or self._process.returncode is not None:
            raise ChildEnded
        try:
            stdin.write(protocol.request(path))
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ChildEnded from error
        if await _line(self._process) != protocol.TAKEN:
            raise ChildEnded
        self.files += 1

    async def close(self) -> None:
        """Kill the process, drain its pipes and wait for its end; safe on one that is gone."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):  # It ended between the two lines.
                self._process.kill()
        await self._process.communicate()


async def start(memory_bytes: int, seconds: float) -> Child:
    """Spawn a child with its limits; raise ParsingError `memory` when they are too low to start at all."""
    process = await asyncio.create_subprocess_exec(
        *_command(memory_bytes, seconds),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=protocol.MAX_LINE_BYTES,
        cwd=_ROOT,
        env=_environment(),
        # Ctrl-C in a terminal is for the parent, which lets the file at work end or kills the child itself.
        start_new_session=True,
    )
    child = Child(process)
    try:
        async with asyncio.timeout(START_SECONDS):
            ready = await _line(process)
    except BaseException:
        # Whatever interrupts the start, cancellation included, no process is left behind.
        await child.close()
        raise
    if ready != protocol.READY:
        await child.close()
        raise ParsingError("memory", f"the reader did not start: {process.returncode}")
    return child


def _command(memory_bytes: int, seconds: float) -> list[str]:
    """Python itself, without user site, bytecode writing or the current folder on the path."""
    return [sys.executable, "-s", "-P", "-B", "-X", "utf8", "-m", _WORKER, str(memory_bytes), str(seconds)]


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


def _cause(returncode: int) -> Code:
    """What killed a child in the middle of a file."""
    if sys.platform != "win32":
        if returncode == -signal.SIGXCPU:
            return "timeout"
        # The kernel's out-of-memory killer; C++ libraries abort or trap when an allocation fails.
        if -returncode in {signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL}:
            return "memory"
    # Python's own end: the worker handles every exception but those of a heap that is full.
    if returncode == 1:
        return "memory"
    return "corrupt"
