"""What the guard says of a query, as one word."""

from __future__ import annotations

from tools.knowledge_graph.guard import QueryNotAllowed, guarded

PASSES = "passes"


def verdict(cypher: str) -> str:
    """The rule that a query breaks, or that it passes, under the ontology."""
    return _said(cypher, ontology=True)


def verdict_on_any_graph(cypher: str) -> str:
    """The same, whatever labels and types it names."""
    return _said(cypher, ontology=False)


def _said(cypher: str, *, ontology: bool) -> str:
    try:
        if ontology:
            guarded(cypher)
        else:
            guarded(cypher, labels=None, types=None)
    except QueryNotAllowed as refusal:
        return refusal.rule
    return PASSES
