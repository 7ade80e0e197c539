"""Subtitles and transcripts: who said what, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.ingestion.parsing import cues
from graphs.ingestion.parsing.encoding import read_text
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.subtitles import plain, speeches
from tests.graphs.ingestion import shared_data
from tests.graphs.ingestion.parsing.files import parsed, places, written

MEETING = """\ufeffWEBVTT - réunion\r
\r
NOTE pas un texte\r
\r
1\r
00:01:20.000 --> 00:01:24.000 align:start\r
<v Marie>Bonjour &amp; <i>bienvenue</i>.</v>\r
\r
00:01:24.500 --> 00:01:29.000\r
<v Marie>On signe mardi.\r
\r
01:00:02.000 --> 01:00:04.000\r
Paul: Entendu.\r
"""


def test_speakers_and_times(tmp_path: Path) -> None:
    """What one person says in a row is one section; tags, entities and notes are gone."""
    assert places(written(tmp_path / "réunion-du_lundi.vtt", MEETING)) == [
        ("00:01:20 Marie", "Bonjour & bienvenue. On signe mardi."),
        ("01:00:02 Paul", "Entendu."),
    ]
    assert parsed(tmp_path / "réunion-du_lundi.vtt").title == "réunion du lundi"


def test_subrip(tmp_path: Path) -> None:
    """SRT with CRLF, italics and positions; numbers that are text stay."""
    first = "1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}<i>En</i>\r\n\r\n"
    text = f"{first}2\r\n00:00:03,000 --> 00:00:04,000\r\n2024\r\n"
    assert places(written(tmp_path / "a.srt", text)) == [("00:00:01", "En 2024")]


def test_long_speeches_and_silences_are_cut(tmp_path: Path) -> None:
    """A monologue is cut between cues so that its time stays precise, and a long silence cuts too."""
    said = "".join(f"00:{n:02}:00.000 --> 00:{n:02}:59.000\n<v Zoé>{'mot ' * 60}\n\n" for n in range(10))
    late = "00:40:00.000 --> 00:40:01.000\n<v Zoé>fin\n"
    sections = parsed(written(tmp_path / "a.vtt", f"WEBVTT\n\n{said}{late}")).sections
    assert all(len(section.text) <= 700 for section in sections)
    assert sections[-1].locator == "00:40:00 Zoé"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<v.loud Joe>Hee!</v> Hee!", [("Joe", "Hee!"), ("", "Hee!")]),
        ("Jean-Paul Dupont: Oui\nAnne: Non", [("Jean-Paul Dupont", "Oui"), ("Anne", "Non")]),
        ("Speaker 1: hello", [("Speaker 1", "hello")]),
        ("Note: à 10:30 demain", [("", "Note: à 10:30 demain")]),
        ("il a dit : non", [("", "il a dit : non")]),
        ("<v It's a blue tree!", [("", "It's a blue tree!")]),
        ("1 < 2 et <b>gras</b>", [("", "1 < 2 et gras")]),
    ],
)
def test_who_speaks(text: str, expected: list[tuple[str, str]]) -> None:
    """Voice tags and "Name:" give the speaker; what only looks like it stays in the text."""
    assert list(speeches(text)) == expected


def test_a_vtt_without_its_first_line_is_refused(tmp_path: Path) -> None:
    """What is not WebVTT is `corrupt`, and a WebVTT without a cue has `no_text`."""
    with pytest.raises(ParsingError, match="corrupt"):
        parsed(written(tmp_path / "a.vtt", "garbage vtt file"))
    with pytest.raises(ParsingError, match="no_text"):
        parsed(written(tmp_path / "b.vtt", "WEBVTT\n\n00.00.000 --> 00:02.000\nText\n"))


def test_the_shared_transcripts_give_the_expected_cues() -> None:
    """All 34 real and broken files give exactly the cues of the manifest, and their last words are kept."""
    root = shared_data.folder("transcripts")
    manifest = {entry["file"]: entry for entry in shared_data.lines(root / "manifest.jsonl")}
    wrong = []
    for name, entry in manifest.items():
        expected = entry["expected_cues"]
        if isinstance(expected, str):
            expected = manifest[expected.removeprefix("same as ")]["expected_cues"]
        text = read_text(root / name)
        found = list(cues.subrip(text) if name.endswith(".srt") else cues.webvtt(text))
        if [(cue.start, cue.end, cue.text) for cue in found] != [
            (cue["startTime"], cue["endTime"], cue["text"]) for cue in expected
        ]:
            wrong.append(name)
        said = [spoken for cue in found for _, spoken in speeches(cue.text)]
        if any(plain(cue["text"]).split()[-1:] != " ".join(said).split()[-1:] for cue in expected[-1:]):
            wrong.append(f"{name}: words")
    print(f"{len(manifest) - len(wrong)} of {len(manifest)} transcripts as expected")
    assert wrong == []
