"""What every door shares above the graph: the lease, streaming, and the acknowledgement of a turn."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from graphs.agent.graph import AgentGraph
from memory.archive.archive import Archive
from memory.short_term.errors import ShortTermError
from memory.short_term.keys import thread_key
from memory.short_term.lease import Lease
from memory.short_term.sqlite import named_failures
from tools.context import TurnContext

MAX_QUESTION_CHARS = 32_000
DRAIN_SECONDS = 15.0
PATIENCE_SECONDS = 30.0
_QUEUE = 1000

Event = dict[str, Any]
Emit = Callable[[Event | None], Awaitable[None]]
_log = structlog.stdlib.get_logger("souvenir.turns")


class _Audience:
    """Who listens to a turn: events wait for a slow listener, but not for long, and not for one who left."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience = patience_seconds
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(_QUEUE)
        self._listening = True

    async def tell(self, event: Event | None) -> None:
        if not self._listening:
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._events.put(event)
        except TimeoutError:
            self.leave()

    async def hear(self) -> AsyncIterator[Event]:
        while (event := await self._events.get()) is not None:
            yield event

    def leave(self) -> None:
        self._listening = False
        while not self._events.empty():
            self._events.get_nowait()
        self._events.put_nowait(None)


class QuestionRefused(Exception):
    """The question cannot be asked: `code` is `empty` or `too_long`."""

    def __init__(self, code: str) -> None:
        """Keep the code; doors put it in the person's language."""
        super().__init__(code)
        self.code = code


class UnknownThread(Exception):
    """There is no such conversation for this user."""


@dataclass(frozen=True)
class TurnRunner:
    """Runs turns. A turn goes on to its end even when nobody listens any more."""

    agent: AgentGraph
    archive: Archive
    lease: Lease
    patience_seconds: float = PATIENCE_SECONDS
    """How long a turn waits for a listener who does not read."""
    drain_seconds: float = DRAIN_SECONDS
    """How long `finish` waits for the turns at work."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def check(self, user: str, question: str, thread_id: str | None) -> None:
        """Refuse what cannot be run, before anything streams.

        Raises `QuestionRefused`, and `UnknownThread` when `thread_id` is given and not the user's.
        """
        if not question.strip():
            raise QuestionRefused("empty")
        if len(question) > MAX_QUESTION_CHARS:
            raise QuestionRefused("too_long")
        if thread_id is not None:
            async with self.archive.read() as unit:
                if await unit.threads.get(user, thread_id) is None:
                    raise UnknownThread(thread_id)

    async def last_question(self, user: str, thread_id: str) -> str:
        """Return what was asked last on a thread, to ask it again; raises `UnknownThread`."""
        turns = await self.archive.look(lambda unit: unit.threads.turns(user, thread_id, last=1))
        if not turns:
            raise UnknownThread(thread_id)
        return turns[0].question

    async def stream(self, user: str, question: str, thread_id: str | None = None) -> AsyncIterator[Event]:
        """Run a turn and yield its events: `started`, `token` and `restart` ones, then `answer`.

        The `answer` event comes after the archive has committed the turn. Raises what the graph
        raises (`ArchiveError`), `ThreadBusy`.
        """
        thread, turn_id = thread_id or str(uuid.uuid4()), str(uuid.uuid4())
        audience = _Audience(self.patience_seconds)

        async def work() -> None:
            try:
                await self._run(user, question, thread, turn_id, audience.tell)
            finally:
                await audience.tell(None)

        task = asyncio.create_task(work(), name=f"turn-{turn_id}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        try:
            yield {"type": "started", "thread_id": thread, "turn_id": turn_id}
            async for event in audience.hear():
                yield event
            await task
        finally:
            audience.leave()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("a turn failed", turn=task.get_name(), error=type(error).__name__)

    async def _run(self, user: str, question: str, thread_id: str, turn_id: str, emit: Emit) -> None:
        key = thread_key(user, thread_id)
        config: RunnableConfig = {"configurable": {"thread_id": key}, "recursion_limit": 50}
        message = HumanMessage(question, id=turn_id)
        final: Event = {}
        running = self.agent.astream(
            {"messages": [message]},
            config,
            context=TurnContext(user, thread_id),
            stream_mode=["custom", "values"],
            # One checkpoint, at the end: what a kill in between loses was not acknowledged.
            durability="exit",
        )
        stream = cast("AsyncGenerator[tuple[str, Event], None]", running)
        async with self.lease.hold(key), self._clean(key), aclosing(stream):
            async for mode, chunk in stream:
                if mode == "custom":
                    await emit(chunk)
                else:
                    final = chunk
        await emit({"type": "answer", **_answer(final, thread_id)})

    @asynccontextmanager
    async def _clean(self, key: str) -> AsyncIterator[None]:
        """Leave no checkpoint of a turn that failed: it may hold what is being forgotten meanwhile.

        The next turn rebuilds the conversation from the archive.
        """
        with named_failures():
            try:
                yield
            except BaseException:  # a cancellation too; raised again
                saver = self.agent.checkpointer
                if isinstance(saver, BaseCheckpointSaver):
                    with suppress(sqlite3.Error, ShortTermError):  # the first failure tells more
                        await saver.adelete_thread(key)
                raise

    async def finish(self) -> None:
        """Let the turns at work end, within a limit; then cancel them."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=self.drain_seconds)
        for task in late:
            _log.warning("a turn was cut short by the end of the process", turn=task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _answer(state: Event, thread_id: str) -> Event:
    return {
        "answer": state["answer"],
        "thread_id": thread_id,
        "turn_id": state["turn_id"],
        "served_by": state["served_by"],
        "status": state["status"],
        "degraded": state["degraded"],
        "sources": state["sources"],
        "timings_ms": state["timings_ms"],
    }
