"""The gazetteer: names that the graph knows already, found again in a text in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import ahocorasick  # type: ignore[import-not-found]  # a C module without stubs

from graphs.extraction.grounding import words_of
from memory.knowledge.facts import Entity
from memory.knowledge.keys import key_of

MOST_NAMES: Final = 100_000
"""What comes after is not looked for: memory stays bounded."""
FEWEST_LETTERS: Final = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A known entity, and where a text names it."""

    entity: Entity
    start: int
    end: int


class Gazetteer:
    """Built once from the entities of the graph, asked of many texts, from any thread."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Take the names; those of under three letters say too little."""
        self._by_key: dict[str, list[Entity]] = {}
        for entity in entities:
            key = key_of(entity.name)
            if len(key) >= FEWEST_LETTERS and not key.isdecimal():
                if key not in self._by_key and len(self._by_key) >= MOST_NAMES:
                    continue
                known = self._by_key.setdefault(key, [])
                if entity not in known:
                    known.append(entity)
        self._automaton = ahocorasick.Automaton()
        for key in self._by_key:
            self._automaton.add_word(f" {key} ", key)
        if self._by_key:
            self._automaton.make_automaton()

    def __len__(self) -> int:
        """How many names are looked for."""
        return len(self._by_key)

    def find(self, text: str) -> list[Known]:
        """Return what the text names, in its order: whole words, the longest name where several overlap."""
        if not self._by_key:
            return []
        words = words_of(text)
        hits = [(at + 1 - len(key) - 1, at, key) for at, key in self._automaton.iter(words.folded)]
        return [
            Known(entity, *words.span(start, end))
            for start, end, key in _longest(hits)
            for entity in self._by_key[key]
        ]


def _longest(hits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Return the hits that share no word with a longer one, or with one as long that comes first."""
    kept: list[tuple[int, int, str]] = []
    taken: set[int] = set()
    for start, end, key in sorted(hits, key=lambda hit: (hit[0] - hit[1], hit[0])):
        if start not in taken and end - 1 not in taken:
            taken.update(range(start, end))
            kept.append((start, end, key))
    return sorted(kept)
