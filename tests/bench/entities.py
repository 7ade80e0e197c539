"""Figures of the extraction by rules on the samples: `python -m tests.bench.entities [--misses] [FOLDER]`.

FOLDER holds `documents/` and `entities.jsonl`, what a careful reader finds in them. A found entity is
right when the list has it in the same document, under the same label, by the same key or that of another
of its names (`also`). Of an event the date must fit (equal, or the one the start of the other, or none in
the list) and the name may be worded otherwise: its head noun is among the words of the listed name or of
another of its names, or at least half of the content words of the shorter of the two stand in the other.
Each listed entity is found once: a second name for it is wrong. An employment is right when both its
person and its organisation are.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from graphs.extraction.rules import read_by_rules
from graphs.extraction.rules.words import FUNCTION
from graphs.ingestion.parsing.reading import Reading
from graphs.ingestion.parsing.sections import Parsed
from graphs.ingestion.splitting import split
from memory.archive.entities import Chunk, Document
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.keys import key_of
from memory.long_term.language import detect

SAMPLES: Final = Path(__file__).parents[2] / "samples"
SCORED: Final = ("Person", "Organization", "Event")
"""What counts in the totals."""
_PREPOSITIONS: Final = frozenset(
    [
        "of",
        "for",
        "with",
        "at",
        "in",
        "on",
        "to",
        "by",
        "from",
        "about",
        "de",
        "du",
        "des",
        "d",
        "la",
        "le",
        "les",
        "l",
        "au",
        "aux",
        "a",
        "en",
        "sur",
        "pour",
        "par",
        "avec",
    ]
)
_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entity of the list."""

    document: str
    label: str
    name: str
    also: tuple[str, ...]
    date: str

    def is_said_by(self, name: str, date: str) -> bool:
        """Tell whether a found entity is this one."""
        names = (self.name, *self.also)
        if self.label != "Event":
            return key_of(name) in map(key_of, names)
        fits = not self.date or (bool(date) and (self.date.startswith(date) or date.startswith(self.date)))
        return fits and any(_kindred(name, other) for other in names)


@dataclass
class Score:
    """What was found of one label."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of what was found that is right."""
        return self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        """The share of the list that was found."""
        return self.right / max(1, self.right + len(self.missed))

    def plus(self, other: "Score") -> "Score":
        """Return both together."""
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def score(folder: Path = SAMPLES) -> dict[str, Score]:
    """Return the scores by label, those of the scored labels together under "all"."""
    rows = _rows(folder / "entities.jsonl")
    listed = [_listed(row) for row in rows if row["label"] != "WORKS_FOR"]
    employments = [row for row in rows if row["label"] == "WORKS_FOR"]
    scores = {label: Score() for label in (*SCORED, "WORKS_FOR")}
    for path in sorted((folder / "documents").iterdir()):
        facts = read_by_rules(*document_of(path))
        here = [one for one in listed if one.document == path.name]
        for label in SCORED:
            _count(scores[label], facts, [one for one in here if one.label == label], path.name, label)
        jobs = [row for row in employments if row["document"] == path.name]
        _count_jobs(scores["WORKS_FOR"], facts, jobs, here, path.name)
    scores["all"] = Score()
    for label in SCORED:
        scores["all"] = scores["all"].plus(scores[label])
    return scores


def document_of(path: Path) -> tuple[Document, list[Chunk]]:
    """Return a file as ingestion would store it."""
    reading = Reading(path)
    sections = tuple(reading)
    parsed = Parsed(reading.title, reading.media_type, sections)
    pieces = list(split(parsed))
    text = "\n\n".join(section.text for section in sections)
    lang = detect(text[:4000])
    uri, size, kind = path.absolute().as_uri(), len(text), parsed.media_type
    document = Document(
        path.name, "bench", uri, parsed.title, kind, lang, "", size, text, _MOMENT, _MOMENT, len(pieces)
    )
    chunks = [
        Chunk(f"{path.name}:{number:04}", path.name, "bench", number, piece.text, piece.locator, lang)
        for number, piece in enumerate(pieces)
    ]
    return document, chunks


