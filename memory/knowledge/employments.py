"""Who works where: one relationship for a person and an organisation, however many documents say so.

What each document said is kept beside it (`evidence`, JSON), so that it can be made anew when one of them
changes or goes.
"""

import json
from collections.abc import Generator, Iterable, Mapping
from typing import Any, Final

from memory.knowledge.facts import DocumentFacts, Employment, Link
from memory.knowledge.keys import display
from memory.knowledge.statements import Row, Said, Statement

EVIDENCE: Final = "evidence"
"""Of a WORKS_FOR: what each document says, by its key; never shown."""
Pair = tuple[str, str]
"""The keys of a person and of an organisation."""
Evidence = dict[str, dict[str, Any]]


def require_linked(links: Iterable[Link], employments: Iterable[Employment]) -> None:
    """Raise ValueError unless a document leads to both ends of its employments: that is what keeps them."""
    known = {(one.entity.label, one.entity.key) for one in links}
    for one in employments:
        ends = (("Person", one.person.key), ("Organization", one.organization.key))
        if not known.issuperset(ends):
            raise ValueError("an employment between those that its document does not lead to")


def of_document(user: str, document_id: str) -> Generator[Statement, list[Row], set[Pair]]:
    """Return the pairs of which the graph has it from this document."""
    rows = yield Statement(
        "MATCH (:Document {user: $user, key: $document})-->(p:Person)-[r:WORKS_FOR]->(o:Organization) "
        "WHERE $document IN r.documents RETURN DISTINCT p.key AS person, o.key AS organization",
        {"user": user, "document": document_id},
    )
    return {(row["person"], row["organization"]) for row in rows}


def replace(facts: DocumentFacts, before: set[Pair], now: str) -> Generator[Statement, list[Row], None]:
    """Make what the document says of employments what these facts say."""
    said = _said_by(facts)
    pairs = sorted(before | said.keys())
    if not pairs:
        return
    known = yield from _evidence(facts.user, pairs)
    kept: list[Row] = []
    gone: list[Row] = []
    for pair in pairs:
        evidence = {key: one for key, one in known.get(pair, {}).items() if key != facts.document_id}
        if pair in said:
            evidence[facts.document_id] = said[pair]
        row: Row = {"person": pair[0], "organization": pair[1]}
        if evidence:
            kept.append({**row, **_shown(evidence)})
        else:
            gone.append(row)
    if kept:
        yield _write(facts.user, kept, now)
    if gone:
        yield _drop(facts.user, gone)


def _said_by(facts: DocumentFacts) -> dict[Pair, dict[str, Any]]:
    """Return what the document says of each pair; said twice, chunks are joined, the first role stays."""
    found: dict[Pair, dict[str, Any]] = {}
    for one in sorted(facts.employments, key=lambda one: (one.chunks[0], one.role, one.organization.name)):
        pair = (one.person.key, one.organization.key)
        known = found.get(pair)
        said = Said(one.chunks[0], one.organization.name, facts.extractor).edge()
        chunks = known["chunks"] if known else []
        found[pair] = {
            **(known or {**said, "role": display(one.role)}),
            "chunks": list(dict.fromkeys([*chunks, *one.chunks])),
        }
        found[pair]["role"] = found[pair]["role"] or display(one.role)
    return found


def _shown(evidence: Mapping[str, dict[str, Any]]) -> Row:
    """Return the properties of the relationship: the least source speaks, all are listed."""
    documents = sorted(evidence)
    first = min(
        evidence.values(), key=lambda one: (one["source"], one["role"], one["said"], one["extractor"])
    )
    return {
        "documents": documents,
        "chunks": list(dict.fromkeys(chunk for key in documents for chunk in evidence[key]["chunks"])),
        "source": first["source"],
        "said": first["said"],
        "extractor": first["extractor"],
        "role": first["role"],
        EVIDENCE: json.dumps(dict(evidence), sort_keys=True, ensure_ascii=False),
    }


def _evidence(user: str, pairs: Iterable[Pair]) -> Generator[Statement, list[Row], dict[Pair, Evidence]]:
    rows = yield Statement(
        "UNWIND $pairs AS pair "
        "MATCH (p:Person {user: $user, key: pair.person})-[r:WORKS_FOR]->"
        "(o:Organization {user: $user, key: pair.organization}) "
        f"RETURN p.key AS person, o.key AS organization, r.{EVIDENCE} AS evidence",
        {"user": user, "pairs": [{"person": one, "organization": other} for one, other in pairs]},
    )
    return {(row["person"], row["organization"]): json.loads(row["evidence"]) for row in rows}


def _write(user: str, rows: list[Row], now: str) -> Statement:
    return Statement(
        "UNWIND $rows AS row MATCH (p:Person {user: $user, key: row.person}) "
        "MATCH (o:Organization {user: $user, key: row.organization}) "
        "MERGE (p)-[r:WORKS_FOR]->(o) ON CREATE SET r.created_at = $now "
        "SET r.user = $user, r.documents = row.documents, r.chunks = row.chunks, r.source = row.source, "
        "r.said = row.said, r.extractor = row.extractor, r.role = row.role, "
        f"r.{EVIDENCE} = row.{EVIDENCE}, r.updated_at = $now",
        {"user": user, "rows": rows, "now": now},
    )


def _drop(user: str, rows: list[Row]) -> Statement:
    return Statement(
        "UNWIND $rows AS row MATCH (:Person {user: $user, key: row.person})-[r:WORKS_FOR]->"
        "(:Organization {user: $user, key: row.organization}) DELETE r",
        {"user": user, "rows": rows},
    )
