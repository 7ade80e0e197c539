"""The child: reads documents by rules, and keeps the names that it was given for the next ones."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any, Final

from graphs.children.serving import Answers, give_up, serve
from graphs.extraction.reading import wire
from graphs.extraction.reading.unread import nothing_of
from graphs.extraction.rules import Gazetteer, read_by_rules, written_by
from memory.knowledge.facts import DocumentFacts, Entity

MOST_USERS: Final = 4
MOST_NAMES: Final = 200_000
"""Of all users together, but those of the last one are always kept: 100,000 take about 90 MB."""


@dataclass(slots=True)
class Kept:
    """The names of the last few users, the latest last."""

    most_names: int = MOST_NAMES
    gazetteers: OrderedDict[str, tuple[int, Gazetteer]] = field(default_factory=OrderedDict)

    def find(self, user: str, version: int) -> Gazetteer | None:
        """Return the names, and count them as used; None when they are not here."""
        held = self.gazetteers.get(user)
        if held is None or held[0] != version:
            return None
        self.gazetteers.move_to_end(user)
        return held[1]

    def keep(self, user: str, version: int, entities: list[Entity]) -> None:
        """Keep names in place of those that the user had, and drop what was not used for longest."""
        self.gazetteers.pop(user, None)
        left = self.most_names - len(entities)
        while self.gazetteers and (len(self.gazetteers) >= MOST_USERS or self._size() > left):
            self.gazetteers.popitem(last=False)
        self.gazetteers[user] = version, Gazetteer(sorted(entities))

    def _size(self) -> int:
        return sum(len(gazetteer) for _, gazetteer in self.gazetteers.values())


@dataclass(slots=True)
class Reader:
    """Answers the parent's questions."""

    kept: Kept = field(default_factory=Kept)
    coming: list[Entity] = field(default_factory=list)

    def answer(self, request: bytes, answers: Answers) -> None:
        """Answer one question."""
        try:
            said = self._said(wire.value_of(request))
        except (MemoryError, ImportError):
            # A library that cannot be mapped is out of memory too: it is installed.
            give_up(answers, b"")
        except Exception as error:
            # A defect of a rule costs this document only. Its kind: the message may quote the text.
            said = {"error": type(error).__name__}
        answers.write(wire.line(said))

    def _said(self, asked: dict[str, Any]) -> dict[str, object]:
        if "has" in asked:
            return {"has": self.kept.find(*asked["has"]) is not None}
        if "more" in asked:
            self.coming += wire.to_entities(asked["more"])
            return {"has": False}
        if "keep" in asked:
            entities, self.coming = self.coming, []
            user, version = asked["keep"]
            self.kept.keep(user, version, entities)
            return {"has": True}
        return {"facts": wire.of_facts(self._facts(asked))}

    def _facts(self, asked: dict[str, Any]) -> DocumentFacts:
        chunks = [wire.to_chunk(one) for one in asked["chunks"]]
        if "authors" in asked:
            document = wire.to_document(asked["authors"])
            return replace(nothing_of(document, chunks), links=written_by(document, chunks))
        known = self.kept.find(*asked["names"]) if asked["names"] else None
        return read_by_rules(wire.to_document(asked["read"]), chunks, known)


if __name__ == "__main__":
    # Its threads would each take address space, for matrices that nobody multiplies here.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    serve(Reader().answer)
