"""What the embedded engine stores of an entry: its vectors, and the identifiers that searches filter by."""

import uuid
from functools import lru_cache
from typing import Any

from qdrant_edge import Point

from memory.long_term import bm25
from memory.long_term.embedding import Vector
from memory.long_term.entries import IndexEntry, Kind


def point_id(entry: IndexEntry) -> str:
    """Return the id of an entry's point: it derives from the entry's, so that every write can be repeated."""
    return point_id_of(entry.user, entry.kind, entry.item_id)


def point_id_of(user: str, kind: Kind, item_id: str) -> str:
    """Return the id of the point of an item."""
    return _named(f"{user}\n{kind}\n{item_id}")


@lru_cache(maxsize=8192)
def _named(name: str) -> str:
    """Kept for a while: the words of an entry come first, and its vector soon after."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def point(entry: IndexEntry, vector: Vector | None) -> Point:
    """Return the entry as a point."""
    vectors: dict[str, Any] = {"bm25": bm25.document_vector(entry.text, entry.lang)}
    if vector is not None:
        vectors["dense"] = list(vector)
    payload = {
        "user": entry.user,
        "kind": entry.kind,
        "source": entry.source_id,
        "item": entry.item_id,
        "lang": entry.lang,
        "created_at": entry.created_at.isoformat(),
    }
    return Point(point_id(entry), vectors, payload)
