"""The path of headings while a document is read from top to bottom; shared by Markdown, HTML and DOCX."""

from __future__ import annotations

from graphs.ingestion.parsing.sections import Section


class Outline:
    """Collects text under the current headings and makes a section of it when a heading comes."""

    def __init__(self) -> None:
        """Start above any heading."""
        self._path: list[tuple[int, str]] = []
        self._text: list[str] = []
        self._said = True

    def add(self, text: str) -> None:
        """Append a block of text under the current heading."""
        self._text.append(text)

    def enter(self, level: int, heading: str) -> Section | None:
        """Go under a heading of `level` (1 is the outermost); the section that it ends, if any."""
        deeper = not self._path or level > self._path[-1][0]
        ended = self.close(leaf=not deeper)
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, heading))
        self._said = False
        return ended

    def close(self, *, leaf: bool = True) -> Section | None:
        """The section under the current heading; a leaf without text says its heading: none is lost."""
        path = tuple(heading for _, heading in self._path)
        text = "\n\n".join(self._text).strip("\n")
        self._text = []
        if not text.strip():
            if self._said or not leaf:
                return None
            text = path[-1]
        self._said = True
        return Section(text, " > ".join(path), path)
