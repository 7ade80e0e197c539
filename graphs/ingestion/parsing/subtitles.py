"""Subtitles and transcripts (WebVTT, SubRip): what each speaker says in a row, with the time it starts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing import cues
from graphs.ingestion.parsing.encoding import read_text
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Parts, Section

SECTION_CHARS: Final = 700
"""A speech longer than this is cut between two cues, so that its time stays precise."""
SILENCE_SECONDS: Final = 30.0
"""A silence as long as this starts a new section."""

_VOICE: Final = re.compile(r"<v(?:\.[^\s>]*)?(?:[ \t]+([^>]*))?>|(</v>)")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}|^<v[ \t]+")
_WORD: Final = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_NAME: Final = re.compile(
    rf"(?:(?:-|>>)[ \t]*)?({_WORD}(?: (?:{_WORD}|\d+|d[eu]|van|von)){{0,3}})[ \t]?:[ \t]+(?=\S)"
)
_NOT_NAMES: Final = "note notes attention remarque question réponse answer warning exemple example"
_NOT_A_NAME: Final = frozenset(_NOT_NAMES.split())


def read(path: Path) -> Parts:
    """Yield a section per run of one speaker, located by "00:01:20 Marie", or the time alone."""
    text = read_text(path)
    if path.suffix.lower() == ".srt":
        found = cues.subrip(text)
    elif cues.has_signature(text):
        found = cues.webvtt(text)
    else:
        raise ParsingError("corrupt", "no WEBVTT line")
    yield from _runs(found)


def _runs(found: Iterator[cues.Cue]) -> Iterator[Section]:
    """Join what one speaker says in consecutive cues."""
    said: list[str] = []
    start, end, speaker = 0.0, 0.0, ""
    for cue in found:
        for who, text in speeches(cue.text):
            full = sum(map(len, said)) + len(text) > SECTION_CHARS
            if said and (who != speaker or full or cue.start - end > SILENCE_SECONDS):
                yield _section(said, start, speaker)
                said = []
            if not said:
                start, speaker = cue.start, who
            said.append(text)
            end = cue.end
    if said:
        yield _section(said, start, speaker)


def _section(said: list[str], start: float, speaker: str) -> Section:
    text = said[0] + "".join(("\n" if part.startswith("-") else " ") + part for part in said[1:])
    return Section(text, f"{clock(start)} {speaker}".strip())


def clock(seconds: float) -> str:
    """Seconds from the start as HH:MM:SS."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def speeches(text: str) -> Iterator[tuple[str, str]]:
    """Speaker ("" when unknown) and plain text of each part of a cue; names do not stay in the text."""
    speaker, at = "", 0
    for mark in _VOICE.finditer(text):
        yield from _lines(text[at : mark.start()], speaker)
        speaker, at = plain(mark[1] or ""), mark.end()
    yield from _lines(text[at:], speaker)


def _lines(text: str, voice: str) -> Iterator[tuple[str, str]]:
    """Speaker and text of each line; "Marie: …" names one only where no voice tag does."""
    speaker = voice
    for line in text.split("\n"):
        spoken = plain(line)
        named = None if voice else _NAME.match(spoken)
        if named and named[1].lower() not in _NOT_A_NAME:
            speaker, spoken = named[1], spoken[named.end() :]
        if spoken:
            yield speaker, spoken


def plain(text: str) -> str:
    """Text without tags, its character references decoded, its white space made single."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())
