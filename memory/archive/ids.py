"""Ids that follow from what they name, so that every step can be repeated (RFC 9562, UUID version 5)."""

import uuid


def document_id(user: str, uri: str) -> str:
    """Return a document's id: the same file is the same document, whatever it holds today."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{user}\n{uri}"))


def chunk_id(document: str, content_hash: str, position: int) -> str:
    """Return the id of a document's chunk: another content has other chunks."""
    return str(uuid.uuid5(uuid.UUID(document), f"{content_hash}:{position}"))
