"""Markdown (CommonMark 0.31): the source text, cut at its headings, which make the locator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing.encoding import read_text
from graphs.ingestion.parsing.headings import Outline
from graphs.ingestion.parsing.sections import Parts, Section, Title

_ATX: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")
_SETEXT: Final = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_FRONT_TITLE: Final = re.compile(r"^title:[ \t]*['\"]?(.*?)['\"]?[ \t]*$", re.MULTILINE)
_NOT_A_PARAGRAPH: Final = re.compile(r" {0,3}([-+*>|#]|\d+[.)])\s?| {4}")


def read(path: Path) -> Parts:
    """Yield the title (front matter, or first heading) and a section per heading."""
    lines = read_text(path).split("\n")
    outline = Outline()
    at = 0
    if front := _front_matter(lines):
        at = front
        if found := _FRONT_TITLE.search("\n".join(lines[:front])):
            yield Title(found[1])
        yield Section("\n".join(lines[1 : front - 1]), "")
    yield from _body(lines[at:], outline)
    if last := outline.close():
        yield last


def _front_matter(lines: list[str]) -> int:
    """How many lines the YAML block at the top takes; 0 without one."""
    if lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:200], start=2):
        if line.rstrip() in {"---", "..."}:
            return number
    return 0


def _body(lines: list[str], outline: Outline) -> Parts:
    block: list[str] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        heading = None if fence or mark else _heading(line, block)
        if heading is None:
            block.append(line)
            continue
        level, text, taken = heading
        outline.add("\n".join(block[: len(block) - taken]))
        block = []
        if ended := outline.enter(level, text):
            yield ended
        yield Title(text)
    outline.add("\n".join(block))


def _heading(line: str, block: list[str]) -> tuple[int, str, int] | None:
    """Level, text, and how many lines of the block above belong to the heading (a Setext one: 1)."""
    if (found := _ATX.match(line)) and found[2] and (text := plain(found[2])):
        return len(found[1]), text, 0
    above = block[-1] if block else ""
    alone = len(block) < 2 or not block[-2].strip()
    if _SETEXT.match(line) and above.strip() and alone and not _NOT_A_PARAGRAPH.match(above):
        return (1 if "=" in line else 2), plain(above), 1
    return None


def plain(heading: str) -> str:
    """A heading without its inline marks: emphasis, code, links and images."""
    text = re.sub(r"!?\[([^\]\[]*)\]\([^()]*\)", r"\1", heading)
    return " ".join(re.sub(r"(\*\*|__|`|~~|(?<!\w)[*_]|[*_](?!\w))", "", text).split())
