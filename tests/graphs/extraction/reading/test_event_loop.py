"""Who talks does not notice who reads: the event loop keeps its rhythm, the server loads nothing for it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from graphs.extraction.reading.names import Names
from graphs.extraction.reading.reader import open_rules_reader
from memory.knowledge.facts import Entity
from tests.graphs.extraction.reading.readers import long_document, short_document


async def own_share(during: Coroutine[Any, Any, object]) -> float:
    """Seconds of the processor that this process used while something was done: none of them for others.

    Not the time between two beats of the loop: how busy the machine is would decide that.
    """
    begun = time.process_time()
    await during
    return time.process_time() - begun


async def test_reading_takes_nothing_from_the_event_loop() -> None:
    """200 kB, of which rules make two seconds of work, cost this process a small part of that."""
    async with open_rules_reader() as reader:
        await reader.read(*short_document())
        assert await own_share(reader.read(*long_document(200_000))) < 0.4


async def test_handing_over_many_names_takes_little() -> None:
    """So it is while 20,000 names go to the child."""
    names = tuple(Entity("Person", f"Ada {number:x}son") for number in range(20_000))
    async with open_rules_reader() as reader:
        await reader.read(*short_document())
        assert await own_share(reader.read(*short_document(), Names("ada", 1, names))) < 0.4


def test_the_server_does_not_load_what_the_child_needs() -> None:
    """Importing all of the server leaves out the libraries that find topics."""
    root = Path(__file__).parents[4]
    script = "import sys, server.composition; print(*({'yake', 'numpy', 'networkx'} & set(sys.modules)))"
    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert said.stdout.split() == []
