"""The fixed queries of the tools. Labels are the ontology's own; everything else is a parameter."""

from collections.abc import Sequence
from typing import Any

from memory.knowledge.ontology import ENTITY_LABELS, LEADING, RELATIONSHIP_TYPES
from memory.knowledge.protocol import KnowledgeGraph
from tools.knowledge_graph.nodes import Node

Record = dict[str, Any]
LONGEST_PATH = 4
_ANY = "|".join(sorted(RELATIONSHIP_TYPES))


async def employers(graph: KnowledgeGraph, user: str, node: Node) -> list[Record]:
    """Return where a person works, or who works for an organisation."""
    if node.label not in ("Person", "Organization"):
        return []
    mine, other = ("p", "o") if node.label == "Person" else ("o", "p")
    cypher = (
        "MATCH (p:Person {user: $user})-[w:WORKS_FOR]->(o:Organization {user: $user}) "
        f"WHERE {mine}.key = $key RETURN p.name AS person, w.role AS role, o.name AS organization, "
        f"w.chunks AS chunks ORDER BY {other}.key LIMIT 20"
    )
    return (await graph.read(user, cypher, {"key": node.key})).records()


async def documents(graph: KnowledgeGraph, user: str, node: Node, limit: int = 10) -> list[Record]:
    """Return the documents that lead to an entity, and how."""
    cypher = (
        f"MATCH (e:{node.label} {{user: $user, key: $key}})"
        f"<-[r:{LEADING[node.label]}]-(d:Document {{user: $user}}) "
        "RETURN d.name AS document, d.key AS document_id, type(r) AS relationship, r.said AS said, "
        f"r.chunks AS chunks ORDER BY d.name, d.key LIMIT {max(1, min(limit, 50))}"
    )
    return (await graph.read(user, cypher, {"key": node.key})).records()


async def beside(graph: KnowledgeGraph, user: str, node: Node) -> list[Record]:
    """Return what the same documents speak of, the most often first."""
    found: list[Record] = []
    for label in ENTITY_LABELS:
        cypher = (
            f"MATCH (e:{node.label} {{user: $user, key: $key}})"
            f"<-[:{LEADING[node.label]}]-(d:Document {{user: $user}}) WITH DISTINCT d "
            f"MATCH (d)-[:{LEADING[label]}]->(o:{label}) WHERE o.key <> $key OR '{label}' <> '{node.label}' "
            f"RETURN '{label}' AS label, o.name AS name, count(DISTINCT d) AS documents "
            "ORDER BY documents DESC, name LIMIT 8"
        )
        found += (await graph.read(user, cypher, {"key": node.key})).records()
    return found


async def path(graph: KnowledgeGraph, user: str, start: Node, end: Node) -> list[Record]:
    """Return a shortest way from one entity to another, by what ties them; of two steps, some more."""
    if (start.label, start.key) == (end.label, end.key):
        return []
    asked = {"start": start.key, "end": end.key}
    first = f"(a:{start.label} {{user: $user, key: $start}})"
    last = f"(b:{end.label} {{user: $user, key: $end}})"
    shortest = (
        f"MATCH {first} WITH a MATCH {last} WITH a, b "
        f"MATCH p = shortestPath((a)-[:{_ANY}*..{LONGEST_PATH}]-(b)) "
        "RETURN [n IN nodes(p) | n.name] AS names, [r IN relationships(p) | type(r)] AS types"
    )
    both = (
        f"MATCH {first}<-[r1:{LEADING[start.label]}]-(d:Document {{user: $user}}) "
        f"MATCH (d)-[r2:{LEADING[end.label]}]->{last} "
        "RETURN [a.name, d.name, b.name] AS names, [type(r1), type(r2)] AS types ORDER BY d.name LIMIT 5"
    )
    rows = (await graph.read(user, shortest, asked)).rows
    if rows and len(rows[0][1]) == 2:
        rows = (await graph.read(user, both, asked)).rows or rows
    return [{"path": _in_words(names, types)} for names, types in rows]


def _in_words(names: Sequence[str], types: Sequence[str]) -> str:
    steps = [f" -[{type_}]- {name}" for type_, name in zip(types, names[1:], strict=True)]
    return f"{names[0]}{''.join(steps)}"


async def events(
    graph: KnowledgeGraph, user: str, node: Node | None, start: str, end: str, limit: int = 30
) -> list[Record]:
    """Return the events in order, of all documents or of those that speak of an entity."""
    about = ""
    if node is not None:
        about = (
            f"MATCH (about:{node.label} {{user: $user, key: $key}})"
            f"<-[:{LEADING[node.label]}]-(d:Document {{user: $user}}) "
        )
    cypher = (
        f"{about}MATCH (e:Event {{user: $user}})<-[r:RELATED_TO]-(d:Document {{user: $user}}) "
        "WHERE e.date <> '' AND e.date >= $start AND e.date <= $end "
        "RETURN e.date AS date, e.name AS event, d.name AS document, r.chunks AS chunks "
        f"ORDER BY date, event, document LIMIT {limit}"
    )
    asked = {"key": node.key if node else "", "start": start, "end": end or "9999"}
    return (await graph.read(user, cypher, asked)).records()


def chunks_of(records: Sequence[Record]) -> list[str]:
    """Take the chunks out of records, and return the first few of each."""
    found: dict[str, None] = {}
    for record in records:
        found |= dict.fromkeys(record.pop("chunks", None) or ())
    return list(found)
