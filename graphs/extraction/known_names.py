"""The names that a user's graph knows, for finding them again in texts where nothing else gives them away."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphs.extraction.reading.names import Names
from graphs.extraction.rules.gazetteer import MOST_NAMES
from graphs.extraction.unlooked import Unlooked
from memory.knowledge.facts import DocumentFacts, Entity
from memory.knowledge.ontology import EntityLabel
from memory.knowledge.protocol import KnowledgeGraph, Limits

_NAMED: Final[tuple[EntityLabel, ...]] = ("Person", "Organization")
"""What has a name of its own: topics and events are words of everybody's."""
_LISTING: Final = Limits(seconds=20.0, rows=MOST_NAMES, bytes=50_000_000)
_STALE: Final = 0.1
"""Share of new names from which on they are given out anew; a second look finds what was missed."""


@dataclass(slots=True)
class _Names:
    known: set[Entity]
    given: Names
    added: int = 0


@dataclass(slots=True)
class KnownNames:
    """The names of each user, read from the graph when they are first needed."""

    graph: KnowledgeGraph
    unlooked: Unlooked
    _users: dict[str, _Names] = field(default_factory=dict)
    _new: dict[str, dict[Entity, str]] = field(default_factory=dict)
    """Names that no text was searched for so far, with the document that they came from."""
    _version: int = 0

    async def of(self, user: str) -> Names:
        """Return the names to look for; raises `KnowledgeUnavailable`."""
        if user not in self._users:
            known = await self._read(user)
            ordered = await asyncio.to_thread(sorted, known)
            self._users[user] = _Names(known, self._give(user, known))
            self._new[user] = dict.fromkeys(ordered, "")
        names = self._users[user]
        if names.added > max(10, _STALE * len(names.known)):
            names.given = self._give(user, names.known)
            names.added = 0
        return names.given

    def learned(self, facts: DocumentFacts) -> None:
        """Take up the names of a document that was read."""
        names = self._users.get(facts.user)
        if names is None:
            return
        for link in facts.links:
            entity = link.entity
            if entity.label in _NAMED and entity not in names.known and len(names.known) < MOST_NAMES:
                names.known.add(entity)
                names.added += 1
                self._new.setdefault(facts.user, {})[entity] = facts.document_id

    async def about_to_learn(self, facts: DocumentFacts) -> None:
        """Say that something is about to be put into the graph; its new names are then to be looked for."""
        names = self._users.get(facts.user)
        if names is None or any(
            link.entity.label in _NAMED and link.entity not in names.known for link in facts.links
        ):
            await self.unlooked.add(facts.user)

    async def looked(self, user: str) -> None:
        """Say that all texts of a user were searched for what was known so far."""
        if not self._new.get(user):
            await self.unlooked.remove(user)

    def changed(self, user: str) -> None:
        """Say that something was forgotten: the names are read again when they are needed."""
        self._users.pop(user, None)

    def take_new(self, user: str) -> dict[Entity, str]:
        """Return the names that texts read before them were not searched for, and count them as searched."""
        new, self._new[user] = self._new.get(user, {}), {}
        if new and (names := self._users.get(user)):  # who reads again is to know them
            names.given, names.added = self._give(user, names.known), 0
        return new

    def put_back(self, user: str, names: Mapping[Entity, str]) -> None:
        """Take back what `take_new` gave: it was not searched for."""
        self._new[user] = {**names, **self._new.get(user, {})}

    async def users(self) -> list[str]:
        """Return whose texts should be looked at again."""
        return sorted(await self.unlooked.users())

    def _give(self, user: str, known: set[Entity]) -> Names:
        self._version += 1
        return Names(user, self._version, tuple(known))

    async def _read(self, user: str) -> set[Entity]:
        found: set[Entity] = set()
        for label in _NAMED:
            cypher = f"MATCH (n:{label} {{user: $user}}) RETURN n.name AS name LIMIT {MOST_NAMES}"
            rows = await self.graph.read(user, cypher, limits=_LISTING)
            found |= {Entity(label, name) for (name,) in rows.rows}
        return found
