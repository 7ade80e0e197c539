"""Read queries at random, from a small grammar of what is allowed, and ways to write them differently."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from memory.knowledge.ontology import LABELS, RELATIONSHIP_TYPES

Pieces = list[str]
"""A part of a query: keywords in capitals, and everything else, to be joined by blanks."""

_ALL_KEYWORDS = """
    MATCH OPTIONAL WHERE WITH RETURN DISTINCT AS ORDER BY DESC ASC SKIP LIMIT UNWIND UNION ALL CALL
    AND OR XOR NOT IN IS NULL STARTS ENDS CONTAINS CASE WHEN THEN ELSE END EXISTS COUNT COLLECT
    CREATE MERGE SET DELETE DETACH REMOVE FOREACH INSERT LOAD CSV FROM DROP INDEX USE
"""
KEYWORDS = frozenset(_ALL_KEYWORDS.split())
_NAMES = st.sampled_from(["n", "m", "été", "`a b`", "`DELETE`", "x1", "ｎ", "set", "create", "call"])
_PROPERTIES = st.sampled_from(["name", "key", "set", "create", "`remove`", "délai", "match"])
_LABELS = st.lists(st.sampled_from(sorted(LABELS)), min_size=1, max_size=3).map("|".join)
_TYPES = st.lists(st.sampled_from(sorted(RELATIONSHIP_TYPES)), min_size=1, max_size=3).map("|".join)
_LENGTHS = st.sampled_from(["", "", "*1..3", "*2", "*..6", "* 0 .. 4"])
_LITERALS = st.sampled_from(
    ["1", "-2.5", "1e3", "'DELETE n'", '"// SET"', "'it\\'s'", "true", "null", "$p", "[]", "{}"]
)


def _join(*parts: st.SearchStrategy[Pieces]) -> st.SearchStrategy[Pieces]:
    return st.tuples(*parts).map(lambda found: [piece for one in found for piece in one])


def _words(*words: str) -> st.SearchStrategy[Pieces]:
    return st.just(list(words))


def _one(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[Pieces]:
    return strategy.map(lambda text: [text])


_node = st.tuples(_NAMES, _LABELS, st.sampled_from(["", " {key: $p}", " {name: 'x', set: 1}"])).map(
    lambda found: [f"({found[0]}:{found[1]}{found[2]})"]
) | _words("()")
_edge = st.tuples(_TYPES, _LENGTHS, st.sampled_from(["-[:{}{}]->", "<-[:{}{}]-", "-[:{}{}]-"])).map(
    lambda found: [found[2].format(found[0], found[1])]
) | st.sampled_from([["-->"], ["<--"], ["--"]])
_pattern = _join(
    _node,
    st.lists(_join(_edge, _node), max_size=2).map(lambda found: [piece for one in found for piece in one]),
)
_leaf = (
    _one(_LITERALS)
    | st.tuples(_NAMES, _PROPERTIES).map(lambda found: [f"{found[0]}.{found[1]}"])
    | _one(_NAMES)
)


def _larger(inner: st.SearchStrategy[Pieces]) -> st.SearchStrategy[Pieces]:
    operators = st.sampled_from(["+", "*", "=", "<>", "<=", "AND", "OR", "IN", "CONTAINS", "STARTS WITH"])
    return st.one_of(
        _join(inner, operators.map(str.split), inner),
        _join(_words("NOT", "("), inner, _words(")")),
        _join(inner, _words("IS", "NOT", "NULL")),
        _join(_words("("), inner, _words("=~", "'(?i).*a+(b|c)?.*'", ")")),
        _join(_words("["), inner, _words(","), inner, _words("]")),
        _join(_words("{", "set", ":"), inner, _words("}")),
        _join(_words("coalesce", "("), inner, _words(","), inner, _words(")")),
        _join(_words("CASE", "WHEN"), inner, _words("THEN"), inner, _words("ELSE"), inner, _words("END")),
        _join(_words("[", "x", "IN"), inner, _words("WHERE"), inner, _words("|"), inner, _words("]")),
        _join(_words("EXISTS", "{"), _pattern, _words("}")),
        _join(_words("COUNT", "{", "MATCH"), _pattern, _words("RETURN", "n", "}")),
    )


expressions = st.recursive(_leaf, _larger, max_leaves=5)
_item = _join(expressions, _words("AS"), _one(_NAMES))
_where = _words() | _join(_words("WHERE"), expressions)
_clause = st.one_of(
    _join(_words("MATCH"), _pattern, _where),
    _join(_words("OPTIONAL", "MATCH"), _pattern, _words(","), _pattern, _where),
    _join(_words("UNWIND"), expressions, _words("AS"), _one(_NAMES)),
    _join(_words("WITH"), _item, _where),
    _join(
        _words("WITH", "*", ",", "1", "AS"),
        _one(_NAMES),
        _words("ORDER", "BY", "n.name", "DESC", "LIMIT", "3"),
    ),
    _join(_words("CALL", "{", "MATCH"), _pattern, _words("RETURN"), _item, _words("}")),
)
_last = _join(
    _words("RETURN"), _item, st.sampled_from([[], ["ORDER", "BY", "n.name", "SKIP", "1"], ["LIMIT", "5"]])
)
_single = st.tuples(st.lists(_clause, max_size=3), _last).map(lambda found: [*found[0], found[1]])
queries: st.SearchStrategy[list[Pieces]] = _single | st.tuples(_single, _single).map(
    lambda found: [*found[0], ["UNION", *found[1][0]], *found[1][1:]]
)
"""The clauses of a query that only reads."""

WRITING = [
    *("CREATE (w)", "CREATE (w:Person {key: 1})", "MERGE (w)", "SET n.name = 1", "SET n += {}", "DELETE n"),
    *("DETACH DELETE n", "REMOVE n.name", "FOREACH (w IN [1] | CREATE ())", "INSERT (:Topic)", "SET n:Topic"),
    *(
        "CALL { CREATE (w) }",
        "LOAD CSV FROM 'x' AS w",
        "DROP INDEX w",
        "CALL apoc.create.node([], {})",
        "USE w",
    ),
]
"""Clauses that do more than read."""

GAPS = st.sampled_from(
    [" ", "\n", "\t", "\r\n", "\u00a0", "  ", "/**/", " /* SET */ ", " // DELETE n\n", "/*/*/"]
)


def written(pieces: Pieces, gap: Callable[[], str], case: Callable[[str], str]) -> str:
    """Join pieces by gaps, and write keywords in some case."""
    text = ""
    for piece in pieces:
        text += (gap() if text else "") + (case(piece) if piece in KEYWORDS else piece)
    return text


def plain(clauses: list[Pieces]) -> str:
    """Write a query as people do."""
    return " ".join(piece for clause in clauses for piece in clause)


def any_case(data: st.DataObject) -> Callable[[str], str]:
    """A way to write keywords, each letter large or small."""

    def case(word: str) -> str:
        large = data.draw(st.lists(st.booleans(), min_size=len(word), max_size=len(word)))
        return "".join(
            letter.upper() if up else letter.lower() for letter, up in zip(word, large, strict=True)
        )

    return case
