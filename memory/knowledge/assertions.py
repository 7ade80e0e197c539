"""What putting and forgetting a document does to a graph, as Cypher that both engines run unchanged.

A change is a generator: it yields statements and is sent their rows, so that an engine without `await` and
one with it carry out the same steps. All of it belongs into one transaction, by the only writer of that user.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from memory.knowledge import employments, statements
from memory.knowledge.facts import DocumentFacts, Link, merged
from memory.knowledge.keys import display
from memory.knowledge.ontology import ENTITY_LABELS
from memory.knowledge.statements import Row, Said, Statement

Change = Generator[Statement, list[Row], None]


class _Place(NamedTuple):
    """An edge of one document: its type, and the node it leads to."""

    type: str
    label: str
    key: str


@dataclass(frozen=True, slots=True)
class _Old:
    """What the graph has of a document: what its edges say, and what their ends show."""

    edges: Mapping[_Place, Said]
    shown: Mapping[tuple[str, str], Said]


def put(facts: DocumentFacts, now: str) -> Change:
    """Make what the graph has of a document what these facts say."""
    links = merged(facts.links)
    employments.require_linked(links, facts.employments)
    old = yield from _old(facts.user, facts.document_id)
    before = yield from employments.of_document(facts.user, facts.document_id)
    yield statements.document(facts.user, facts.document_id, _document(facts), now)
    yield from _entities(facts, links, now)
    yield from _links(facts, links, now)
    yield from _drop_edges(facts.user, facts.document_id, old.edges.keys() - {_place(one) for one in links})
    yield from employments.replace(facts, before, now)
    yield from _settle(facts.user, old, _said_by(facts, links))


def forget(user: str, document_id: str, now: str) -> Change:
    """Remove a document, and what only it said."""
    nothing = DocumentFacts(user, document_id, "", "", "", "")
    old = yield from _old(user, document_id)
    before = yield from employments.of_document(user, document_id)
    yield from employments.replace(nothing, before, now)
    yield statements.drop_document(user, document_id)
    yield from _settle(user, old, {})


def _old(user: str, document_id: str) -> Generator[Statement, list[Row], _Old]:
    rows = yield statements.edges_of(user, document_id)
    edges = {_Place(row["type"], row["label"], row["key"]): Said.of(row, "") for row in rows}
    return _Old(edges, {(row["label"], row["key"]): Said.of(row, "node_") for row in rows})


def _document(facts: DocumentFacts) -> dict[str, str]:
    return {
        "name": display(facts.title),
        "uri": display(facts.uri),
        "lang": facts.lang,
        "source": facts.first_chunk,
        "extractor": facts.extractor,
    }


def _entities(facts: DocumentFacts, links: tuple[Link, ...], now: str) -> Change:
    """Make or confirm the nodes; each shows the least of what is said of it."""
    said = _said_by(facts, links)
    dates = {(one.entity.label, one.entity.key): one.entity.date for one in links}
    for label in ENTITY_LABELS:
        keys = sorted(key for at, key in said if at == label)
        if not keys:
            continue
        known = yield statements.shown(facts.user, label, keys)
        shown = {row["key"]: Said.of(row, "") for row in known}
        rows = []
        for key in keys:
            least = min(said[label, key], shown.get(key, said[label, key]))
            rows.append({"key": key, "date": dates[label, key], **least.properties()})
        yield statements.entities(facts.user, label, rows, now)


def _links(facts: DocumentFacts, links: tuple[Link, ...], now: str) -> Change:
    kinds = sorted({(one.type, one.entity.label) for one in links})
    for type_, label in kinds:
        rows = [
            {"key": one.entity.key, "chunks": list(one.chunks), **_said(facts, one).edge()}
            for one in links
            if (one.type, one.entity.label) == (type_, label)
        ]
        yield statements.links(facts.user, facts.document_id, (type_, label), rows, now)


def _drop_edges(user: str, document_id: str, gone: set[_Place]) -> Change:
    for type_, label in sorted({(one.type, one.label) for one in gone}):
        keys = sorted(one.key for one in gone if (one.type, one.label) == (type_, label))
        yield statements.drop_edges(user, document_id, (type_, label), keys)


def _settle(user: str, old: _Old, said: Mapping[tuple[str, str], Said]) -> Change:
    """Remove the nodes that nothing leads to any more; show anew those whose shown edge is gone."""
    for label in ENTITY_LABELS:
        left = sorted(key for at, key in old.shown if at == label and (at, key) not in said)
        if left:
            yield statements.drop_orphans(user, label, left)
        stale = sorted(key for at, key in old.shown if at == label and _is_stale((at, key), old, said))
        if stale:
            rows = yield statements.least(user, label, stale)
            if rows:
                yield statements.show(user, label, _least(rows))


def _least(rows: list[Row]) -> list[Row]:
    """Return, for each key, the least of what the rows say; engines differ in how they order text."""
    found: dict[str, Said] = {}
    for row in rows:
        found[row["key"]] = min(found.get(row["key"], _NEVER), Said.of(row, ""))
    return [{"key": key, **said.properties()} for key, said in found.items()]


def _is_stale(node: tuple[str, str], old: _Old, said: Mapping[tuple[str, str], Said]) -> bool:
    """Tell whether a node shows what this document said of it, and no longer says."""
    was = min(one for place, one in old.edges.items() if (place.label, place.key) == node)
    return old.shown[node] == was and said.get(node, _NEVER) > was


_NEVER: Final = Said("\U0010ffff", "", "")


def _place(link: Link) -> _Place:
    return _Place(link.type, link.entity.label, link.entity.key)


def _said(facts: DocumentFacts, link: Link) -> Said:
    return Said(link.chunks[0], link.entity.name, facts.extractor)


def _said_by(facts: DocumentFacts, links: tuple[Link, ...]) -> dict[tuple[str, str], Said]:
    """Return, for each node, the least of what the document says of it."""
    found: dict[tuple[str, str], Said] = {}
    for one in links:
        node = (one.entity.label, one.entity.key)
        found[node] = min(found.get(node, _NEVER), _said(facts, one))
    return found
