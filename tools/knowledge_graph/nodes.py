"""Finding the node that somebody means by a name."""

from dataclasses import dataclass
from typing import Final

from memory.knowledge.keys import key_of
from memory.knowledge.ontology import ENTITY_LABELS, EntityLabel
from memory.knowledge.protocol import KnowledgeGraph

_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Node:
    """An entity of the graph."""

    label: EntityLabel
    key: str
    name: str
    date: str = ""


async def find(graph: KnowledgeGraph, user: str, name: str, label: EntityLabel | None = None) -> list[Node]:
    """Return the entities by that name, else those whose name holds it, the shortest first; few at most."""
    key = key_of(name[:500])
    if not key:
        return []
    labels = [label] if label else list(ENTITY_LABELS)
    return await _where(graph, user, key, labels, "e.key = $key") or await _where(
        graph, user, key, labels, "e.key CONTAINS $key"
    )


async def _where(
    graph: KnowledgeGraph, user: str, key: str, labels: list[EntityLabel], condition: str
) -> list[Node]:
    found: list[Node] = []
    for label in labels:
        date = "e.date" if label == "Event" else "''"
        cypher = (
            f"MATCH (e:{label} {{user: $user}}) WHERE {condition} "
            f"RETURN e.key AS key, e.name AS name, {date} AS date ORDER BY size(e.key), e.key LIMIT {_MOST}"
        )
        rows = await graph.read(user, cypher, {"key": key})
        found += [Node(label, *row) for row in rows.rows]
    return sorted(found, key=lambda node: (len(node.key), node.key, node.label))[:_MOST]
