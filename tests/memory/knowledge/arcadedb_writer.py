"""A process that writes into an embedded graph until it is killed, or waits until it is told to end.

`python -m tests.memory.knowledge.arcadedb_writer FOLDER write|wait`
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.errors import KnowledgeUnavailable
from memory.knowledge.facts import DocumentFacts, Employment, Entity
from memory.knowledge.protocol import KnowledgeGraph
from tests.memory.knowledge.samples import USER, facts, link

DOCUMENTS, THINGS = 6, 8


def edition(document: int, number: int) -> DocumentFacts:
    """One document; all that it says names its edition."""
    chunk = f"d{document}-{number}"
    links = [link("Topic", f"thing {at} of {document} in {number}", chunk) for at in range(THINGS)]
    ends = Entity("Person", "Ana"), Entity("Organization", "Boreas")
    links += [link("Person", "Ana", chunk), link("Organization", "Boreas", chunk)]
    employments = (Employment(*ends, (chunk,)),)
    return facts(f"d{document}", *links, employments=employments, title=f"edition {number}")


async def write(graph: KnowledgeGraph, first: int) -> None:
    """Put editions and say so, forget some, scrub at times, for ever."""
    for number in itertools.count(first):
        for document in range(DOCUMENTS):
            await graph.put([edition(document, number)])
            print(f"put {document} {number}", flush=True)
        await graph.forget(USER, [f"d{number % DOCUMENTS}"])
        if number % 3 == 0:
            await graph.scrub(USER)


async def wait(graph: KnowledgeGraph) -> None:
    """Say that it is open, and stay until a signal comes."""
    told = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    await graph.put([edition(0, 0)])
    print("open", flush=True)
    await told.wait()
    print("told", flush=True)


async def main(folder: Path, what: str, first: int) -> None:
    """Open the graph and do it."""
    try:
        async with open_arcadedb(folder, clock=lambda: datetime.now(UTC)) as graph:
            await (write(graph, first) if what == "write" else wait(graph))
    except KnowledgeUnavailable as error:
        print(f"unavailable: {error}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
