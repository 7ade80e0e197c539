"""An answer that goes round in circles is noticed in time, and ordinary answers are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.models.streams.repetition import LONGEST, Repetition, without_loop

SAMPLES = sorted((Path(__file__).parents[4] / "samples").rglob("*.*"))
READABLE = [
    file for file in SAMPLES if file.suffix in (".md", ".txt", ".csv", ".html", ".srt", ".vtt", ".py")
]
CODE = sorted((Path(__file__).parents[4] / "graphs").rglob("*.py"))
ROUNDS = st.text("abcdefghij éà,.\n1|-", min_size=3, max_size=LONGEST).filter(
    lambda text: sum(map(str.isalpha, text)) >= 3
)
TABLE = "| Day | Open | Lunch | Closed |\n|-----|------|-------|--------|\n" + "".join(
    f"| {day} | yes | no | yes |\n" for day in range(1, 60)
)
LIST = "".join(f"- Step {n}: check the oil, then the tyres.\n" for n in range(1, 40))
LINES = "Total\n" + "-" * 400 + "\n" + "0, " * 200 + "\n" + "=" * 300 + "\n" + "| --- " * 90
CHORUS = "Row, row, row your boat,\nGently down the stream,\nMerrily, merrily,\nLife is but a dream.\n"
ROW = "<tr><td>Item</td><td>none</td></tr>\n"
FREE = "| no meeting planned | no meeting planned |\n"
STANZA = "| Monday | none |\n| Tuesday | none |\n"
NESTED = "\n".join(f"{' ' * 4 * n}if part_{n}:" for n in range(30)) + "\n}" * 60


def found_after(text: str, size: int = 5) -> int | None:
    """After how many characters the loop is noticed; None when none is."""
    repetition = Repetition()
    for at in range(0, len(text), size):
        if repetition.feed(text[at : at + size]):
            return min(at + size, len(text))
    return None


@given(st.text(max_size=300), ROUNDS, st.integers(1, 40))
def test_a_loop_is_noticed_soon(before: str, block: str, size: int) -> None:
    """In whatever pieces: five rounds, or twelve of lines, and a little more is enough."""
    rounds, chars = (12, 600) if "\n" in block else (5, 240)
    enough = max(rounds * len(block), chars) + 32
    text = before + block * (enough // len(block) + 60)
    noticed = found_after(text, size)
    assert noticed is not None
    assert noticed <= len(before) + enough + size


@given(st.text(max_size=200), ROUNDS, st.integers(0, 20), st.integers(1, 60))
def test_the_pieces_make_no_difference(before: str, block: str, rounds: int, size: int) -> None:
    """The same text in other pieces: a loop is noticed in both or in neither."""
    text = before + block * rounds + before
    assert (found_after(text, size) is None) == (found_after(text, max(len(text), 1)) is None)


@pytest.mark.parametrize(
    "text", [TABLE, LIST, LINES, CHORUS * 3, NESTED, ROW * 8, FREE * 8, STANZA * 11], ids=range(8)
)
def test_what_answers_look_like_is_no_loop(text: str) -> None:
    """Tables, lists, lines, refrains and code repeat themselves, and are not taken for loops."""
    assert found_after(text) is None


@pytest.mark.parametrize(
    "line",
    [
        "The pump was serviced on Monday by Priya Nair.\n",
        "- La pompe a été révisée lundi.\r\n",
        "I am sorry, but I do not know who it was.\n\n",
    ],
)
def test_the_same_line_over_and_over_is_a_loop(line: str) -> None:
    """A sentence that comes back forty times, each on a line, is noticed, and is left once."""
    noticed = found_after(line * 40)
    assert noticed is not None
    assert noticed < 800
    assert without_loop((line * 40)[:noticed]) == line.strip()


@pytest.mark.parametrize("row", [ROW, FREE])
def test_equal_rows_stay_in_what_was_interrupted(row: str) -> None:
    """When the answer ends early for another reason, eight equal rows of its table are all left."""
    assert without_loop(row * 8) == row * 8


@pytest.mark.parametrize("file", READABLE + CODE, ids=lambda file: file.name)
def test_documents_and_code_are_no_loops(file: Path) -> None:
    """Real prose in English and French, tables, subtitles, pages and code pass as they are."""
    assert found_after(file.read_text(encoding="utf-8")) is None


@given(st.text(max_size=400))
def test_ordinary_text_is_kept(text: str) -> None:
    """A text is only ever cut at its end, and one that is short of three rounds not at all."""
    assert text.startswith(without_loop(text))
    if len(text) < 24:
        assert without_loop(text) == text


@pytest.mark.parametrize("rest", ["", "and then", "and then it happened "])
def test_a_loop_is_cut_after_its_first_round(rest: str) -> None:
    """Of a loop that was stopped, also in the middle of a round, the first round is left."""
    said = "The key is under the mat. " + "and then it happened again " * 9 + rest
    assert without_loop(said) == "The key is under the mat. and then it happened again"
