"""What the audit log keeps of a query: its shape, and nothing that somebody looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.knowledge_graph.redaction import without_literals


@pytest.mark.parametrize(
    ("cypher", "shape"),
    [
        ("MATCH (n {name: 'Ada'}) RETURN n", "MATCH (n {name: ''}) RETURN n"),
        ('MATCH (n {name: "O\'Neil"})\n RETURN n', "MATCH (n {name: ''}) RETURN n"),
        (r"RETURN 'it\'s' AS a", "RETURN '' AS a"),
        ("RETURN 1 // about Ada\n LIMIT 12", "RETURN 0 LIMIT 0"),
        ("RETURN 1 /* Ada */ + 2", "RETURN 0 + 0"),
        ("RETURN 'never closed", "RETURN ''"),
        ("RETURN 1 /* never closed", "RETURN 0"),
    ],
)
def test_texts_numbers_and_comments_are_left_out(cypher: str, shape: str) -> None:
    """Also of what is no whole query."""
    assert without_literals(cypher) == shape


@given(st.text(st.characters(exclude_characters="'\\"), max_size=50))
def test_no_text_comes_through(secret: str) -> None:
    """Whatever it holds."""
    assert without_literals(f"MATCH (n {{name: '{secret}'}}) RETURN n") == "MATCH (n {name: ''}) RETURN n"


def test_it_is_one_short_line() -> None:
    """A log has no room for more."""
    assert len(without_literals("MATCH\n(n) " * 1000)) <= 500
