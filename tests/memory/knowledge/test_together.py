"""Many who write at once, and whatever happens in whatever order: the last documents count."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import hypothesis
from hypothesis import strategies

from memory.knowledge.checksum import checksum
from memory.knowledge.facts import DocumentFacts, Employment, Entity
from memory.knowledge.protocol import KnowledgeGraph
from tests.memory.knowledge.conftest import Opening
from tests.memory.knowledge.samples import EVERYTHING, USER, facts, link

NAMES = ("Ana Ruiz", "ANA RUIZ", "Boreas", "boreas.", "tides")
DOCUMENTS = ("d1", "d2", "d3")
Step = tuple[str, DocumentFacts | None]


def reading(document: str, said: Sequence[tuple[int, int, int]], extractor: str) -> DocumentFacts:
    """A document that names people and firms, and says of each pair that one works for the other."""
    links, employments = [], []
    for person, firm, chunk in said:
        chunks = (f"{chunk}-{document}",)
        ends = Entity("Person", NAMES[person]), Entity("Organization", NAMES[firm])
        links += [link("Person", NAMES[person], *chunks, author=chunk == 0)]
        links += [link("Organization", NAMES[firm], *chunks)]
        employments.append(Employment(*ends, chunks, ("", "clerk", "chair")[chunk]))
    return facts(document, *links, employments=tuple(employments), extractor=extractor)


some = strategies.integers(0, len(NAMES) - 1)
sayings = strategies.lists(strategies.tuples(some, some, strategies.integers(0, 2)), max_size=3)


@strategies.composite
def steps(draw: strategies.DrawFn) -> Step:
    """A document put, or forgotten."""
    document = draw(strategies.sampled_from(DOCUMENTS))
    if draw(strategies.integers(0, 3)) == 0:
        return document, None
    return document, reading(document, draw(sayings), draw(strategies.sampled_from(("rules", "model"))))


async def fresh(opening: Opening, history: Sequence[Step]) -> tuple[str, str]:
    """The checksum after all that happened, and that of the last documents put into an empty graph."""
    async with opening() as graph:
        await graph.clear()
        for document, said in history:
            await (graph.put([said]) if said else graph.forget(USER, [document]))
        after = await checksum(graph, USER)
        last = dict(history)
        await graph.clear()
        await graph.put([last[one] for one in sorted(last, reverse=True) if last[one]])  # type: ignore[misc]  # no None
        return after, await checksum(graph, USER)


@hypothesis.settings(
    max_examples=12, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(history=strategies.lists(steps(), min_size=1, max_size=8))
def test_only_the_last_word_counts(opening: Opening, history: list[Step]) -> None:
    """Any sequence of putting and forgetting ends where putting the last documents afresh does."""
    after, anew = asyncio.run(fresh(opening, history))
    assert after == anew


async def test_eight_at_once_are_as_one(graph: KnowledgeGraph, seed: int) -> None:
    """Overlapping documents from eight tasks: nothing is lost, doubled or refused."""
    rng = random.Random(seed)
    said = [
        reading(f"d{at}", [(rng.randrange(5), rng.randrange(5), rng.randrange(3)) for _ in range(3)], "rules")
        for at in range(16)
    ]
    await graph.put(said)
    alone = await checksum(graph, USER)
    await graph.clear()
    shares = [rng.sample(said, len(said)) for _ in range(8)]
    await asyncio.gather(*(put_each(graph, share) for share in shares))
    assert await checksum(graph, USER) == alone
    for label, count in (("Person", 3), ("Organization", 3), ("Document", 16)):
        cypher = f"MATCH (n:{label} {{user: $user}}) RETURN n.key"
        found = [row[0] for row in (await graph.read(USER, cypher, limits=EVERYTHING)).rows]
        assert len(found) == len(set(found)) <= count


async def put_each(graph: KnowledgeGraph, share: Sequence[DocumentFacts]) -> None:
    """One task's work."""
    for one in share:
        await graph.put([one])


async def test_who_reads_while_others_write_has_an_answer(graph: KnowledgeGraph) -> None:
    """Of the time before or after, and never that what it looked at is gone."""
    links = [link("Topic", f"topic {at}", "c") for at in range(6)]
    cypher = "MATCH (d:Document {user: $user})-->(t:Topic) RETURN d.key, count(t)"
    done = asyncio.Event()

    async def write() -> None:
        for _ in range(10):
            await graph.put([facts(one, *links) for one in DOCUMENTS])
            await graph.forget(USER, DOCUMENTS)
        done.set()

    async def read() -> None:
        while not done.is_set():
            found = await graph.read(USER, cypher, limits=EVERYTHING)
            assert all(document in DOCUMENTS and count <= 6 for document, count in found.rows)

    await asyncio.gather(write(), *(read() for _ in range(4)))
