"""One number for a user's whole graph: equal for equal graphs, whichever engine holds them."""

import hashlib
import json
from typing import Any, Final

from memory.knowledge.ontology import OWN, RELATIONSHIPS
from memory.knowledge.protocol import KnowledgeGraph, Limits

_NEVER_COUNTED: Final = frozenset({"created_at", "updated_at"})
_WHOLE: Final = Limits(seconds=120.0, rows=10_000_000, bytes=2_000_000_000)


async def checksum(graph: KnowledgeGraph, user: str) -> str:
    """Return the SHA-256 of every node and relationship, sorted, but for when they were written."""
    found = [*await _nodes(graph, user), *await _relationships(graph, user)]
    lines = sorted(json.dumps(one, sort_keys=True, ensure_ascii=False) for one in found)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


async def _nodes(graph: KnowledgeGraph, user: str) -> list[Any]:
    found: list[Any] = []
    for label in OWN:
        rows = await graph.read(user, f"MATCH (n:{label} {{user: $user}}) RETURN n", limits=_WHOLE)
        found += [_bare(row[0]) for row in rows.rows]
    return found


async def _relationships(graph: KnowledgeGraph, user: str) -> list[Any]:
    found: list[Any] = []
    for one in RELATIONSHIPS:
        rows = await graph.read(
            user,
            f"MATCH (a:{one.start} {{user: $user}})-[r:{one.type} {{user: $user}}]->"
            f"(b:{one.end} {{user: $user}}) RETURN a.key, b.key, r",
            limits=_WHOLE,
        )
        found += [[one.start, row[0], one.end, row[1], _bare(row[2])] for row in rows.rows]
    return found


def _bare(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name not in _NEVER_COUNTED}
