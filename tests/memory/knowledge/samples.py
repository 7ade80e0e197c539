"""Facts to put into a graph, in few words."""

from __future__ import annotations

from typing import Any

from memory.knowledge.facts import RULES, DocumentFacts, Employment, Entity, Link
from memory.knowledge.ontology import OWN, EntityLabel, link_type
from memory.knowledge.protocol import KnowledgeGraph, Limits

USER = "marie"
EVERYTHING = Limits(seconds=30, rows=100_000, bytes=100_000_000)


def link(label: EntityLabel, name: str, *chunks: str, date: str = "", author: bool = False) -> Link:
    """A document leads to somebody or something."""
    return Link(link_type(label, author=author), Entity(label, name, date), chunks)


def facts(
    document: str,
    *links: Link,
    employments: tuple[Employment, ...] = (),
    user: str = USER,
    title: str = "",
    extractor: str = RULES,
) -> DocumentFacts:
    """What one document says."""
    return DocumentFacts(
        user=user,
        document_id=document,
        title=title or f"Title of {document}",
        uri=f"file:///{document}.md",
        lang="en",
        extractor=extractor,
        links=links,
        employments=employments,
        first_chunk=f"{document}-0",
    )


def employed(
    document: str,
    person: str,
    organization: str,
    *,
    role: str = "",
    chunk: str = "",
    user: str = USER,
    extractor: str = RULES,
) -> DocumentFacts:
    """A document that says nothing but who works where."""
    chunk = chunk or f"{document}-1"
    ends = Entity("Person", person), Entity("Organization", organization)
    return facts(
        document,
        link("Person", person, chunk),
        link("Organization", organization, chunk),
        employments=(Employment(*ends, (chunk,), role),),
        user=user,
        extractor=extractor,
    )


async def nodes(graph: KnowledgeGraph, label: str, user: str = USER) -> list[dict[str, Any]]:
    """Every node of a label, by key."""
    cypher = f"MATCH (n:{label} {{user: $user}}) RETURN n ORDER BY n.key"
    return [row[0] for row in (await graph.read(user, cypher, limits=EVERYTHING)).rows]


async def keys(graph: KnowledgeGraph, user: str = USER) -> set[str]:
    """The keys of every node."""
    return {one["key"] for label in OWN for one in await nodes(graph, label, user)}


async def works_for(graph: KnowledgeGraph, user: str = USER) -> list[dict[str, Any]]:
    """Every employment."""
    cypher = (
        "MATCH (p:Person {user: $user})-[r:WORKS_FOR]->(o:Organization {user: $user}) "
        "RETURN r ORDER BY p.key, o.key"
    )
    return [row[0] for row in (await graph.read(user, cypher, limits=EVERYTHING)).rows]
