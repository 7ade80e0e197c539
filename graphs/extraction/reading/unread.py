"""A document that could not be read, and what is known of it all the same."""

from collections.abc import Sequence

from memory.archive.entities import Chunk, Document
from memory.knowledge.facts import RULES, DocumentFacts


class NotRead(Exception):
    """Rules could not read a document; the message says why, and holds nothing of its text."""


def nothing_of(document: Document, chunks: Sequence[Chunk]) -> DocumentFacts:
    """Return the document itself, and that it leads nowhere."""
    return DocumentFacts(
        user=document.user,
        document_id=document.id,
        title=document.title,
        uri=document.uri,
        lang=document.lang,
        extractor=RULES,
        first_chunk=chunks[0].id if chunks else "",
    )
