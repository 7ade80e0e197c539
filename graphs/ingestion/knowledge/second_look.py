"""A second look: texts that were read before a name was known are read again once it is.

So the graph ends the same in whatever order documents came in, and however often the work was cut off.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import ahocorasick  # type: ignore[import-not-found]  # a C module without stubs

from graphs.extraction.known_names import KnownNames
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Chunk
from memory.knowledge.facts import Entity

_PAGE: Final = 50
"""Documents whose texts are in memory at once."""
_SHARE: Final = 20.0
"""Times as long as a look took, until the next one."""


@dataclass(slots=True)
class SecondLook:
    """Searches the texts that rules have read for the names that are new, and has those read again."""

    archive: Archive
    names: KnownNames
    later: Callable[[float], None]
    """Has another look asked for after so many seconds."""
    monotonic: Callable[[], float] = time.monotonic
    _not_before: float = field(default=-float("inf"), init=False)

    async def look(self) -> bool:
        """Look once, if there are new names and it is time; tell whether texts are to be read again."""
        begun, users = self.monotonic(), await self.names.users()
        if users and begun < self._not_before:
            self.later(self._not_before - begun)
            return False
        asked = [await self._at(user) for user in users]
        if asked:
            now = self.monotonic()
            self._not_before = now + _SHARE * (now - begun)
        return any(asked)

    async def _at(self, user: str) -> bool:
        await self.names.of(user)  # after a start, everything that is known is new
        new = self.names.take_new(user)
        again: list[str] = []
        try:
            waiting = await self.archive.look(lambda unit: _read_by_rules(unit, user))
            search = _search(new)
            for start in range(0, len(waiting), _PAGE):
                page = waiting[start : start + _PAGE]
                texts = await self.archive.look(partial(_texts, user=user, ids=page))
                again += await asyncio.to_thread(_naming, search, texts)
            if again:
                await self.archive.write(
                    lambda unit: unit.ledger.enqueue_all(user, "document", again, ["knowledge"])
                )
        except BaseException:  # whatever stopped it: the names are still to be looked for; raised again
            self.names.put_back(user, new)
            raise
        await self.names.looked(user)
        return bool(again)


async def _texts(unit: UnitOfWork, user: str, ids: Sequence[str]) -> dict[str, list[Chunk]]:
    return await unit.documents.chunks_of(user, ids)


async def _read_by_rules(unit: UnitOfWork, user: str) -> list[str]:
    """Return the documents that a model has not read, and that nobody is about to read."""
    ids = [document.id for document in await unit.documents.list(user)]
    states = await unit.ledger.states(user, "document", ids)
    return [one for one in ids if (row := states.get(one, {}).get("knowledge")) and row.state == "partial"]


def _search(new: Mapping[Entity, str]) -> ahocorasick.Automaton:
    """Return a search for the names; the documents that they came from are not searched for them.

    Without regard to case, but to accents; a name that is known when a text is read is found without too.
    """
    search = ahocorasick.Automaton()
    origins: dict[str, set[str]] = {}
    for entity, document in new.items():
        origins.setdefault(entity.name.casefold(), set()).add(document)
    for name, documents in origins.items():
        search.add_word(name, documents)
    if origins:
        search.make_automaton()
    return search


def _naming(search: ahocorasick.Automaton, texts: Mapping[str, Sequence[Chunk]]) -> list[str]:
    """Return the documents that name something which did not come from them alone."""
    if not len(search):
        return []
    return [
        document
        for document, chunks in texts.items()
        if any(found != {document} for chunk in chunks for _, found in search.iter(chunk.text.casefold()))
    ]
