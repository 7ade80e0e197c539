"""`python -m tests.bench.embedding`: what the embedder adds to the embedding model's own time.

The model is a double in its own process that takes 40 ms for a call, whatever its size. A bare client sends
it the same texts, as many in a call and as many calls at once, and reads the answers with the same reader;
the embedder verifies them besides. Pairs of runs, the first of a pair by turns.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import orjson

from graphs.models.embedding.ollama import OllamaEmbedder, open_embedder
from graphs.models.routes import EmbeddingSpec
from tests.bench.ingestion import MODEL, model

TEXTS = 5_000
PAIRS = 9
_EMBED_SECONDS = 0.04
_WORDS = ("harbour", "pilot", "boards", "invoice", "paid", "thirty", "agreement", "supply", "crane", "dock")
_SPEC = EmbeddingSpec(model=f"ollama:{MODEL}")


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds for the same texts, one run after the other."""

    bare: float
    embedder: float

    @property
    def share(self) -> float:
        """The model's own throughput that the embedder reached."""
        return self.bare / self.embedder


async def measure(texts: int = TEXTS, pairs: int = PAIRS, seed: int = 1) -> list[Pair]:
    """Return the times of so many pairs of runs, after one of each that does not count."""
    drawn = random.Random(seed)
    said = [
        " ".join(drawn.choice(_WORDS) + str(drawn.randrange(99)) for _ in range(95)) for _ in range(texts)
    ]
    async with (
        model(_EMBED_SECONDS) as url,
        aiohttp.ClientSession(base_url=url) as client,
        open_embedder(_SPEC, url) as embedder,
    ):
        few = said[: 4 * _SPEC.batch_size]
        await _pair(client, embedder, few, bare_first=True)
        return [await _pair(client, embedder, said, bare_first=bool(n % 2)) for n in range(pairs)]


async def _pair(
    client: aiohttp.ClientSession, embedder: OllamaEmbedder, texts: Sequence[str], *, bare_first: bool
) -> Pair:
    if bare_first:
        bare = await _bare(client, texts)
        return Pair(bare, await _embedded(embedder, texts))
    seconds = await _embedded(embedder, texts)
    return Pair(await _bare(client, texts), seconds)


async def _embedded(embedder: OllamaEmbedder, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    embedded = await embedder.embed_documents(texts)
    seconds = time.perf_counter() - started
    assert not embedded.refused
    return seconds


async def _bare(client: aiohttp.ClientSession, texts: Sequence[str]) -> float:
    """Return the seconds that a client needs which does nothing with the vectors but read and keep them."""
    size = _SPEC.batch_size
    calls = iter([texts[start : start + size] for start in range(0, len(texts), size)])
    vectors: list[list[float]] = []

    async def push() -> None:
        for call in calls:
            body = orjson.dumps({"model": MODEL, "input": list(call)})
            async with client.post("/api/embed", data=body) as response:
                vectors.extend(orjson.loads(await response.read())["embeddings"])

    started = time.perf_counter()
    await asyncio.gather(*(push() for _ in range(_SPEC.concurrency)))
    seconds = time.perf_counter() - started
    assert len(vectors) == len(texts)
    return seconds


def _shown(pairs: Sequence[Pair]) -> str:
    shares = sorted(pair.share for pair in pairs)
    bare, embedder = (
        statistics.median(times) for times in zip(*[(p.bare, p.embedder) for p in pairs], strict=True)
    )
    return (
        "| texts | a bare client, s | the embedder, s | texts/s | share, median (least to most) | pairs |\n"
        "|---|---|---|---|---|---|\n"
        f"| {TEXTS:,} | {bare:.2f} | {embedder:.2f} | {TEXTS / embedder:,.0f} "
        f"| {statistics.median(shares):.3f} ({shares[0]:.2f} to {shares[-1]:.2f}) | {len(pairs)} |"
    )


async def section() -> str:
    """Measure, and return the table."""
    return _shown(await measure())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.embedding", description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    options = parser.parse_args()
    print(_shown(asyncio.run(measure(pairs=options.pairs))))