def _count(score: Score, facts: DocumentFacts, listed: list[Listed], document: str, label: str) -> None:
    """Match what was found with the list, each of the list once; the longest names choose first."""
    left = list(listed)
    entities = {link.entity for link in facts.links if link.entity.label == label}
    for entity in sorted(entities, key=lambda one: (-len(one.name), one.name, one.date)):
        matches = [one for one in left if one.is_said_by(entity.name, entity.date)]
        best = max(matches, key=lambda one: _shared(entity.name, one), default=None)
        if best:
            left.remove(best)
            score.right += 1
        else:
            score.wrong.append(f"{document}: {label} {entity.name} {entity.date}".rstrip())
    score.missed += [f"{document}: {label} {one.name} {one.date} {list(one.also)}" for one in left]


def _count_jobs(
    score: Score, facts: DocumentFacts, jobs: list[dict[str, Any]], listed: list[Listed], document: str
) -> None:
    left = list(jobs)
    for job in facts.employments:
        who, where = job.person.name, job.organization.name
        match = next(
            (
                row
                for row in left
                if _is(who, row["person"], listed) and _is(where, row["organization"], listed)
            ),
            None,
        )
        if match:
            left.remove(match)
            score.right += 1
        else:
            score.wrong.append(f"{document}: {who} @ {where} ({job.role})")
    score.missed += [f"{document}: {row['person']} @ {row['organization']}" for row in left]


def _is(name: str, wanted: str, listed: list[Listed]) -> bool:
    """Tell whether a name means the same as another one in the list."""
    meant = [one for one in listed if key_of(wanted) in map(key_of, (one.name, *one.also))]
    return key_of(name) == key_of(wanted) or any(one.is_said_by(name, one.date) for one in meant)


def _kindred(name: str, other: str) -> bool:
    one, two = _content(name), _content(other)
    if not one or not two:
        return key_of(name) == key_of(other)
    return _head(name) in two or len(one & two) * 2 >= min(len(one), len(two))


def _shared(name: str, listed: Listed) -> int:
    return max(len(_content(name) & _content(other)) for other in (listed.name, *listed.also))


def _content(name: str) -> set[str]:
    return {word for word in key_of(name).split() if word not in FUNCTION and len(word) > 2}


def _head(name: str) -> str:
    """Return the noun that a short name is about: before the first preposition, in French the first word."""
    words = key_of(name).split()
    before = next(
        (number for number, word in enumerate(words) if word in _PREPOSITIONS and number), len(words)
    )
    start = words[:before]
    return (start[0] if set(words) & {"de", "du", "des", "d", "la"} else start[-1]) if start else ""


def _listed(row: dict[str, Any]) -> Listed:
    return Listed(row["document"], row["label"], row["name"], tuple(row.get("also", ())), row.get("date", ""))


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def table(scores: dict[str, Score]) -> Iterable[str]:
    """Yield the lines of the table."""
    yield f"{'':14}{'right':>6}{'wrong':>7}{'missed':>8}{'precision':>11}{'recall':>8}"
    for label, one in scores.items():
        figures = f"{one.right:6}{len(one.wrong):7}{len(one.missed):8}{one.precision:11.3f}{one.recall:8.3f}"
        yield f"{label:14}{figures}"


def main(arguments: list[str]) -> None:
    """Print the table, and what was missed or wrong when asked."""
    folder = next((Path(one) for one in arguments if not one.startswith("-")), SAMPLES)
    began = time.perf_counter()
    scores = score(folder)
    print("\n".join(table(scores)))
    print(f"{time.perf_counter() - began:.1f} s")
    if "--misses" in arguments:
        for label in (*SCORED, "WORKS_FOR"):
            print(f"\n{label}: wrong")
            print("\n".join(f"  {line}" for line in sorted(scores[label].wrong)))
            print(f"{label}: missed")
            print("\n".join(f"  {line}" for line in sorted(scores[label].missed)))
        print(Counter(line.partition(":")[0] for line in scores["all"].missed).most_common())


if __name__ == "__main__":
    main(sys.argv[1:])
