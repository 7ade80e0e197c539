"""Reasoning is taken out of an answer: the same comes out, however the answer is cut into pieces."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphs.models.streams.reasoning import Reasoning, often_begun

TAG = re.compile(r"(?<!`)(</?think>)")
PIECES = st.sampled_from(
    ["<think>", "</think>", "<", "<t", "</", "hink>", ">", "`", " ", "\n", "Yes", "a < b", "<thinker>", "é"]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=20).map("".join)


def reference(text: str, *, begun: bool = False, at_start: bool = False) -> str:
    """What of a whole text is the answer: the plainest way to say it."""
    shown, thought, inside, taken, presumed = "", "", begun, False, begun
    for part in TAG.split(text):
        if part not in ("<think>", "</think>") or (at_start and shown.strip()):
            if not inside:
                shown += part.lstrip() if taken and not shown.strip() else part
            elif presumed:
                thought += part
        else:
            inside, taken, presumed = part == "<think>", True, False
    return thought.lstrip() if inside and presumed else shown


def cut(text: str, places: list[int]) -> list[str]:
    """The text in pieces."""
    ends = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(ends)]


def streamed(pieces: list[str], **how: bool) -> str:
    """What comes out of the filter for these pieces."""
    reasoning = Reasoning(**how)
    shown = "".join([reasoning.feed(piece) for piece in pieces])
    return shown + reasoning.close()


@given(TEXTS, st.lists(st.integers(0, 200)), st.booleans(), st.booleans())
@example("<think>a</think>\n\nYes", list(range(30)), False, False)
@example("a</think>Yes", list(range(30)), True, False)
def test_the_pieces_make_no_difference(text: str, places: list[int], begun: bool, at_start: bool) -> None:
    """Any text in any pieces: what comes out is what the reference makes of the whole text."""
    expected = reference(text, begun=begun, at_start=at_start)
    assert streamed(cut(text, places), begun=begun, at_start=at_start) == expected


@given(TEXTS, st.lists(st.integers(0, 200)))
def test_without_tags_nothing_changes(text: str, places: list[int]) -> None:
    """A text that holds no tag comes out as it went in, each piece of it at once but the start of a tag."""
    text = TAG.sub("", text)
    if not TAG.search(text):
        assert streamed(cut(text, places)) == text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>Is it so?</think>\n\nYes.", "Yes."),
        ("Yes. <think>Or not?</think>No.", "Yes. No."),
        ("<think>I cannot come to an end", ""),
        ("</think>\n\nYes.", "Yes."),
        ("Write `<think>` before and `</think>` after.", "Write `<think>` before and `</think>` after."),
        ("1 < 2, <b>bold</b> <thi", "1 < 2, <b>bold</b> <thi"),
    ],
)
def test_what_belongs_to_the_answer(text: str, answer: str) -> None:
    """Closed, unclosed, only closed, and spoken about: word by word, reasoning goes and the answer stays."""
    assert streamed(list(text)) == answer


def test_what_the_template_began() -> None:
    """Where the template opens the reasoning itself, all is held back until it is closed or ends."""
    reasoning = Reasoning(begun=True)
    assert (reasoning.feed("Let me see. "), reasoning.feed("Hm.</think>\n\nYes.")) == ("", "Yes.")
    assert streamed(["It did not, ", "this time."], begun=True) == "It did not, this time."
    assert streamed(["<think>Let me see. ", "It is"], begun=True) == ""


def test_reasoning_that_is_sent_apart() -> None:
    """A server that sends reasoning apart sends nothing but the answer: none of it is held back."""
    reasoning = Reasoning(begun=True)
    reasoning.told_apart()
    assert reasoning.feed("Yes.") == "Yes."


def test_a_close_that_nothing_opened_is_noticed() -> None:
    """When reasoning has come out because nothing opened it, that is known as soon as it is closed."""
    reasoning = Reasoning()
    reasoning.feed("Let me see.")
    assert not reasoning.orphan
    reasoning.feed("</thi")
    reasoning.feed("nk>Yes.")
    assert reasoning.orphan


def test_tags_in_json_are_text() -> None:
    """Once the answer has begun, JSON may hold any tag."""
    text = '{"said": "<think>no</think>"}'
    assert streamed(list("<think>Hm.</think>" + text), at_start=True) == text


@pytest.mark.parametrize(
    ("model", "begun"),
    [
        ("qwq", True),
        ("deepseek-r1:8b", True),
        ("qwen3:4b-thinking-2507", True),
        ("llama3.1:8b", False),
        ("r1776", False),
        ("granite3.3:8b", False),
    ],
)
def test_models_known_to_begin_in_their_thoughts(model: str, begun: bool) -> None:
    """The names of reasoning models are known, and those of others are not taken for them."""
    assert often_begun(model) is begun
