"""Mentions: where a document names somebody or something, as the rules gather them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from memory.knowledge.keys import display, is_name
from memory.knowledge.ontology import EntityLabel


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in one piece of a document."""

    label: EntityLabel
    name: str
    piece: int
    start: int = 0
    end: int = 0
    date: str = ""
    author: bool = False


@dataclass(slots=True)
class Mentions:
    """All of them, in order of their finding; what is no name is left out."""

    all: list[Mention] = field(default_factory=list)

    def add(self, mention: Mention) -> None:
        """Keep a mention, unless its name is none."""
        if is_name(mention.name) and display(mention.name) and any(map(str.isalpha, mention.name)):
            self.all.append(mention)

    def extend(self, mentions: Iterable[Mention]) -> None:
        """Keep several."""
        for mention in mentions:
            self.add(mention)

    def of(self, label: EntityLabel) -> Iterator[Mention]:
        """Yield those of one label."""
        return (one for one in self.all if one.label == label)

    def keep_first(self, most: int) -> None:
        """Keep only as many names of each label, the first ones in the document."""
        names: dict[EntityLabel, dict[str, None]] = {}
        kept: set[int] = set()
        for number in sorted(range(len(self.all)), key=lambda number: self.all[number].piece):
            one = self.all[number]
            known = names.setdefault(one.label, {})
            if one.name in known or len(known) < most:
                known[one.name] = None
                kept.add(number)
        self.all = [one for number, one in enumerate(self.all) if number in kept]

    def taken(self, piece: int, label: EntityLabel | None = None) -> list[tuple[int, int]]:
        """Return the places in a piece that are names already."""
        return [
            (one.start, one.end)
            for one in self.all
            if one.piece == piece and one.end and (label is None or one.label == label)
        ]


def overlaps(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    """Tell whether a place shares letters with another one."""
    return any(span[0] < end and start < span[1] for start, end in others)
