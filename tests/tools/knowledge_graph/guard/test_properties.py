"""What holds for the guard whatever is written."""

from __future__ import annotations

import time

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tools.knowledge_graph.guard.corpus import harmless, hostile
from tests.tools.knowledge_graph.guard.grammar import GAPS, WRITING, Pieces, any_case, plain, queries, written
from tests.tools.knowledge_graph.guard.verdicts import PASSES, verdict
from tools.knowledge_graph.guard import MAX_CHARS, QueryNotAllowed, guarded
from tools.knowledge_graph.guard.clauses import StatementReader
from tools.knowledge_graph.guard.lexer import tokens

KNOWN = [*(one.query for one in hostile() if len(one.query) < 500), *(one.query for one in harmless())]
WORDS = """
    MATCH WHERE WITH RETURN CREATE SET DELETE CALL UNION CASE WHEN THEN END EXISTS NOT IN IS AS n m 1
    apoc : | & ! % * .. . ( ) [ ] { } < > - + = , ; $ ` ' " / \\ /* */ // \\u0027 *1..3
"""
FRAGMENTS = st.sampled_from([*WORDS.split(), " ", "\n", "\u2028", "\ufeff"])
TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=st.characters(), max_size=100),
    st.lists(FRAGMENTS, max_size=60).map("".join),
    st.lists(FRAGMENTS, max_size=60).map(" ".join),
    st.tuples(st.sampled_from(KNOWN), st.sampled_from(KNOWN), st.integers(0, 500)).map(
        lambda found: found[0][: found[2]] + found[1][found[2] :]
    ),
)


@settings(max_examples=1000)
@given(TEXTS)
def test_any_text_is_returned_or_refused(text: str) -> None:
    """Nothing but a refusal is ever raised, and what is returned is the text itself."""
    try:
        assert guarded(text) in text
    except QueryNotAllowed as refusal:
        assert refusal.explanation.endswith(".")


@given(
    st.sampled_from(
        ["(", "[", "{", "'", "` ", "/*", "NOT ", "-", "a.", "CASE WHEN ", "CALL {", "(:", "[x IN "]
    )
)
def test_what_is_repeated_to_the_limit_is_refused_quickly(part: str) -> None:
    """No text is deep enough to break what reads it, nor slow."""
    began = time.thread_time()
    assert verdict("RETURN " + part * ((MAX_CHARS - 10) // len(part))) != PASSES
    assert time.thread_time() - began < 1


def test_the_time_grows_with_the_length_and_no_faster() -> None:
    """Ten times the text takes about ten times the time, for what engines of patterns are slow at."""
    for part in (
        "n.a + ",
        "[x IN y WHERE x:A|B | x] + ",
        "'\\'' + ",
        "/* ** */ - ",
        "1.5e3 * ",
        "(a)-[:B*1..2]-(c) + ",
    ):
        small, large = (min(_seconds(part, length) for _ in range(3)) for length in (4_000, 40_000))
        assert large < 30 * small + 0.01, f"{part!r}: {small:.4f} s, then {large:.4f} s"


def _seconds(part: str, length: int) -> float:
    text = "RETURN " + part * (length // len(part)) + "1"
    began = time.thread_time()
    StatementReader(tokens(text), None, None).statement()
    return time.thread_time() - began


@settings(max_examples=300)
@given(queries)
def test_a_query_of_allowed_clauses_passes(clauses: list[Pieces]) -> None:
    """Whatever values, names and patterns its clauses hold."""
    text = plain(clauses)
    assume(len(text) <= MAX_CHARS)
    assert guarded(text) == text


@settings(max_examples=300)
@given(queries, st.sampled_from(WRITING), st.data())
def test_a_writing_clause_between_any_two_is_refused(
    clauses: list[Pieces], clause: str, data: st.DataObject
) -> None:
    """At every place where a clause may begin, in any case, between any blanks and comments."""
    at = data.draw(st.integers(0, len(clauses)))
    pieces = [piece for one in (*clauses[:at], clause.split(" "), *clauses[at:]) for piece in one]
    text = written(pieces, lambda: data.draw(GAPS), any_case(data))
    assume(len(text) <= MAX_CHARS)
    assert verdict(text) != PASSES


@settings(max_examples=200)
@given(queries, st.sampled_from([None, *WRITING]), st.data())
def test_case_and_comments_do_not_change_the_verdict(
    clauses: list[Pieces], clause: str | None, data: st.DataObject
) -> None:
    """The same rule, or none, however the keywords are written and whatever stands between them."""
    query = [*clauses, clause.split(" ")] if clause else clauses
    text = written([piece for one in query for piece in one], lambda: data.draw(GAPS), any_case(data))
    assume(len(text) <= MAX_CHARS and len(plain(query)) <= MAX_CHARS)
    assert verdict(text) == verdict(plain(query))


@settings(max_examples=500)
@given(
    st.one_of(st.text(max_size=200), st.sampled_from(KNOWN)),
    st.sampled_from("'\""),
    st.sampled_from(
        [
            *(
                "RETURN {} AS x",
                "MATCH (n:Person {{name: {}}}) RETURN n",
                "MATCH (n) WHERE n.name = {} RETURN n",
            ),
            *(
                "MATCH (n) SET n.name = {}",
                "RETURN apoc.load.json({})",
                "RETURN 1 AS x; RETURN {}",
                "LOAD CSV FROM {} AS x",
            ),
        ]
    ),
)
def test_what_a_string_says_does_not_change_the_verdict(content: str, quote: str, query: str) -> None:
    """Nothing in a string is read, but escapes of characters by number."""
    literal = quote + content.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
    assume("\\u" not in literal.lower() and len(literal) < MAX_CHARS - 100)
    assert verdict(query.format(literal)) == verdict(query.format("''"))
