"""The knowledge graph's leg of recall: what the question names leads to the passages that speak of it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from memory.knowledge.keys import key_of
from memory.knowledge.ontology import LEADING, EntityLabel
from memory.knowledge.protocol import KnowledgeGraph, Limits
from memory.knowledge.reader import GraphReader

DEADLINE_SECONDS: Final = 0.3
LONGEST_NAME: Final = 6
"""Words."""
_MOST_KEYS: Final = 400
_MOST_ROWS: Final = 2_000
_COMMON: Final = 100
"""What so many documents speak of tells none of them apart."""
_PASSAGES: Final = 60
"""Nor does what so many passages are tied to: it would be left to chance which of them are proposed."""
_NAMED: Final[tuple[EntityLabel, ...]] = ("Person", "Organization", "Topic")
# One node after another: only so does the engine in this process look each up in its index.
_DEGREES: Final = "\nUNION ALL\n".join(
    f"UNWIND $keys AS key MATCH (e:{label} {{user: $user, key: key}})"
    f"<-[:{LEADING[label]}]-(d:Document {{user: $user}}) "
    f"RETURN '{label}' AS label, e.key AS key, count(d) AS documents"
    for label in _NAMED
)
_CHUNKS: Final = "\nUNION ALL\n".join(
    f"UNWIND ${label} AS key MATCH (e:{label} {{user: $user, key: key}})"
    f"<-[r:{LEADING[label]}]-(d:Document {{user: $user}}) "
    f"RETURN '{label}' AS label, e.key AS key, r.chunks AS chunks"
    for label in _NAMED
)


@dataclass(frozen=True, slots=True)
class NamedPassages:
    """Proposes passages to recall, never later than its deadline."""

    reader: GraphReader
    seconds: float = DEADLINE_SECONDS

    async def passages(self, user: str, question: str) -> Mapping[str, float]:
        """Return chunk id → how closely it is tied to what the question names; empty when that is nothing.

        Raises `KnowledgeError`; `KnowledgeUnavailable` when the graph did not answer in time, now or a moment
        ago.
        """
        keys = list(names_in(question))
        if not keys or not self.reader.is_worth_asking():
            return {}
        limits = Limits(seconds=self.seconds, rows=_MOST_ROWS, bytes=1_000_000)
        return await self.reader.within(self.seconds, lambda graph: _tied(graph, user, keys, limits))


async def _tied(graph: KnowledgeGraph, user: str, keys: list[str], limits: Limits) -> dict[str, float]:
    found = await graph.read(user, _DEGREES, {"keys": keys}, limits=limits)
    weights = {(label, key): _weight(label, key, documents) for label, key, documents in found.rows}
    asked: dict[str, list[str]] = {label: [] for label in _NAMED}
    for (label, key), weight in sorted(weights.items()):
        if weight:
            asked[label].append(key)
    if not any(asked.values()):
        return {}
    chunks: dict[tuple[str, str], list[str]] = {}
    for label, key, some in (await graph.read(user, _CHUNKS, asked, limits=limits)).rows:
        chunks.setdefault((label, key), []).extend(some)
    tied: dict[str, float] = {}
    for pair, some in chunks.items():
        for chunk in some if len(some) <= _PASSAGES else ():
            tied[chunk] = tied.get(chunk, 0.0) + weights[pair]
    return dict(sorted(tied.items(), key=lambda one: (-one[1], one[0]))[:_PASSAGES])


def names_in(question: str) -> Iterator[str]:
    """Yield the keys of everything in a question that could be a name: its words, and words in a row."""
    words = key_of(question[:2000]).split()
    seen: set[str] = set()
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            key = " ".join(words[start : start + length])
            if key not in seen and len(key) > 2 and len(seen) < _MOST_KEYS:
                seen.add(key)
                yield key


def _weight(label: str, key: str, documents: int) -> float:
    """Return what it tells that a passage speaks of this: less, the more documents do.

    A topic of one word is a word like any other: searching by words weighs it better.
    """
    words = len(key.split())
    if documents > _COMMON or (label == "Topic" and words == 1):
        return 0.0
    return words / math.log2(2 + documents)
