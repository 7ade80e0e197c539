"""The parent's side of reading one file: give it to a child, and put together what the child says."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Final

from graphs.children.child import Child
from graphs.children.errors import ChildDied
from graphs.ingestion.parsing import protocol
from graphs.ingestion.parsing.errors import Code, ParsingError
from graphs.ingestion.parsing.sections import Parsed, Section

LONG_LINE_BYTES: Final = 256 * 1024
"""A longer answer is decoded off the event loop."""


async def read(child: Child, path: Path, seconds: float) -> Parsed:
    """Read a file within `seconds`; raise ParsingError or ChildEnded. After `timeout`, kill the child."""
    try:
        async with asyncio.timeout(seconds):
            return await _read(child, path)
    except TimeoutError as error:
        raise ParsingError("timeout", f"more than {seconds:g} s") from error
    except ChildDied as error:
        raise ParsingError(_cause(error.status), f"the reader: {error}") from error


async def _read(child: Child, path: Path) -> Parsed:
    await child.ask(protocol.request(path))
    sections: list[Section] = []
    while True:
        said = await _answer(child, await child.line())
        if isinstance(said, Section):
            sections.append(said)
            continue
        child.sound = True
        return Parsed(said["title"], said["media_type"], tuple(sections))


async def _answer(child: Child, line: bytes) -> Section | dict[str, str]:
    try:
        if len(line) > LONG_LINE_BYTES:
            return await asyncio.to_thread(protocol.answer, line)
        return protocol.answer(line)
    except ParsingError as error:
        # An error that the child reports is its last answer; then it reads on, but out of memory it ends.
        child.sound = error.code != "memory"
        raise


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
