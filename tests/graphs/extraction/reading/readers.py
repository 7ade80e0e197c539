"""Documents for a reader in a child process, and a look at that process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil

from memory.archive.entities import Chunk, Document
from tests.graphs.extraction.rules.documents import document
from tests.graphs.extraction.rules.texts import TEXTS

WORKER = "graphs.extraction.reading.worker"


def long_document(characters: int) -> tuple[Document, list[Chunk]]:
    """Return the texts of the rules' own tests over and over, in chunks of about a thousand letters."""
    whole = "\n\n".join(text.text for text in TEXTS)
    text = (whole * (characters // len(whole) + 1))[:characters]
    return document(*[text[at : at + 1000] for at in range(0, characters, 1000)])


def short_document() -> tuple[Document, list[Chunk]]:
    """Return a text of two lines."""
    return document("Minutes by Nadia Farouk\n\nMrs Farouk works for Pinnacle Glassworks Ltd.")


def children() -> list[psutil.Process]:
    """The readers that this process has started."""
    return [one for one in psutil.Process().children() if WORKER in command(one)]


def command(process: psutil.Process) -> list[str]:
    """Return the command line of a process; nothing of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie is one as well
        return []


def busy(find: Callable[[], list[psutil.Process]], not_this: int | None = None) -> psutil.Process:
    """Wait until the one child, another than `not_this`, has worked past what its start takes."""
    pause = threading.Event()
    while not (found := find()) or found[0].pid == not_this or found[0].cpu_times().user < 1.2:
        pause.wait(0.01)
    return found[0]
