"""What was read in a document: the facts that the knowledge graph keeps of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from memory.knowledge.keys import display, is_name, key_of
from memory.knowledge.ontology import EntityLabel, RelationshipType

RULES = "rules"
"""The extractor where no model read the text."""


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """Somebody or something; equal keys of one label are one node. Raises ValueError for what is no name."""

    label: EntityLabel
    name: str
    date: str = ""
    """Of an event: ISO 8601, as precise as known, or ""."""

    def __post_init__(self) -> None:
        """Keep the name as it is shown."""
        if not is_name(self.name):
            raise ValueError("no name: it is empty, or too long")
        object.__setattr__(self, "name", display(self.name))

    @property
    def key(self) -> str:
        """What the node is known by; two events of one name on two dates are two."""
        return f"{key_of(self.name)} {self.date}".strip()


@dataclass(frozen=True, slots=True)
class Link:
    """A document leads to an entity."""

    type: RelationshipType
    entity: Entity
    chunks: tuple[str, ...]
    """Ids of the chunks that say so, in their order in the document; never empty."""


@dataclass(frozen=True, slots=True)
class Employment:
    """A person works for an organisation, as a document says."""

    person: Entity
    organization: Entity
    chunks: tuple[str, ...]
    role: str = ""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """All that one document says, as one extractor read it: it replaces what the graph had of it.

    Both ends of an employment are among the entities that the document links to.
    """

    user: str
    document_id: str
    title: str
    uri: str
    lang: str
    extractor: str
    links: tuple[Link, ...] = ()
    employments: tuple[Employment, ...] = ()
    first_chunk: str = ""
    """Where the document itself leads back to."""


def merged(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links with those to one node by one relationship made one, sorted; the first name stays."""
    found: dict[tuple[str, str, str], Link] = {}
    for link in links:
        place = (link.type, link.entity.label, link.entity.key)
        known = found.get(place)
        chunks = tuple(dict.fromkeys((*known.chunks, *link.chunks))) if known else link.chunks
        found[place] = Link(link.type, known.entity if known else link.entity, chunks)
    return tuple(found[place] for place in sorted(found))
