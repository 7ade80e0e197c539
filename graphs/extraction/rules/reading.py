"""Reading a document by rules, from its first letter to its facts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from graphs.extraction.rules import merging
from graphs.extraction.rules.authors import authors
from graphs.extraction.rules.dated_rows import dated_rows
from graphs.extraction.rules.dates import heading_year, main_year, stamped
from graphs.extraction.rules.employments import employments
from graphs.extraction.rules.events import events
from graphs.extraction.rules.gazetteer import Gazetteer
from graphs.extraction.rules.happenings import happenings
from graphs.extraction.rules.known import found_again, repeated
from graphs.extraction.rules.lone_names import lone_names
from graphs.extraction.rules.mentions import Mention, Mentions, overlaps
from graphs.extraction.rules.organizations import organizations
from graphs.extraction.rules.own import own
from graphs.extraction.rules.people import people, spoken_labels
from graphs.extraction.rules.recorded import recorded
from graphs.extraction.rules.source import Source, source_of
from graphs.extraction.rules.tables import named
from graphs.extraction.rules.topics import topics
from memory.archive.entities import Chunk, Document
from memory.knowledge.facts import RULES, DocumentFacts, Employment, Entity, Link, merged
from memory.knowledge.keys import key_of
from memory.knowledge.ontology import link_type

MOST_ENTITIES: Final = 400
"""Of one label in one document: a longer list is a table of data, and the graph is no copy of it."""


def read_by_rules(
    document: Document, chunks: Sequence[Chunk], known: Gazetteer | None = None
) -> DocumentFacts:
    """Return what a document says, as far as rules can tell; `known` is what the graph has already.

    Whatever the text is, it raises nothing; a long text is read up to `source.MOST_CHARACTERS`.
    """
    source = source_of(document, chunks)
    found = _mentions(source)
    if known is not None:
        found.extend(list(found_again(source, found, known)))
        found.keep_first(MOST_ENTITIES)
    entities = _entities(found)
    links, employed = _links(found, entities), _employments(source, found, entities)
    names = [entity.name for entity in entities.values()]
    about = [
        Link("MENTIONS", Entity("Topic", one.name), (source.pieces[one.piece].chunk,))
        for one in topics(source.pieces, source.lang, names)
    ]
    return DocumentFacts(
        user=document.user,
        document_id=document.id,
        title=document.title,
        uri=document.uri,
        lang=document.lang,
        extractor=RULES,
        links=_as_links(source, links, about),
        employments=tuple(employed),
        first_chunk=chunks[0].id if chunks else "",
    )


def written_by(document: Document, chunks: Sequence[Chunk]) -> tuple[Link, ...]:
    """Return who wrote a document, or speaks in it, as far as its head and its form tell."""
    source = source_of(document, chunks)
    said = Mentions()
    said.extend(authors(source))
    return _as_links(source, _links(said, _entities(said)), ())


def _mentions(source: Source) -> Mentions:
    found = Mentions()
    found.extend(authors(source))
    found.extend(named(source.pieces))
    found.extend(own(source))
    for number, piece in enumerate(source.pieces):
        found.extend(_free(organizations(number, piece), found.taken(number)))
        found.extend(_free(people(number, piece), found.taken(number, "Organization")))
        found.extend(spoken_labels(number, piece))
    found.extend(repeated(source, found))
    for number, piece in enumerate(source.pieces):
        found.extend(_free(lone_names(number, piece), found.taken(number)))
    _add_events(source, found)
    found.keep_first(MOST_ENTITIES)
    return found


def _add_events(source: Source, found: Mentions) -> None:
    whole = year = _year(source)
    found.extend(dated_rows(source, year))
    for number, piece in enumerate(source.pieces):
        if piece.kind == "heading":
            year = heading_year(piece.text) or whole
        found.extend(_free(events(number, piece, source.lang, year), found.taken(number, "Event")))
        told = happenings(number, piece, source.lang, year, found.taken(number, "Event"))
        found.extend(told)
    found.extend(recorded(source, found))


def _year(source: Source) -> int | None:
    """Return the year that days without one are of."""
    texts = [piece.text for piece in source.pieces]
    return main_year(iter([f"{stamped(source.file_name)} {texts[0]}", *texts[1:]] if texts else []))


def _free(mentions: Iterable[Mention], taken: list[tuple[int, int]]) -> Iterator[Mention]:
    return (one for one in mentions if not overlaps((one.start, one.end), taken))


def _entities(found: Mentions) -> dict[Mention, Entity]:
    """Return the entity of each mention."""
    persons, bodies = merging.people(found.of("Person")), merging.organizations(found.of("Organization"))
    happened = merging.events(found.of("Event"))
    entities: dict[Mention, Entity] = {}
    for one in found.all:
        if one.label == "Event":
            entities[one] = Entity("Event", *happened[key_of(one.name), one.date])
        else:
            chosen = persons if one.label == "Person" else bodies
            entities[one] = Entity(one.label, chosen.get(key_of(one.name), one.name))
    return entities


def _links(found: Mentions, entities: dict[Mention, Entity]) -> dict[tuple[str, Entity], set[int]]:
    """Return where each relationship is said: pieces by relationship and entity."""
    links: dict[tuple[str, Entity], set[int]] = defaultdict(set)
    writers = {entities[one] for one in found.all if one.author}
    for one in found.all:
        entity = entities[one]
        links[link_type(entity.label, author=one.author), entity].add(one.piece)
        if entity in writers and not one.author:
            links["MENTIONS", entity].add(one.piece)
    return links


def _employments(source: Source, found: Mentions, entities: dict[Mention, Entity]) -> list[Employment]:
    """Return who works where: one for each person and organisation, with the first role that is said."""
    hired: dict[tuple[str, str], Employment] = {}
    by_piece: dict[int, Mentions] = defaultdict(Mentions)
    for one in found.all:
        if one.end:
            by_piece[one.piece].add(one)
    for number, piece in enumerate(source.pieces):
        here = by_piece[number]
        for job in employments(piece, list(here.of("Person")), list(here.of("Organization"))):
            person, body = entities[job.person], entities[job.organization]
            before = hired.get((person.key, body.key))
            chunks = tuple(dict.fromkeys((*(before.chunks if before else ()), piece.chunk)))
            role = (before.role if before else "") or job.role
            hired[person.key, body.key] = Employment(person, body, chunks, role)
    return [hired[pair] for pair in sorted(hired)]


def _as_links(
    source: Source, links: dict[tuple[str, Entity], set[int]], about: Iterable[Link]
) -> tuple[Link, ...]:
    """Return the links with their chunks in the order of the document."""
    said: list[Link] = []
    for (relationship, entity), pieces in links.items():
        chunks = tuple(dict.fromkeys(source.pieces[piece].chunk for piece in sorted(pieces)))
        kind = "WRITTEN_BY" if relationship == "WRITTEN_BY" else link_type(entity.label)
        said.append(Link(kind, entity, chunks))
    return merged([*said, *about])
