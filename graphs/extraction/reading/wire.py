"""Documents, chunks and facts as JSON values, and back: whatever a text holds, lone surrogates too.

What comes back from a child is checked, because it has read what anybody may have written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from memory.archive.entities import Chunk, Document
from memory.knowledge.facts import DocumentFacts, Employment, Entity, Link
from memory.knowledge.ontology import ENTITY_LABELS, RELATIONSHIP_TYPES

_DOCUMENT: Final = tuple(one.name for one in fields(Document))
_CHUNK: Final = tuple(one.name for one in fields(Chunk))
_DATES: Final = ("created_at", "updated_at")
_TEXTS: Final = ("user", "document_id", "title", "uri", "lang", "extractor", "first_chunk")
"""Of facts: all that is neither a link nor an employment."""


def line(value: object) -> bytes:
    """Return a JSON value on one line.

    Not as ASCII: there, two surrogates side by side would come back as one character.
    """
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def value_of(said: bytes) -> Any:  # noqa: ANN401  # JSON is whatever the other side says
    """Return the value of a line; raise ValueError for what is no JSON."""
    return json.loads(said.decode("utf-8", "surrogatepass"))


def of_document(document: Document) -> list[object]:
    """Return a document as JSON."""
    return [getattr(document, name) if name not in _DATES else _date(document, name) for name in _DOCUMENT]


def to_document(value: list[Any]) -> Document:
    """Return the document that `of_document` was given."""
    named = dict(zip(_DOCUMENT, value, strict=True))
    return Document(**{**named, **{name: datetime.fromisoformat(named[name]) for name in _DATES}})


def of_chunk(chunk: Chunk) -> list[object]:
    """Return a chunk as JSON."""
    return [getattr(chunk, name) for name in _CHUNK]


def to_chunk(value: list[Any]) -> Chunk:
    """Return the chunk that `of_chunk` was given."""
    return Chunk(*value)


def of_entity(entity: Entity) -> list[str]:
    """Return an entity as JSON."""
    return [entity.label, entity.name, entity.date]


def to_entity(value: list[Any]) -> Entity:
    """Return the entity that `of_entity` was given; raise ValueError for what is none."""
    label, name, date = map(_text, value)
    if label not in ENTITY_LABELS:
        raise ValueError("no label of an entity")
    return Entity(label, name, date)


def to_entities(values: Iterable[Any]) -> Iterator[Entity]:
    """Yield the entities of a list; what is none is left out."""
    return (entity for one in values if (entity := _entity(one)))


def of_facts(facts: DocumentFacts) -> dict[str, object]:
    """Return facts as JSON."""
    links = [[one.type, of_entity(one.entity), one.chunks] for one in facts.links]
    work = [
        [of_entity(one.person), of_entity(one.organization), one.chunks, one.role]
        for one in facts.employments
    ]
    return {name: getattr(facts, name) for name in _TEXTS} | {"links": links, "employments": work}


def to_facts(value: dict[str, Any]) -> DocumentFacts:
    """Return the facts that `of_facts` was given; raise ValueError, TypeError or KeyError for what is none.

    A name that was cleaned is taken as it is: one that cleaning made too long is left out.
    """
    return DocumentFacts(
        **{name: _text(value[name]) for name in _TEXTS},
        links=tuple(_links(value["links"])),
        employments=tuple(_employments(value["employments"])),
    )


def _links(values: Iterable[Any]) -> Iterator[Link]:
    for kind, entity, chunks in values:
        if kind not in RELATIONSHIP_TYPES:
            raise ValueError("no relationship")
        if known := _entity(entity):
            yield Link(kind, known, tuple(map(_text, chunks)))


def _employments(values: Iterable[Any]) -> Iterator[Employment]:
    for person, organization, chunks, role in values:
        if (worker := _entity(person)) and (employer := _entity(organization)):
            yield Employment(worker, employer, tuple(map(_text, chunks)), _text(role))


def _entity(value: list[Any]) -> Entity | None:
    try:
        return to_entity(value)
    except ValueError:
        return None


def _date(document: Document, name: str) -> str:
    date: datetime = getattr(document, name)
    return date.isoformat()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"no text: {type(value).__name__}")
    return value
