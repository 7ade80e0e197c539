"""The running summary: what a person stated stays, in their own words, when the turns have left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.agent import summary
from graphs.agent.summary import CHARS, LINE_CHARS, said_on, stated, with_said, with_turns, within
from tests.memory.archive.samples import NOON, a_turn

SAID = st.lists(
    st.tuples(
        st.sampled_from(["2026-01-01", "2026-02-02", ""]),
        st.one_of(
            st.text(max_size=60),
            st.text(alphabet="ab é\n.?!", max_size=40).map(lambda text: f"My {text}."),
        ),
    ),
    max_size=8,
)


def test_statements_stay_with_their_day_and_questions_do_not() -> None:
    """One line for each statement of the person, the newest last; what was asked or answered is not there."""
    asked = a_turn("t1", question="My sister is called Anna. Where does she live?", answer="In Lyon it is.")
    told = a_turn("t2", question="Elle habite à Brest depuis mars.", started_at=NOON + timedelta(days=1))
    only = a_turn("t3", question="badge code harbour")
    assert with_turns("", [asked, told, only]) == (
        "2026-01-15: My sister is called Anna.\n2026-01-16: Elle habite à Brest depuis mars."
    )
    assert said_on([asked, told]) == {"t1": "2026-01-15", "t2": "2026-01-16"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Where is it?", []),
        ("Thank you very much.", []),
        ("Résume le rapport de mars.", []),
        ("Yes, please.", []),
        ("My code\tis   4711.", ["My code is 4711."]),
        ("Note that the boiler was replaced in May", ["Note that the boiler was replaced in May"]),
        ("", []),
    ],
)
def test_what_counts_as_stated(text: str, lines: list[str]) -> None:
    """Questions, requests, greetings and crumbs are left out; the words kept are the person's."""
    assert stated(text) == lines


def test_a_long_message_gives_a_few_short_lines() -> None:
    """What is pasted does not fill the summary: what plainly tells something goes before the rest."""
    pasted = " ".join(f"The pump number {n} was checked." for n in range(50))
    lines = stated(f"{pasted} My badge is blue.")
    assert len(lines) == 4
    assert lines[-1] == "My badge is blue."
    [long] = stated(f"My list is {'very ' * 100}long.")
    assert len(long) <= LINE_CHARS + 2
    assert long.endswith("very …")
    assert stated("a" * 100_000) == stated(" " * 100_000) == []


def test_what_is_said_again_counts_as_new() -> None:
    """The same words stand once, with the last day on which they were said."""
    first = with_said("", [("2026-01-01", "My badge is blue."), ("2026-01-02", "My dog is old.")])
    assert with_said(first, [("2026-03-01", "My badge is blue.")]).split("\n") == [
        "2026-01-02: My dog is old.",
        "2026-03-01: My badge is blue.",
    ]


def test_the_oldest_and_least_telling_lines_go_first() -> None:
    """A full summary loses what tells little, then what is old; the rest keeps its order."""
    lines = ["2026-01-01: My dog is old.", "2026-01-02: It rained all day.", "2026-01-03: My cat is young."]
    full = "\n".join(lines)
    assert within(full, 60) == f"{lines[0]}\n{lines[2]}"
    assert within(full, 40) == lines[2]
    assert within(full, 0) == within("", 0) == ""
    assert within(full, len(full)) == full


def test_a_long_thread_has_a_summary_of_bounded_length() -> None:
    """However long a conversation was, its summary is short, and holds the newest."""
    turns = [
        a_turn(f"t{n}", question=f"My locker number {n} is on the left.") for n in range(summary.LAST_TURNS)
    ]
    kept = with_turns("", turns)
    assert 0.9 * CHARS < len(kept) <= CHARS
    assert kept.split("\n")[-1].endswith(f"number {summary.LAST_TURNS - 1} is on the left.")


@given(SAID, SAID)
def test_a_turn_may_be_given_twice(before: list[tuple[str, str]], said: list[tuple[str, str]]) -> None:
    """A turn that was begun again does not say its things twice, and lines are whole."""
    once = with_said(with_said("", before), said)
    assert with_said(once, said) == once
    statements = [line.split(": ", 1)[-1] if line[:4] == "2026" else line for line in once.split("\n")]
    assert len(statements) == len(set(statements))
    everything = {line for _, text in [*before, *said] for line in stated(text)}
    assert set(filter(None, statements)) <= everything


@given(SAID, SAID)
def test_step_by_step_or_at_once(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> None:
    """Made anew from the archive, the summary is what it was."""
    assert with_said(with_said("", first), second) == with_said("", [*first, *second])
