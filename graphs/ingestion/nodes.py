"""The ingestion graph's nodes: bound methods of one frozen dataclass of resources."""

import asyncio
import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from graphs.ingestion.parsing.client import ParserPool
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.limits import MAX_FILE_BYTES
from graphs.ingestion.parsing.messages import message
from graphs.ingestion.projector import Projector
from graphs.ingestion.report import projection_states
from graphs.ingestion.splitting import split
from graphs.ingestion.state import IngestionContext, IngestionInput, IngestionState
from memory.archive.archive import Archive
from memory.archive.entities import Chunk, Document
from memory.archive.errors import ArchiveError
from memory.archive.ids import chunk_id, document_id
from memory.long_term.language import detect

_SAMPLE_CHARS = 20_000
"""How much of a document its language is told from."""

Update = dict[str, Any]


@dataclass(frozen=True)
class IngestionNodes:
    """The resources of ingestion, chosen by the composition root."""

    archive: Archive
    parsers: ParserPool
    projector: Projector
    clock: Callable[[], datetime]

    async def load(self, state: IngestionInput, runtime: Runtime[IngestionContext]) -> Update:
        """Read the file in a child process, unless it has not changed since it was stored."""
        context, path = runtime.context, state["path"]
        identity = document_id(context.user, state["uri"])
        try:
            digest, size = await asyncio.to_thread(_fingerprint, path)
            async with self.archive.read() as unit:
                known = await unit.documents.by_uri(context.user, state["uri"])
            found = {
                "document_id": identity,
                "content_hash": digest,
                "size": size,
                "known": known is not None,
            }
            if known is not None and known.content_hash == digest:
                return {**found, "status": "unchanged", "title": known.title, "chunks": known.chunk_count}
            return {**found, "parsed": await self.parsers.parse(path)}
        except ParsingError as error:
            reason = message(error.code, context.lang, name=path.name, hint=_hint(error))
        except ArchiveError as error:
            reason = error.say(context.lang)
        return {"document_id": identity, "status": "failed", "error": reason}

    async def split(self, state: IngestionState, runtime: Runtime[IngestionContext]) -> Update:
        """Cut the text into chunks that know their place."""
        return await asyncio.to_thread(_split, state, runtime.context)

    async def commit(self, state: IngestionState, runtime: Runtime[IngestionContext]) -> Update:
        """Store document, chunks and what is left to do, in one transaction: from then on it is kept."""
        context, now = runtime.context, self.clock()
        document = Document(
            id=state["document_id"],
            user=context.user,
            uri=state["uri"],
            title=state["title"],
            media_type=state["parsed"].media_type,
            lang=state["doc_lang"],
            content_hash=state["content_hash"],
            size=state["size"],
            text=state["text"],
            created_at=now,
            updated_at=now,
            chunk_count=len(state["pieces"]),
        )
        try:
            await self.archive.require_room()
            async with self.archive.unit() as unit:
                await unit.documents.put(document, state["pieces"])
                await unit.ledger.enqueue(context.user, "document", document.id, "recall")
                await unit.ledger.enqueue(context.user, "document", document.id, "knowledge")
        except ArchiveError as error:
            return {"status": "failed", "error": error.say(context.lang)}
        return {"status": "updated" if state["known"] else "stored", "chunks": len(state["pieces"])}

    async def project(self, state: IngestionState, runtime: Runtime[IngestionContext]) -> Update:
        """Bring it into recall, together with whatever else waits, and say what made it in."""
        await self.projector.drain()
        async with self.archive.read() as unit:
            states = await unit.ledger.states(runtime.context.user, "document", [state["document_id"]])
        return {"projections": projection_states(states.get(state["document_id"], {}))}


def _split(state: IngestionState, context: IngestionContext) -> Update:
    parsed = state["parsed"]
    pieces = list(split(parsed))
    text = "\n\n".join(section.text for section in parsed.sections)
    lang = detect(text[:_SAMPLE_CHARS])
    chunks = [
        Chunk(
            id=chunk_id(state["document_id"], state["content_hash"], position),
            document_id=state["document_id"],
            user=context.user,
            position=position,
            text=piece.text,
            locator=piece.locator,
            lang=lang,
        )
        for position, piece in enumerate(pieces)
    ]
    return {"pieces": chunks, "text": text, "doc_lang": lang, "title": parsed.title}


def _fingerprint(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of the file's bytes and its size; raises `ParsingError` when it cannot be read."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # reading a pipe would wait for ever
            raise ParsingError("unreadable", "not a file")
        if found.st_size > MAX_FILE_BYTES:
            raise ParsingError("too_large", f"{found.st_size} bytes")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return f"sha256:{digest}", file.tell()
    except FileNotFoundError:
        raise ParsingError("missing", str(path)) from None
    except OSError as error:
        raise ParsingError("unreadable", str(error)) from error


def _hint(error: ParsingError) -> str:
    """Return what the file seems to be instead; other details are for the log."""
    return error.detail if error.code == "unsupported" else ""
