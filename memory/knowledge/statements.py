"""The statements that change the graph. Labels and types are the ontology's, all else is a parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """Cypher, and its parameters."""

    cypher: str
    parameters: dict[str, Any]


class Said(NamedTuple):
    """Where something is said, by which name, and who read it; a node shows the least of several."""

    source: str
    name: str
    extractor: str

    @classmethod
    def of(cls, row: Row, prefix: str) -> "Said":
        """Return what a row says in its columns `source`, `name` and `extractor`."""
        return cls(row[f"{prefix}source"], row[f"{prefix}name"], row[f"{prefix}extractor"])

    def properties(self) -> dict[str, str]:
        """Return it as the properties of a node."""
        return self._asdict()

    def edge(self) -> dict[str, str]:
        """Return it as the properties of a relationship."""
        return {"source": self.source, "said": self.name, "extractor": self.extractor}


def edges_of(user: str, document_id: str) -> Statement:
    """Ask for the relationships of a document, and what their ends show."""
    return Statement(
        "MATCH (d:Document {user: $user, key: $document})-[r]->(e) "
        "RETURN type(r) AS type, labels(e)[0] AS label, e.key AS key, "
        "r.source AS source, r.said AS name, r.extractor AS extractor, "
        "e.source AS node_source, e.name AS node_name, e.extractor AS node_extractor",
        {"user": user, "document": document_id},
    )


def document(user: str, document_id: str, properties: dict[str, str], now: str) -> Statement:
    """Make a document, or change what is known of it."""
    return Statement(
        "MERGE (d:Document {user: $user, key: $document}) ON CREATE SET d.created_at = $now "
        "SET d += $properties, d.updated_at = $now",
        {"user": user, "document": document_id, "properties": properties, "now": now},
    )


def drop_document(user: str, document_id: str) -> Statement:
    """Remove a document and its relationships."""
    return Statement(
        "MATCH (d:Document {user: $user, key: $document}) DETACH DELETE d",
        {"user": user, "document": document_id},
    )


def shown(user: str, label: str, keys: Sequence[str]) -> Statement:
    """Ask what nodes show now."""
    return Statement(
        f"UNWIND $keys AS key MATCH (e:{label} {{user: $user, key: key}}) "
        "RETURN e.key AS key, e.source AS source, e.name AS name, e.extractor AS extractor",
        {"user": user, "keys": list(keys)},
    )


def entities(user: str, label: str, rows: Sequence[Row], now: str) -> Statement:
    """Make or confirm nodes."""
    date = ", e.date = row.date" if label == "Event" else ""
    return Statement(
        f"UNWIND $rows AS row MERGE (e:{label} {{user: $user, key: row.key}}) "
        "ON CREATE SET e.created_at = $now SET e.name = row.name, e.source = row.source, "
        f"e.extractor = row.extractor, e.updated_at = $now{date}",
        {"user": user, "rows": list(rows), "now": now},
    )


def show(user: str, label: str, rows: Sequence[Row]) -> Statement:
    """Change what nodes show."""
    return Statement(
        f"UNWIND $rows AS row MATCH (e:{label} {{user: $user, key: row.key}}) "
        "SET e.name = row.name, e.source = row.source, e.extractor = row.extractor",
        {"user": user, "rows": list(rows)},
    )


def links(user: str, document_id: str, kind: tuple[str, str], rows: Sequence[Row], now: str) -> Statement:
    """Make or confirm the relationships of one type from a document to nodes of one label."""
    type_, label = kind
    return Statement(
        "MATCH (d:Document {user: $user, key: $document}) "
        f"UNWIND $rows AS row MATCH (e:{label} {{user: $user, key: row.key}}) "
        f"MERGE (d)-[r:{type_}]->(e) ON CREATE SET r.created_at = $now "
        "SET r.user = $user, r.source = row.source, r.chunks = row.chunks, r.said = row.said, "
        "r.extractor = row.extractor, r.updated_at = $now",
        {"user": user, "document": document_id, "rows": list(rows), "now": now},
    )


def drop_edges(user: str, document_id: str, kind: tuple[str, str], keys: Sequence[str]) -> Statement:
    """Remove relationships of one type from a document to nodes of one label."""
    type_, label = kind
    return Statement(
        f"UNWIND $keys AS key MATCH (d:Document {{user: $user, key: $document}})"
        f"-[r:{type_}]->(e:{label} {{user: $user, key: key}}) DELETE r",
        {"user": user, "document": document_id, "keys": list(keys)},
    )


def drop_orphans(user: str, label: str, keys: Sequence[str]) -> Statement:
    """Remove those nodes that no document leads to."""
    return Statement(
        f"UNWIND $keys AS key MATCH (e:{label} {{user: $user, key: key}}) "
        "WHERE NOT (e)<--(:Document) DETACH DELETE e",
        {"user": user, "keys": list(keys)},
    )


def least(user: str, label: str, keys: Sequence[str]) -> Statement:
    """Ask for what documents say of nodes in the chunk with the least id."""
    return Statement(
        # From the node to its documents: the other way round, an engine looks at all documents there are.
        f"UNWIND $keys AS key MATCH (e:{label} {{user: $user, key: key}})<-[r]-(:Document) "
        "WITH e, min(r.source) AS first MATCH (e)<-[s]-(:Document) WHERE s.source = first "
        "RETURN e.key AS key, s.source AS source, s.said AS name, s.extractor AS extractor",
        {"user": user, "keys": list(keys)},
    )
