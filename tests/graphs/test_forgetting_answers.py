"""What is forgotten is not to be found among cached answers either, whenever and however Redis failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from graphs.extraction.model import ModelReader
from graphs.forgetting import Forgetter
from graphs.ingestion.projector import Projector, running
from graphs.models.cached_answers import CachedAnswers
from graphs.models.call_log import CallLog
from graphs.models.ollama_json import OllamaJson
from graphs.models.structured_calls import StructuredCalls
from memory.answer_cache.protocol import AnswerCache
from memory.archive.archive import Archive, open_archive
from memory.archive.entities import Chunk, Document
from memory.long_term.edge import open_edge_index
from memory.short_term.lease import ProcessLease
from memory.short_term.sqlite import open_sqlite
from tests.clock import FakeClock
from tests.graphs.agent.home import BIG, router_of, routes_file
from tests.memory.answer_cache.questions import ANSWER, a_question, held, opened
from tests.memory.archive.samples import a_document, a_turn, chunks_of
from tests.ollama_double import Reply, ollama_double
from tests.services.redis import OwnRedis, RedisServer, own_redis, redis_stack
from tests.services.redis_process import Options

__all__ = ["own_redis", "redis_stack"]

CANARY = "Claire Dubois"
TEXT = f"{CANARY} looks after the workshop."


@dataclass(frozen=True, slots=True)
class House:
    """The parts that forgetting and reading touch."""

    archive: Archive
    cache: AnswerCache
    projector: Projector
    forgetter: Forgetter
    reader: ModelReader

    async def keep(self, name: str) -> tuple[Document, list[Chunk]]:
        """Store a document of one chunk."""
        document = a_document(name, text=TEXT, lang="en", chunk_count=1)
        async with self.archive.unit() as unit:
            await unit.documents.put(document, chunks_of(document, TEXT))
        return document, list(chunks_of(document, TEXT))

    async def waits(self, name: str) -> bool:
        """Whether the ledger still has answers to drop."""
        async with self.archive.read() as unit:
            return "answers" in (await unit.ledger.states("marie", "document", [name])).get(name, {})


Opening = Callable[[RedisServer], AbstractAsyncContextManager[House]]


@pytest.fixture
def opening(tmp_path: Path, clock: FakeClock) -> Opening:
    """Opens the same memory each time, with the cache on a server."""

    @asynccontextmanager
    async def open_house(server: RedisServer) -> AsyncIterator[House]:
        folder = tmp_path / "data"
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            archive = await enter(open_archive(folder, clock=clock))
            index = await enter(open_edge_index(folder / "recall"))
            sessions = await enter(open_sqlite(folder, ttl_seconds=None, clock=clock))
            cache = await enter(opened(server))
            double = await enter(ollama_double(BIG))
            double.reply(BIG, Reply(text=f'{{"people": [{{"name": "{CANARY}"}}]}}', in_background=True))
            router = await enter(router_of(routes_file(tmp_path / "routes", BIG, extraction=True), double))
            calls = StructuredCalls(
                router,
                lambda spec, _: OllamaJson(spec, double.url),
                CallLog(archive, "marie", clock),
                answers=CachedAnswers(cache),
            )
            stack.push_async_callback(calls.aclose)
            projector = Projector(archive, index, sessions, answers=cache, probe_seconds=(0.05, 0.1))
            forgetter = Forgetter(archive, projector, ProcessLease())
            yield House(archive, cache, projector, forgetter, ModelReader(calls, archive))

    return open_house


async def test_forgetting_a_document_drops_what_was_read_in_it(
    opening: Opening, redis_stack: RedisServer
) -> None:
    """All of this user's answers, since nobody can tell which drew on it; other users keep theirs."""
    async with opening(redis_stack) as house:
        document, chunks = await house.keep("d1")
        assert (await house.reader.read(document, chunks)).facts.links
        await house.cache.put(a_question(user="ana"), ANSWER)
        assert CANARY in str(held(redis_stack))
        assert await house.forgetter.document("marie", "d1")
        assert CANARY not in str(held(redis_stack))
        assert await house.cache.get(a_question(user="ana")) == ANSWER
        assert not await house.waits("d1")


async def test_forgetting_a_conversation_does_too(opening: Opening, redis_stack: RedisServer) -> None:
    """What a model was asked may have been of it."""
    async with opening(redis_stack) as house:
        async with house.archive.unit() as unit:
            await unit.threads.add_turn(a_turn("t1", thread_id="c1"))
        await house.cache.put(a_question(), ANSWER)
        assert await house.forgetter.thread("marie", "c1")
        assert held(redis_stack) == {}


async def test_what_is_forgotten_while_a_model_reads_it_is_dropped_afterwards(
    opening: Opening, redis_stack: RedisServer
) -> None:
    """The answer comes after all others had been dropped: it goes with the next round."""
    async with opening(redis_stack) as house:
        document, chunks = await house.keep("d1")
        assert await house.forgetter.document("marie", "d1")
        await house.reader.read(document, chunks)
        assert await house.waits("d1")
        assert await house.projector.erase_answers()
        assert CANARY not in str(held(redis_stack)) and not await house.waits("d1")


async def test_a_redis_that_is_away_forgets_when_it_is_back(opening: Opening, own_redis: OwnRedis) -> None:
    """Forgetting is done and said at once; what Redis has on its disk goes later, after a restart of ours."""
    server = own_redis("stack", Options(persistent=True))
    async with opening(server) as house:
        document, chunks = await house.keep("d1")
        await house.reader.read(document, chunks)
        server.kill()
        assert await house.forgetter.document("marie", "d1")
        assert await house.waits("d1")
        assert not await house.projector.erase_answers()
    server.restart()
    assert CANARY in str(held(server))
    async with opening(server) as house, running(house.projector):
        async with house.archive.unit() as unit:
            await unit.ledger.release_all()
        house.projector.wake()
        async with asyncio.timeout(30):
            while await house.waits("d1"):
                pass
        assert held(server) == {}


async def test_without_a_cache_nothing_waits(opening: Opening, redis_stack: RedisServer) -> None:
    """The ledger holds no work that nobody would do."""
    async with opening(redis_stack) as house:
        await house.keep("d1")
        house.projector.answers = None
        assert await house.forgetter.document("marie", "d1")
        assert not await house.waits("d1")
