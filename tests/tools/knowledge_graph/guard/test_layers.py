"""Each layer of the guard stops by itself what is its own, in queries that are otherwise in order."""

from __future__ import annotations

import pytest

from tests.tools.knowledge_graph.guard.verdicts import PASSES, verdict, verdict_on_any_graph
from tools.knowledge_graph.guard import QueryNotAllowed, guarded
from tools.knowledge_graph.guard.functions import FUNCTIONS
from tools.knowledge_graph.guard.lexer import Token, tokens

LAYERS = {
    "lexer: escapes": ("unicode-escape", "RETURN '\\u0041' AS x", "RETURN 'A' AS x"),
    "lexer: characters": ("not-cypher", "RETURN 1 AS\u200b x", "RETURN 1 AS x"),
    "lexer: ends of lines": ("not-cypher", "RETURN 1 // a\u2028b", "RETURN 1 // a b"),
    "lexer: strings": ("not-cypher", "RETURN 'a", "RETURN 'a'"),
    "lexer: comments": ("not-cypher", "RETURN 1 /* a", "RETURN 1 /* a */"),
    "statements": ("one-statement", "RETURN 1; RETURN 2", "RETURN 1;"),
    "statements: prefixes": ("prefix", "PROFILE RETURN 1", "RETURN 1 AS profile"),
    "statements: length": ("too-long", "RETURN 1" + " " * 4000, "RETURN 1" + " " * 3990),
    "statements: depth": ("too-deep", "RETURN " + "[" * 49 + "]" * 49, "RETURN " + "[" * 48 + "]" * 48),
    "clauses": ("writes", "MATCH (n) SET n.x = 1", "MATCH (n) RETURN n.set"),
    "clauses: subqueries": ("writes", "CALL { CREATE (n) } RETURN 1", "CALL { RETURN 1 AS x } RETURN x"),
    "clauses: procedures": ("procedure", "CALL labels()", "RETURN labels(null)"),
    "clauses: transactions": (
        "subquery",
        "CALL { RETURN 1 AS x } IN TRANSACTIONS RETURN x",
        "CALL { RETURN 1 AS x } RETURN x IN [1]",
    ),
    "functions": ("function", "RETURN apoc.text.clean('x')", "RETURN toLower('x')"),
    "labels": ("label", "MATCH (n:Secret) RETURN n", "MATCH (n:Person) RETURN n"),
    "labels: types": (
        "relationship-type",
        "MATCH ()-[r:OWNS]->() RETURN r",
        "MATCH ()-[r:MENTIONS]->() RETURN r",
    ),
    "labels: computed": ("dynamic-label", "MATCH (n:$($x)) RETURN n", "MATCH (n:Person {key: $x}) RETURN n"),
    "paths": ("path-length", "MATCH (a)-[*1..7]->(b) RETURN b", "MATCH (a)-[*1..6]->(b) RETURN b"),
    "paths: shortest": (
        "path-length",
        "MATCH p = ANY SHORTEST (a)-->+(b) RETURN p",
        "MATCH p = ANY SHORTEST (a)-->{1,4}(b) RETURN p",
    ),
    "paths: quantified": ("path-length", "MATCH (a)-->+(b) RETURN b", "MATCH (a)-->{1,6}(b) RETURN b"),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_holds_alone(layer: str) -> None:
    """One thing is wrong, one layer says so, and without that thing the query passes."""
    rule, wrong, right = LAYERS[layer]
    ask = verdict if layer.startswith("labels") else verdict_on_any_graph
    assert ask(wrong) == rule
    assert ask(right) == PASSES


def test_labels_and_types_are_those_that_are_given() -> None:
    """Another graph has other names; each check can be off without the other."""
    query = "MATCH (:Cat)-[:CHASES]->(:Mouse) RETURN 1"
    assert guarded(query, labels={"Cat", "Mouse"}, types=["CHASES"]) == query
    with pytest.raises(QueryNotAllowed, match="label: Use only the labels Document, "):
        guarded(query, types=None)
    with pytest.raises(
        QueryNotAllowed, match="relationship-type: Use only the relationship types MENTIONS, "
    ):
        guarded(query, labels=None)


def test_no_listed_function_belongs_to_a_plugin_or_reaches_out() -> None:
    """The names before a dot are those of times, durations and points."""
    assert {name.split(".")[0] for name in FUNCTIONS if "." in name} == {
        *("date", "datetime", "localdatetime", "localtime", "time", "duration", "point")
    }
    assert not FUNCTIONS & {"file", "linenumber", "call", "load", "sleep", "eval"}


def test_the_lexer_reads_words_strings_names_and_numbers_apart() -> None:
    """A keyword is a bare ASCII word; what is quoted is never one."""
    read = tokens("match `set``x` 'del\\'ete' \uff33\uff25\uff34 1..3 .5e-3 // create\n$p")
    assert [(one.kind, one.text) for one in read] == [
        ("name", "match"),
        ("quoted", "`set``x`"),
        ("string", "'del\\'ete'"),
        ("name", "\uff33\uff25\uff34"),
        ("number", "1"),
        ("symbol", ".."),
        ("number", "3"),
        ("number", ".5e-3"),
        ("symbol", "$"),
        ("name", "p"),
        ("end", ""),
    ]
    assert [one.word for one in read if one.word] == ["MATCH", "P"]
    assert read[1].name == "set`x"
    assert Token("name", "\u017fet", 0).word == ""


@pytest.mark.parametrize("half", ["\ud800", "\udfff"])
def test_half_a_character_is_refused_wherever_it_is(half: str) -> None:
    """What cannot be sent to an engine is refused here, in strings and comments too."""
    for query in (f"RETURN '{half}'", f"RETURN 1 // {half}", f"RETURN `{half}`", half):
        assert verdict(query) == "not-cypher"
