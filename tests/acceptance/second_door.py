"""A second process on the same archive and the same Redis, which runs turns and has nothing else.

One process owns a data folder, because the index in it has one writer. This one opens no index: it finds
nothing in memory. `python -m tests.acceptance.second_door FOLDER REDIS_URL OLLAMA_URL queue|refuse` prints
its address, and serves `/v1/turns` until its input ends.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import uvicorn
from fastapi import FastAPI

from graphs.agent.graph import build_agent
from graphs.agent.nodes import AgentNodes
from graphs.agent.speaking import Speaker
from graphs.models.routes import load_routes
from memory.archive.archive import Archive, open_archive
from memory.long_term.entries import Question
from memory.long_term.recall import Recall, Recalled
from memory.short_term.presence import Presence, watched
from memory.short_term.redis.connection import open_redis
from memory.short_term.redis.lease import RedisLease
from server.composition import utc_now
from server.failures import add_failure_handlers
from server.models import open_router
from server.settings import Settings
from server.turns import Checkpoints, Execution, Place, TurnRunner
from server.v1 import turns


class FindsNothing:
    """A recall without a memory."""

    async def search(self, _user: str, _question: Question, _limit: int = 8) -> Recalled:
        """Find nothing."""
        return Recalled([], {})


@dataclass(frozen=True)
class Door:
    """What the routes of turns use of the services."""

    settings: Settings
    turns: TurnRunner
    checkpoints: Checkpoints


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Door]:
    """Open what turns need."""
    assert settings.redis_url
    async with AsyncExitStack() as stack:
        archive = await stack.enter_async_context(open_archive(settings.data_dir, clock=utc_now))
        redis = await stack.enter_async_context(
            open_redis(settings.redis_url, ttl_seconds=settings.session_ttl)
        )
        presence = await stack.enter_async_context(watched(Presence(redis.ping)))
        nodes = await _nodes(settings, archive, stack)
        hashes = redis.saver.hashes
        runner = TurnRunner(
            Execution([Place(build_agent(nodes, redis.saver), redis, presence)], settings.kept_turns),
            archive,
            RedisLease(hashes.client, hashes.place, presence),
            nodes.speaker.stops,
            queues=settings.busy_thread == "queue",
        )
        stack.push_async_callback(runner.finish)
        yield Door(settings, runner, Checkpoints(archive, [redis]))


async def _nodes(settings: Settings, archive: Archive, stack: AsyncExitStack) -> AgentNodes:
    router = await stack.enter_async_context(open_router(settings, load_routes(None)))
    return AgentNodes(
        archive=archive,
        recall_service=cast(Recall, FindsNothing()),
        speaker=Speaker(router, utc_now),
        tools=(),
        clock=utc_now,
        turn_committed=lambda: None,
    )


def app_of(door: Door) -> FastAPI:
    """The application: `/v1/turns`, and failures as Souvenir tells them."""
    app = FastAPI()
    app.state.services, app.state.token = door, "nobody has it"
    app.include_router(turns.router, prefix="/v1")
    add_failure_handlers(app)
    return app


async def serve(settings: Settings) -> None:
    """Serve until the input ends."""
    async with opened(settings) as door:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app_of(door), log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve([listener]))
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await task


if __name__ == "__main__":
    folder, redis_url, ollama_url, busy = sys.argv[1:]
    given = {"data_dir": Path(folder), "redis_url": redis_url, "ollama_url": ollama_url, "busy_thread": busy}
    asyncio.run(serve(Settings.model_validate({**given, "offline": False})))
