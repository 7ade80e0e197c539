"""The projector with an embedding model: words at once, vectors as they can be had, nothing made twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphs.ingestion.projector import Projector, running
from graphs.ingestion.rebuilding import rebuild
from graphs.models.embedding.ollama import OllamaEmbedder, open_embedder
from graphs.models.routes import EmbeddingSpec
from memory.long_term.edge import open_edge_index
from memory.long_term.entries import Question
from tests.clock import FakeClock
from tests.graphs.ingestion.memories import Workshop, open_workshop
from tests.memory.archive.samples import a_turn
from tests.ollama_double import Fault, Model, OllamaDouble, ollama_double

NAME = "nomic-embed-text"
EMBED = "/api/embed"
WITHIN = 30.0
"""Seconds within which vectors come by themselves once they can."""


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with one embedding model."""
    async with ollama_double(NAME, dimension=32) as one:
        yield one


@pytest.fixture
async def embedder(double: OllamaDouble) -> AsyncIterator[OllamaEmbedder]:
    """An embedder for it."""
    async with open_embedder(EmbeddingSpec(), double.url) as one:
        yield one


@pytest.fixture
async def shop(tmp_path: Path, clock: FakeClock, embedder: OllamaEmbedder) -> AsyncIterator[Workshop]:
    """A workshop with an embedding model."""
    async with open_workshop(tmp_path / "data", clock, embedder) as opened:
        yield opened


async def states(shop: Workshop) -> dict[str, int]:
    """How many documents and turns are how far."""
    async with shop.archive.read() as unit:
        return (await unit.ledger.counts("marie")).get("recall", {})


async def all_done(shop: Workshop, number: int) -> None:
    """Wait until all are done, as long as is promised."""
    async with asyncio.timeout(WITHIN):
        while await states(shop) != {"done": number}:
            await shop.index.written.wait()
            shop.index.written.clear()
            await shop.projector.drain()


def made(double: OllamaDouble) -> Counter[str]:
    """How often each text was embedded, but for the canaries, by what it says."""
    texts = {text: number for text, number in double.embedded().items() if text.count("\n") >= 2}
    return Counter({text.split("\n")[2]: number for text, number in texts.items()})


async def test_words_first_then_vectors(shop: Workshop, double: OllamaDouble) -> None:
    """Found by its words while the model takes its time; done when the vectors are in."""
    await shop.put("d1", "one", "two", "three")
    double.fault(NAME, Fault("hang_before_headers", on=EMBED, calls=1))
    draining = asyncio.create_task(shop.projector.drain())
    await double.wait_for(EMBED, "hanging")
    assert shop.texts() == ["one", "three", "two"]
    assert shop.index.vectors == {}
    state = await shop.state("d1")
    assert state is not None
    assert (state.state, state.reason) == ("partial", "found by its words; its vectors follow")
    double.release()
    assert await draining
    assert shop.index.vectors.keys() == shop.index.entries.keys()
    assert await states(shop) == {"done": 1}


async def test_batches_fill_across_documents(shop: Workshop, double: OllamaDouble) -> None:
    """Seventy documents of one text are three calls, not seventy."""
    for number in range(70):
        await shop.put(f"d{number}", f"text {number}")
    await shop.projector.drain()
    assert await states(shop) == {"done": 70}
    sizes = sorted(len(one.json["input"]) for one in double.requests(EMBED))
    assert sizes[-3:] == [8, 34, 34], "32 texts and two canaries"
    assert set(made(double).values()) == {1}


async def test_a_model_that_is_away_is_not_waited_for(shop: Workshop, double: OllamaDouble) -> None:
    """All is found by its words, the ledger says why vectors are missing, and the drain ends."""
    double.stop()
    for number in range(5):
        await shop.put(f"d{number}", f"text {number}")
    async with asyncio.timeout(10):
        assert await shop.projector.drain()
    assert len(shop.texts()) == 5
    for number in range(5):
        state = await shop.state(f"d{number}")
        assert state is not None
        assert (state.state, state.reason) == ("partial", "connection refused")


async def test_it_goes_on_by_itself_when_the_model_is_back(shop: Workshop, double: OllamaDouble) -> None:
    """Within half a minute, without being woken."""
    double.stop()
    for number in range(40):
        await shop.put(f"d{number}", f"text {number}")
    async with running(shop.projector):
        await shop.projector.drain()
        assert await states(shop) == {"partial": 40}
        shop.index.written.clear()
        double.start()
        async with asyncio.timeout(WITHIN):
            await shop.index.written.wait()
        await all_done(shop, 40)
    assert set(made(double).values()) == {1}


