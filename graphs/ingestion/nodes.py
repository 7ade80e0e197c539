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

from graphs.ingestion.claiming import claimed
from graphs.ingestion.parsing.client import ParserPool
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.limits import MAX_FILE_BYTES
from graphs.ingestion.parsing.messages import message
from graphs.ingestion.parsing.sections import Parsed
from graphs.ingestion.projector import Projector
from graphs.ingestion.splitting import split
from graphs.ingestion.state import IngestionContext, IngestionInput, IngestionState
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Chunk, Document, LedgerEntry
from memory.archive.errors import ArchiveError
from memory.archive.ids import chunk_id, document_id
from memory.long_term.language import detect

_SAMPLES, _SAMPLE_CHARS = 6, 700
"""How many places of a document its language is told from, and how much there."""

Update = dict[str, Any]
_LET_GO: Update = {"parsed": Parsed("", "", ()), "pieces": [], "text": ""}
"""What a stored document no longer needs in memory."""


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
            known = await self.archive.look(lambda unit: unit.documents.by_uri(context.user, state["uri"]))
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
        """Store document, chunks and what is left to do, all or nothing: from then on it is kept."""
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

        async def put(unit: UnitOfWork) -> list[LedgerEntry]:
            await unit.documents.put(document, state["pieces"])
            await unit.ledger.enqueue(context.user, "document", document.id, "knowledge")
            return await self.projector.enqueue(unit, document)

        try:
            claims = await claimed(self.archive, put, grows=True)
        except ArchiveError as error:
            return {"status": "failed", "error": error.say(context.lang)}
        for claim in claims:
            self.projector.offer(claim, document, state["pieces"])
        status = "updated" if state["known"] else "stored"
        return {"status": status, "chunks": len(state["pieces"]), "offered": bool(claims), **_LET_GO}

    async def project(self, state: IngestionState, runtime: Runtime[IngestionContext]) -> Update:  # noqa: ARG002  # by name
        """Leave it to the projector, which takes many at once."""
        if not state.get("offered"):
            self.projector.wake()
        return {}


def _split(state: IngestionState, context: IngestionContext) -> Update:
    parsed = state["parsed"]
    pieces = list(split(parsed))
    text = "\n\n".join(section.text for section in parsed.sections)
    lang = detect(_sample(text))
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


def _sample(text: str) -> str:
    """Return some of a text, from its beginning to its end."""
    if len(text) <= _SAMPLES * _SAMPLE_CHARS:
        return text
    step = (len(text) - _SAMPLE_CHARS) // (_SAMPLES - 1)
    return "\n".join(text[place * step : place * step + _SAMPLE_CHARS] for place in range(_SAMPLES))


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
