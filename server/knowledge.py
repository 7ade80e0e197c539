"""The knowledge graph, opened for the composition root: which engine, and whether it holds what it should."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

from graphs.extraction.unlooked import Unlooked
from memory.archive.archive import Archive
from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.deferred import DeferredGraph, deferred
from memory.knowledge.ontology import FORMAT
from memory.knowledge.protocol import KnowledgeGraph
from server.settings import Settings

HOME_FILE = "home.json"


@asynccontextmanager
async def open_knowledge(settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[DeferredGraph]:
    """Yield the graph that the settings name; it is opened when it is first asked.

    A graph that cannot be opened or reached is no failure here: each call says why.
    """
    folder = settings.data_dir / "knowledge"

    def opening() -> AbstractAsyncContextManager[KnowledgeGraph]:
        if settings.neo4j_uri is None:
            return open_arcadedb(folder, clock=clock)
        from memory.knowledge.neo4j import open_neo4j  # its drivers take half a second to import

        return open_neo4j(
            settings.neo4j_uri,
            settings.neo4j_username or "neo4j",
            settings.neo4j_password or "",
            database=settings.neo4j_database,
            only_user=settings.local_user,
            clock=clock,
        )

    def has_databases() -> bool:
        return any(one.is_dir() for one in folder.glob("*"))

    embedded = settings.neo4j_uri is None
    name = "arcadedb" if embedded else "neo4j"
    holds = not embedded or await asyncio.to_thread(has_databases)
    async with deferred(name, opening, alone=embedded, holds=holds) as graph:
        yield graph


async def resume_knowledge(settings: Settings, archive: Archive) -> None:
    """Have everything read again for a graph that is not the one which was filled so far.

    That is so at the first start, after `restore`, after another engine or server was chosen, and after the
    form of what is stored has changed.
    """
    home = settings.data_dir / "knowledge" / HOME_FILE
    mine = {
        "format": FORMAT,
        "backend": settings.neo4j_uri or "arcadedb",
        "database": settings.neo4j_database,
    }
    if await asyncio.to_thread(_read, home) == mine:
        return
    await asyncio.to_thread(shutil.rmtree, home.parent, ignore_errors=True)
    await archive.write(lambda unit: unit.ledger.requeue_all(None, "knowledge"))
    await asyncio.to_thread(_write, home, mine)


def unlooked(settings: Settings) -> Unlooked:
    """Return the note of whose texts are still to be searched for names that became known."""
    return Unlooked(settings.data_dir / "knowledge" / "unlooked.json")


def _read(home: Path) -> object:
    try:
        return json.loads(home.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _write(home: Path, mine: object) -> None:
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.write_text(json.dumps(mine), "utf-8")
