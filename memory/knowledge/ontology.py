"""The ontology: every label, relationship and property of the knowledge graph, in one place.

Documents lead to what they speak of. Every node and every relationship carries its `user` and the id of the
chunk that said it (`source`); a node is one for its `user` and `key`.
"""

from dataclasses import dataclass
from typing import Final, Literal

Label = Literal["Document", "Person", "Organization", "Topic", "Event"]
EntityLabel = Literal["Person", "Organization", "Topic", "Event"]
RelationshipType = Literal["WRITTEN_BY", "MENTIONS", "RELATED_TO", "WORKS_FOR"]

DOCUMENT: Final = "Document"
ENTITY_LABELS: Final[tuple[EntityLabel, ...]] = ("Person", "Organization", "Topic", "Event")
FORMAT: Final = 1
"""Of what is stored: another one is built anew from the archive."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property that a query may read."""

    name: str
    type: str
    says: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship type between two labels."""

    start: Label
    type: RelationshipType
    end: Label
    says: str


COMMON: Final = (
    Property("key", "STRING", "identifies the node: lower case, without accents; a Document's is its id"),
    Property("name", "STRING", "as people write it; a Document's is its title"),
    Property("source", "STRING", "id of the chunk that said it"),
    Property("extractor", "STRING", "what read it: `rules`, or the model"),
    Property("created_at", "STRING", "when it came into the graph, ISO 8601"),
    Property("updated_at", "STRING", "when it was last confirmed, ISO 8601"),
)
"""Of every node, beside `user`."""

OWN: Final[dict[Label, tuple[Property, ...]]] = {
    "Document": (
        Property("uri", "STRING", "the address it came from"),
        Property("lang", "STRING", "ISO 639-1"),
    ),
    "Person": (),
    "Organization": (),
    "Topic": (),
    "Event": (
        Property("date", "STRING", "ISO 8601, as precise as known (2026, 2026-03, 2026-03-14), or ''"),
    ),
}

OF_RELATIONSHIPS: Final = (
    Property("source", "STRING", "id of the first chunk that said it"),
    Property("chunks", "LIST OF STRING", "ids of all the chunks that said it"),
    Property("said", "STRING", "the name of the end node as it is written there"),
    Property("extractor", "STRING", "what read it"),
    Property("created_at", "STRING", "ISO 8601"),
    Property("updated_at", "STRING", "ISO 8601"),
)
"""Of every relationship, beside `user`."""

OWN_OF_RELATIONSHIPS: Final[dict[RelationshipType, tuple[Property, ...]]] = {
    "WRITTEN_BY": (),
    "MENTIONS": (),
    "RELATED_TO": (),
    "WORKS_FOR": (
        Property("role", "STRING", "the title there, or ''"),
        Property("documents", "LIST OF STRING", "keys of the documents that say so"),
    ),
}

RELATIONSHIPS: Final = (
    Relationship("Document", "WRITTEN_BY", "Person", "its author or, in a transcript, one who speaks"),
    Relationship("Document", "MENTIONS", "Person", "it names them"),
    Relationship("Document", "MENTIONS", "Organization", "it names it"),
    Relationship("Document", "MENTIONS", "Topic", "it is about it"),
    Relationship("Document", "RELATED_TO", "Event", "it speaks of it"),
    Relationship("Person", "WORKS_FOR", "Organization", "they work there, or did"),
)
LABELS: Final[frozenset[str]] = frozenset(OWN)
RELATIONSHIP_TYPES: Final[frozenset[str]] = frozenset(OWN_OF_RELATIONSHIPS)


LEADING: Final[dict[EntityLabel, str]] = {
    "Person": "MENTIONS|WRITTEN_BY",
    "Organization": "MENTIONS",
    "Topic": "MENTIONS",
    "Event": "RELATED_TO",
}
"""The relationships by which documents lead to an entity, as Cypher names them: without their types, the
engine in this process goes through all documents."""


def link_type(label: EntityLabel, *, author: bool = False) -> RelationshipType:
    """Return the relationship by which a document leads to an entity."""
    if label == "Event":
        return "RELATED_TO"
    return "WRITTEN_BY" if author and label == "Person" else "MENTIONS"


def schema_text() -> str:
    """Return the ontology as a model reads it, before it writes Cypher."""
    nodes = [f"(:{label} {{{', '.join(_shown(label))}}})" for label in OWN]
    edges = [f"(:{one.start})-[:{one.type}]->(:{one.end})  {one.says}" for one in RELATIONSHIPS]
    details = [
        f"{one.name}: {one.says}" for one in (*COMMON, *(own for some in OWN.values() for own in some))
    ]
    edge = ", ".join(one.name for one in OF_RELATIONSHIPS)
    works = ", ".join(one.name for one in OWN_OF_RELATIONSHIPS["WORKS_FOR"])
    return "\n".join(
        [
            "Nodes:",
            *nodes,
            "Relationships:",
            *edges,
            f"Relationship properties: {edge}; of WORKS_FOR also {works}",
            "Properties:",
            *details,
        ]
    )


def _shown(label: Label) -> list[str]:
    return [f"{one.name}: {one.type}" for one in (*COMMON, *OWN[label])]