async def test_a_model_killed_in_the_middle(shop: Workshop, double: OllamaDouble) -> None:
    """What was written stays, what was not is made when it is back; found by words all the time."""
    for number in range(200):
        await shop.put(f"d{number}", *(f"text {number} {part}" for part in range(5)))
    async with running(shop.projector):
        async with asyncio.timeout(WITHIN):
            while len(shop.index.vectors) < 200:
                await shop.index.written.wait()
                shop.index.written.clear()
        double.stop()
        await shop.projector.drain()
        written = len(shop.index.vectors)
        assert 200 <= written < 1000
        assert len(shop.index.entries) == 1000
        assert set(await states(shop)) == {"done", "partial"}
        double.start()
        shop.index.written.clear()
        await all_done(shop, 200)
    assert len(shop.index.vectors) == 1000
    again = made(double).total() - 1000
    assert again <= 4 * 32, "at most the calls under way were made again"


@pytest.mark.parametrize("texts", [10_000])
async def test_every_seventh_call_failing(shop: Workshop, double: OllamaDouble, texts: int) -> None:
    """All are embedded, none twice, none refused."""
    for number in range(texts // 10):
        await shop.put(f"d{number}", *(f"text {number} {part}" for part in range(10)))
    double.fault(NAME, Fault("status", on=EMBED, every=7))
    await shop.projector.drain()
    assert await states(shop) == {"done": texts // 10}
    counts = made(double)
    assert len(counts) == texts
    assert set(counts.values()) == {1}


async def test_a_text_that_is_refused_is_told_and_left_alone(shop: Workshop, double: OllamaDouble) -> None:
    """Partial, with how many and why; tried again only when it is asked for again."""
    double.fault(NAME, Fault("status", when="poison", on=EMBED, status=400, message="odd text"))
    await shop.put("d1", "one", "poison", "three")
    await shop.put("d2", "four")
    await shop.projector.drain()
    state = await shop.state("d1")
    assert state is not None
    assert state.state == "partial"
    assert state.reason == "1 text has no vector, of 3: Ollama answered an error: odd text"
    assert await states(shop) == {"partial": 1, "done": 1}
    assert len(shop.index.vectors) == 3
    assert len(shop.texts()) == 4
    calls = len(double.requests(EMBED))
    await shop.projector.drain()
    assert len(double.requests(EMBED)) == calls
    double.fault(NAME)
    await rebuild(shop.archive, shop.index)
    await shop.projector.drain()
    assert await states(shop) == {"done": 2}


async def test_an_index_of_another_model(shop: Workshop, double: OllamaDouble) -> None:
    """Nothing is embedded for it; the reason names the fix, and the fix works."""
    await shop.put("d1", "one")
    await shop.projector.drain()
    double.install(Model(NAME, dimension=48))
    await shop.put("d2", "two")
    await shop.put("d3", "three")
    await shop.projector.drain()
    before = made(double)
    await shop.projector.drain()
    state = await shop.state("d3")
    assert state is not None
    assert state.state == "partial"
    assert "dimension 48 instead of 32" in (state.reason or "")
    assert "souvenir documents rebuild" in (state.reason or "")
    assert made(double) == before
    assert len(shop.texts()) == 3
    await rebuild(shop.archive, shop.index)
    await shop.projector.drain()
    assert await states(shop) == {"done": 3}
    assert {len(vector) for vector in shop.index.vectors.values()} == {48}


async def test_what_was_forgotten_meanwhile_does_not_come_back(shop: Workshop, double: OllamaDouble) -> None:
    """Gone at once, though its vectors are being made; they are not written when they come."""
    await shop.put("d1", "secret")
    double.fault(NAME, Fault("hang_before_headers", when="secret", on=EMBED, calls=1))
    draining = asyncio.create_task(shop.projector.drain())
    await double.wait_for(EMBED, "hanging")
    async with shop.archive.unit() as unit:
        await unit.documents.delete("marie", "d1")
        await unit.ledger.enqueue("marie", "document", "d1", "recall", "erase")
    assert await shop.projector.catch_up()
    assert shop.texts() == []
    assert await shop.state("d1") is None
    double.release()
    await draining
    assert shop.texts() == []
    assert shop.index.vectors == {}


async def test_what_changed_meanwhile_has_its_new_vectors(shop: Workshop, double: OllamaDouble) -> None:
    """The old text's vectors are dropped, and nothing old is left."""
    await shop.put("d1", "old")
    double.fault(NAME, Fault("hang_before_headers", when="old", on=EMBED, calls=1))
    draining = asyncio.create_task(shop.projector.drain())
    await double.wait_for(EMBED, "hanging")
    await shop.put("d1", "new")
    await shop.projector.catch_up()
    assert shop.texts() == ["new"]
    double.release()
    await draining
    await shop.projector.drain()
    assert shop.texts() == ["new"]
    assert len(shop.index.vectors) == 1
    assert await states(shop) == {"done": 1}


async def test_a_turn_does_not_wait_behind_documents(shop: Workshop, double: OllamaDouble) -> None:
    """Thousands of texts wait for their vectors: what was just said has its own at once."""
    double.install(Model(NAME, dimension=32, embed_seconds=0.02))
    for number in range(40):
        await shop.put(f"d{number}", *(f"text {number} {part}" for part in range(50)))
    async with running(shop.projector):
        await shop.index.written.wait()
        async with shop.archive.unit() as unit:
            await unit.threads.add_turn(a_turn("t1", question="My dog is called Rex."))
            await unit.ledger.enqueue("marie", "turn", "t1", "recall")
        shop.projector.wake()
        async with asyncio.timeout(WITHIN):
            while ("marie", "turn", "t1") not in shop.index.vectors:
                shop.index.written.clear()
                await shop.index.written.wait()
        assert len(shop.index.vectors) < 1000, "most documents still wait"


async def test_what_is_written_is_not_made_again_after_a_crash(
    shop: Workshop, double: OllamaDouble, embedder: OllamaEmbedder
) -> None:
    """Half of a document has its vectors when the process ends: the next one makes the other half."""
    await shop.put("d1", *(f"text {part}" for part in range(64)))
    double.fault(NAME, Fault("hang_before_headers", when=r"text 63\b", on=EMBED))
    draining = asyncio.create_task(shop.projector.drain())
    await double.wait_for(EMBED, "hanging")
    async with asyncio.timeout(WITHIN):
        while len(shop.index.vectors) < 32:
            shop.index.written.clear()
            await shop.index.written.wait()
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    double.fault(NAME)
    another = Projector(shop.archive, shop.index, shop.sessions, embedder)
    await another.drain()
    assert await states(shop) == {"done": 1}
    assert len(shop.index.vectors) == 64
    assert set(made(double).values()) == {1}


async def test_a_cancelled_drain_gives_everything_back(shop: Workshop, double: OllamaDouble) -> None:
    """Nothing stays claimed: the next drain finishes it, the clock standing still."""
    for number in range(50):
        await shop.put(f"d{number}", f"text {number}")
    double.fault(NAME, Fault("hang_before_headers", on=EMBED, when="text"))
    draining = asyncio.create_task(shop.projector.drain())
    await double.wait_for(EMBED, "hanging")
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    double.fault(NAME)
    await shop.projector.drain()
    assert await states(shop) == {"done": 50}


async def test_an_index_that_fails_keeps_the_vectors_waiting(shop: Workshop) -> None:
    """Told, and made good by itself."""
    await shop.put("d1", "one")
    await shop.projector.catch_up()
    shop.index.failures = 1
    assert await shop.projector.drain()
    state = await shop.state("d1")
    assert state is not None
    assert (state.state, state.reason) == ("partial", "the index rests")
    async with running(shop.projector), asyncio.timeout(WITHIN):
        await all_done(shop, 1)


async def test_on_the_real_index_it_is_found_by_meaning(
    tmp_path: Path, clock: FakeClock, embedder: OllamaEmbedder
) -> None:
    """The vectors are where questions look for them, and the index knows their space."""
    async with (
        open_workshop(tmp_path / "data", clock) as shop,
        open_edge_index(tmp_path / "recall") as index,
    ):
        await index.confirm()
        projector = Projector(shop.archive, index, shop.sessions, embedder)
        for number in range(40):
            await shop.put(f"d{number}", f"The harbour has crane number {number}.")
        assert await projector.drain()
        assert await states(shop) == {"done": 40}
        space, vector = await embedder.embed_question("crane number 7")
        assert index.space is not None
        assert index.space.difference(space) is None
        found = await index.search("marie", Question("crane number 7", "en", vector), 5)
        assert found.hits
        assert all(hit.dense is not None for hit in found.hits)
        assert await index.with_vectors("marie", ["d7"]) == {
            hit.item_id for hit in found.hits if hit.source_id == "d7"
        }
