"""How long recall takes in a large memory: words and meaning, one user's filter and word frequencies.

The texts are random words with the frequencies of a language (Zipf), the vectors random around two hundred
centres. The embedder answers at once: its time is another machine's.
"""

import asyncio
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy

from memory.archive.archive import Archive, open_archive
from memory.archive.entities import Chunk, Document
from memory.archive.ids import chunk_id, document_id
from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.embedding import Embedded, EmbeddingSpace, Vector
from memory.long_term.entries import Question
from memory.long_term.passages import document_entries
from memory.long_term.recall import Recall

SIZES = (10_000, 50_000)
QUESTIONS = 200
DIMENSION = 768
PASSAGES = 10
"""In a document."""
_FREQUENT = (
    "the of and to a in is that it was for on are with as his they at be this from have or by one had not "
    "but what all were when we there can an your which their said if do will each about how up out them then"
)
_GROUP = 100
_OTHERS = 10
"""One document in so many belongs to somebody else."""


class RandomEmbedder:
    """Vectors that cost nothing, the same for the same seed."""

    component = "random"
    languages = frozenset({"en"})

    def __init__(self, seed: int) -> None:
        self._random = numpy.random.default_rng(seed)
        self._centres = self._random.normal(0, 0.5, (200, DIMENSION))
        self.space = EmbeddingSpace("random", DIMENSION, "", "", (1.0,) * DIMENSION)

    def vector(self) -> Vector:
        """Return a vector near one of the centres."""
        near = self._centres[self._random.integers(len(self._centres))] + self._random.normal(0, 1, DIMENSION)
        return tuple(near.tolist())

    async def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Return one for each text."""
        return Embedded(self.space, [self.vector() for _ in texts], {})

    async def embed_question(self, text: str) -> tuple[EmbeddingSpace, Vector]:
        """Return any."""
        return self.space, self.vector()

    async def ping(self) -> str:
        """Return its name."""
        return self.component


class Writer:
    """Sentences of made-up words, among those that any English text is full of and no search looks for."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        made_up = (
            "".join(self._random.choices(letters, k=self._random.randint(3, 9))) for _ in range(30_000)
        )
        self._words = [*_FREQUENT.split(), *made_up]
        self._frequency = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self._words))))

    def sentence(self, words: int) -> str:
        """Return so many words."""
        return (
            " ".join(self._random.choices(self._words, cum_weights=self._frequency, k=words)).capitalize()
            + "."
        )


async def section() -> str:
    """Measure, and return the table."""
    lines = [
        "| passages | questions | index p50, p95 (ms) | recall p50, p95 (ms) | reopening (s) |",
        "|---|---|---|---|---|",
    ]
    for size in SIZES:
        lines.append(await _row(size))
    return "\n".join(lines)


async def _row(size: int) -> str:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder, embedder, writer = Path(name), RandomEmbedder(size), Writer(size)
        async with _memory(folder) as (archive, index):
            await _fill(archive, index, size, embedder, writer)
            await index.confirm()
            asked, whole = await _ask(Recall(index, archive, _now, embedder), writer, embedder)
        started = time.perf_counter()
        async with open_edge_index(folder / "recall") as index:
            reopening = time.perf_counter() - started
            assert not index.rebuilt
    return f"| {size:,} | {QUESTIONS} | {_percentiles(asked)} | {_percentiles(whole)} | {reopening:.2f} |"


@asynccontextmanager
async def _memory(folder: Path) -> AsyncIterator[tuple[Archive, EdgeIndex]]:
    async with open_archive(folder, clock=_now) as archive, open_edge_index(folder / "recall") as index:
        yield archive, index


async def _fill(
    archive: Archive, index: EdgeIndex, size: int, embedder: RandomEmbedder, writer: Writer
) -> None:
    for start in range(0, size // PASSAGES, _GROUP):
        group = [_document(number, writer) for number in range(start, min(start + _GROUP, size // PASSAGES))]
        async with archive.unit() as unit:
            for document, chunks in group:
                await unit.documents.put(document, chunks)
        entries = [entry for pair in group for entry in document_entries(*pair)]
        await index.upsert(entries, await embedder.embed_documents([entry.text for entry in entries]))


def _document(number: int, writer: Writer) -> tuple[Document, list[Chunk]]:
    user, now = "other" if number % _OTHERS == 0 else "local", _now()
    identity = document_id(user, str(number))
    chunks = [
        Chunk(
            id=chunk_id(identity, "", position),
            document_id=identity,
            user=user,
            position=position,
            text=" ".join(writer.sentence(18) for _ in range(5)),
            locator=f"page {position + 1}",
            lang="en",
        )
        for position in range(PASSAGES)
    ]
    title = writer.sentence(4)
    document = Document(identity, user, str(number), title, "text/plain", "en", "", 0, "", now, now, PASSAGES)
    return document, chunks


async def _ask(recall: Recall, writer: Writer, embedder: RandomEmbedder) -> tuple[list[float], list[float]]:
    """Return what each question took in the index alone, and in recall as a whole, in milliseconds."""
    index, whole = [], []
    for _ in range(QUESTIONS):
        question = Question(writer.sentence(9), "en", embedder.vector())
        started = time.perf_counter()
        await recall.index.search("local", question, 30)
        index.append((time.perf_counter() - started) * 1000)
        question = Question(writer.sentence(9), "en")
        started = time.perf_counter()
        await recall.search("local", question)
        whole.append((time.perf_counter() - started) * 1000)
    return index, whole


def _percentiles(times: Sequence[float]) -> str:
    cuts = statistics.quantiles(times, n=20)
    return f"{statistics.median(times):.1f}, {cuts[18]:.1f}"


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    print(asyncio.run(section()))
