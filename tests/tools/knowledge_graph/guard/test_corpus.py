"""Queries made to get past the guard, and odd ones that only read."""

from __future__ import annotations

import pytest

from tests.tools.knowledge_graph.guard.corpus import Harmless, Hostile, harmless, hostile
from tests.tools.knowledge_graph.guard.verdicts import PASSES, verdict
from tools.knowledge_graph.guard import QueryNotAllowed, guarded


def test_the_corpus_is_large_and_names_each_query_once() -> None:
    """At least 150 hostile queries and 40 harmless ones, none of them twice."""
    refused, let_through = hostile(), harmless()
    assert len(refused) >= 150 and len(let_through) >= 40
    for field in ("id", "query"):
        seen = [getattr(one, field) for one in (*refused, *let_through)]
        assert len(seen) == len(set(seen)), field


@pytest.mark.parametrize("one", hostile(), ids=lambda one: one.id)
def test_a_hostile_query_is_refused_by_its_rule(one: Hostile) -> None:
    """The guard names the rule that is broken; what only running can tell is left to the engine."""
    said = verdict(one.query)
    if one.rules:
        assert said in one.rules, f"{one.query[:200]!r}: {said}"
    else:
        assert said == PASSES and one.engine in ("timeout", "memory")


@pytest.mark.parametrize("one", harmless(), ids=lambda one: one.id)
def test_a_harmless_query_passes_unchanged(one: Harmless) -> None:
    """Whatever its strings, comments, aliases and properties say, it is run as it was written."""
    assert guarded(one.query) in (one.query.strip(), one.query.strip().removesuffix(";").strip())


@pytest.mark.parametrize("one", [one for one in hostile() if one.rules], ids=lambda one: one.id)
def test_every_refusal_says_what_to_do_in_one_sentence(one: Hostile) -> None:
    """One line of plain text with an end, whatever was in the query."""
    with pytest.raises(QueryNotAllowed) as refused:
        guarded(one.query)
    said = refused.value.explanation
    assert said[0].isupper() and said.endswith(".") and len(said) < 200
    assert said.isprintable(), said


def test_the_semicolon_at_the_end_goes_and_nothing_else() -> None:
    """Blanks around a query and its one semicolon are not part of what is run."""
    assert guarded(" \n RETURN 1 AS x ; \t") == "RETURN 1 AS x"
    assert guarded("RETURN ';' AS x; // a remark") == "RETURN ';' AS x"
    assert guarded("RETURN 1 AS x // a remark;") == "RETURN 1 AS x // a remark;"
