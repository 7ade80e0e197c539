"""`python -m tests.bench.ingestion`: how fast documents come in, and in how much memory.

The embedding model is a double in its own process that takes 40 ms for a call, whatever its size. What it
gives a bare client (the same texts, 32 in a call, two calls at once, nothing else to do) is the measure.
"""

import argparse
import asyncio
import gc
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from graphs.ingestion.state import IngestionContext
from graphs.ingestion.subjects import index_entries
from memory.archive.entities import LedgerEntry
from server.composition import Services, open_services
from server.settings import load_settings

MODEL = "nomic-embed-text"
_BATCH = 32
_CALLS = 2
_TEXT = (
    "harbour pilot boards dawn invoice paid thirty days agreement supply notice crane basin dock buoy outer "
    "captain letter contract term renewal boiler pressure valve meter report committee budget annual member"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one ingestion gave."""

    documents: int
    chunks: int
    seconds: float
    cpu_seconds: float
    """Of the ingesting process, without its children."""
    bare_seconds: float
    undone: int
    rss: tuple[int, ...]
    """Resident bytes of the ingesting process, from time to time."""
    own: tuple[int, ...]
    """Of these, those that are no file's pages, which the system takes back when others need room."""

    @property
    def share(self) -> float:
        """The model's own throughput that ingestion reached."""
        return self.bare_seconds / self.seconds


@asynccontextmanager
async def model(embed_seconds: float, dimension: int = 768) -> AsyncIterator[str]:
    """Run the double in a process of its own; yield its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ollama_double", "--model", MODEL),
        *("--dimension", str(dimension), "--embed-seconds", str(embed_seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


def write_documents(folder: Path, documents: int, paragraphs: int, seed: int = 1) -> Path:
    """Write Markdown files, of so many paragraphs of about a chunk each."""
    drawn, known = random.Random(seed), _TEXT.split()
    folder.mkdir()
    for number in range(documents):
        told = [f"# Report {number}"]
        for _ in range(paragraphs):
            words = (
                drawn.choice(known) + str(drawn.randrange(99)) * (drawn.random() < 0.1) for _ in range(95)
            )
            told.append(" ".join(words).capitalize() + ".")
        (folder / f"{number:05}.md").write_text("\n\n".join(told), encoding="utf-8")
    return folder


async def measure(folder: Path, url: str, data: Path, first: Path | None = None) -> Measured:
    """Ingest a folder into a memory of its own, then push the same texts with a bare client.

    `first` is a folder that is taken in before, so that what is loaded once is loaded.
    """
    settings = load_settings(data_dir=data, ollama_url=url)
    context = IngestionContext(settings.local_user)
    async with open_services(settings) as services, _collector_settled():
        if first is not None:
            async for _ in services.ingestor.paths([first], context):
                pass
        memory = [psutil.Process().memory_info()]
        started, cpu = time.perf_counter(), time.process_time()
        documents: list[str] = []
        chunks = undone = 0
        async for event in services.ingestor.paths([folder], context):
            if event["type"] == "document":
                documents.append(event["document_id"])
                chunks += event["chunks"]
                undone += event["projections"]["recall"]["state"] != "done"
                if len(documents) % 500 == 0:
                    memory.append(psutil.Process().memory_info())
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        memory.append(psutil.Process().memory_info())
        texts = await _texts(services, settings.local_user, documents)
    bare = await _bare(texts, url)
    rss = tuple(one.rss for one in memory)
    own = tuple(one.rss - one.shared for one in memory)
    return Measured(len(documents), chunks, seconds, cpu, bare, undone, rss, own)


@asynccontextmanager
async def _collector_settled() -> AsyncIterator[None]:
    """Leave what is loaded out of garbage collection, as `souvenir serve` does."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _texts(services: Services, user: str, documents: Sequence[str]) -> list[str]:
    async with services.archive.read() as unit:
        states = await unit.ledger.states(user, "document", documents)
    rows: list[LedgerEntry] = [entries["recall"] for entries in states.values()]
    found = await index_entries(services.archive, rows)
    return [entry.text for entries in found.values() for entry in entries]


async def _bare(texts: Sequence[str], url: str) -> float:
    """Return the seconds that the model needs for the texts when nothing else is to do."""
    calls = iter([texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)])

    async def push(client: httpx.AsyncClient) -> None:
        for call in calls:
            body = {"model": MODEL, "input": list(call)}
            (await client.post("/api/embed", json=body)).raise_for_status().json()

    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        started = time.perf_counter()
        await asyncio.gather(*(push(client) for _ in range(_CALLS)))
        return time.perf_counter() - started


async def section() -> str:
    """Measure one ingestion of 5,000 chunks, and return the table."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_documents(Path(scratch, "files"), 250, 20)
        async with model(0.04) as url:
            first = write_documents(Path(scratch, "first"), 4, 2, seed=2)
            got = await measure(folder, url, Path(scratch, "data"), first)
    return (
        "| documents | chunks | s | chunks/s | the model alone, s | of the model's own throughput |\n"
        "|---|---|---|---|---|---|\n"
        f"| {got.documents} | {got.chunks} | {got.seconds:.1f} | {got.chunks / got.seconds:.0f} "
        f"| {got.bare_seconds:.1f} | {got.share:.0%} |"
    )


async def main(options: argparse.Namespace) -> None:
    """Measure and print one line."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_documents(Path(scratch, "files"), options.documents, options.paragraphs)
        async with model(options.embed_seconds) as url:
            first = None if options.cold else write_documents(Path(scratch, "first"), 4, 2, seed=2)
            got = await measure(folder, url, Path(scratch, "data"), first)
    held, own = (" ".join(f"{bytes_ / 2**20:.0f}" for bytes_ in sizes) for sizes in (got.rss, got.own))
    print(
        f"{got.documents} documents, {got.chunks} chunks: {got.seconds:.2f} s, "
        f"{got.chunks / got.seconds:.0f} chunks/s, {got.cpu_seconds:.2f} s of CPU; "
        f"a bare client {got.bare_seconds:.2f} s; "
        f"{got.share:.0%} of the model's own throughput; {got.undone} not done; "
        f"RSS in MiB: {held}; without mapped files: {own}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ingestion", description=__doc__)
    parser.add_argument("--documents", type=int, default=250)
    parser.add_argument("--paragraphs", type=int, default=20)
    parser.add_argument("--embed-seconds", type=float, default=0.04)
    parser.add_argument("--cold", action="store_true", help="count what is loaded once, too")
    asyncio.run(main(parser.parse_args()))
