"""What kind of thing a question asks for, and whether a text holds one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.long_term.answer_kinds import AnswerKind, asked_for, holds


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was it signed?", AnswerKind.DATE),
        ("What year did it begin?", AnswerKind.DATE),
        ("Quand a-t-il été signé ?", AnswerKind.DATE),
        ("À quelle date part Marie ?", AnswerKind.DATE),
        ("How much does it cost?", AnswerKind.NUMBER),
        ("How many people work there?", AnswerKind.NUMBER),
        ("Combien coûte Atlas ?", AnswerKind.NUMBER),
        ("Quel est le prix d'Atlas ?", AnswerKind.NUMBER),
        ("Who signed?", AnswerKind.NAME),
        ("Where is the office?", AnswerKind.NAME),
        ("Qui dirige Belmont ?", AnswerKind.NAME),
        ("Dans quelle ville ?", AnswerKind.NAME),
        ("Why was it closed?", AnswerKind.ANY),
        ("Comment fait-on le pain ?", AnswerKind.ANY),
        ("", AnswerKind.ANY),
    ],
)
def test_what_is_asked_for(question: str, kind: AnswerKind) -> None:
    """A date, a number, a name, or anything."""
    assert asked_for(question) is kind


@pytest.mark.parametrize(
    ("kind", "text", "held"),
    [
        (AnswerKind.NUMBER, "It costs 40 euros.", True),
        (AnswerKind.NUMBER, "Il y a trente personnes.", True),
        (AnswerKind.NUMBER, "It is dear.", False),
        (AnswerKind.DATE, "Signed on 3 March.", True),
        (AnswerKind.DATE, "Signé en 1998.", True),
        (AnswerKind.DATE, "Ouvert à 8 h 30.", True),
        (AnswerKind.DATE, "It has 300 pages.", False),
        (AnswerKind.NAME, "It is led by Claire Fabre.", True),
        (AnswerKind.NAME, "Atlas is led by somebody.", False),
        (AnswerKind.NAME, "nobody knows", False),
        (AnswerKind.ANY, "whatever", True),
        (AnswerKind.ANY, "", True),
    ],
)
def test_what_a_text_holds(kind: AnswerKind, text: str, held: bool) -> None:
    """A thing of the kind; and a name that the question says itself is no answer."""
    assert holds(kind, text, "Who leads Atlas?") is held


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_an_answer(question: str, text: str) -> None:
    """No text breaks it."""
    assert isinstance(holds(asked_for(question), text, question), bool)
