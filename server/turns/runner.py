"""What every door shares above the graph: the lease, listeners who come and go, the acknowledgement."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from graphs.agent.graph import AgentGraph
from graphs.agent.stopping import Stops
from memory.archive.archive import Archive
from memory.archive.entities import Turn
from memory.short_term.ending import ended
from memory.short_term.errors import ThreadBusy
from memory.short_term.keys import thread_key
from memory.short_term.lease import Lease
from server.turns.broadcast import Event
from server.turns.errors import Ending, QuestionRefused, UnknownThread, UnknownTurn
from server.turns.execution import Execution
from server.turns.run import Asked, Run, answer_of_turn, asked, started

MAX_QUESTION_CHARS: Final = 32_000
MAX_KEY_CHARS: Final = 200
DRAIN_SECONDS: Final = 12.0
"""How long the end of the process waits for the turns at work: most of it for their own end."""
_STOPPING_SHARE: Final = 0.25
"""Of that, what is left to those that are asked to stop."""
_LOOK_SECONDS: Final = 0.25
"""Between two looks at a turn that another process runs."""
_log = structlog.stdlib.get_logger("souvenir.turns")


@dataclass(frozen=True)
class TurnRunner:
    """Runs turns. A turn goes on to its end even when nobody listens any more."""

    execution: Execution
    archive: Archive
    lease: Lease
    stops: Stops
    queues: bool = True
    """A second turn on a thread waits for the first; else it is refused."""
    drain_seconds: float = DRAIN_SECONDS
    _runs: dict[str, Run] = field(default_factory=dict)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def agent(self) -> AgentGraph:
        """The graph that runs turns, with the checkpointer that is tried first."""
        return self.execution.places[0].agent

    async def check(self, user: str, question: str, thread_id: str | None, key: str | None = None) -> None:
        """Refuse what cannot be run, before anything streams.

        Raises `QuestionRefused`, `UnknownThread` when `thread_id` is given and not the user's, `ThreadBusy`
        when another turn is at work there and turns do not queue, `Ending`.
        """
        if self._ending.is_set():
            raise Ending
        if not question.strip():
            raise QuestionRefused("empty")
        if len(question) > MAX_QUESTION_CHARS:
            raise QuestionRefused("too_long")
        if key is not None and not (key.isprintable() and 0 < len(key) <= MAX_KEY_CHARS):
            raise QuestionRefused("bad_key")
        if thread_id is not None:
            await self.require_thread(user, thread_id)
            if not self.queues and key is None:
                await self._require_free(user, thread_id)

    async def require_thread(self, user: str, thread_id: str) -> None:
        """Raise `UnknownThread` unless the user has this conversation."""
        async with self.archive.read() as unit:
            if await unit.threads.get(user, thread_id) is None:
                raise UnknownThread(thread_id)

    async def require_turn(self, user: str, turn_id: str, thread_id: str | None = None) -> None:
        """Raise `UnknownTurn` unless there is such a turn of this user, at work or kept."""
        run = self._runs.get(turn_id)
        if run is not None and run.asked.user == user:
            return
        if thread_id and await self.lease.holder(thread_key(user, thread_id)) == turn_id:
            return
        if await self._turn(user, turn_id) is None:
            raise UnknownTurn(turn_id)

    async def last_question(self, user: str, thread_id: str) -> str:
        """Return what was asked last on a thread, to ask it again; raises `UnknownThread`."""
        turns = await self.archive.look(lambda unit: unit.threads.turns(user, thread_id, last=1))
        if not turns:
            raise UnknownThread(thread_id)
        return turns[0].question

    async def stream(
        self, user: str, question: str, thread_id: str | None = None, key: str | None = None
    ) -> AsyncIterator[Event]:
        """Run a turn and yield its events: `started`, `token` and `restart` ones, then `answer`.

        The `answer` event comes after the archive has committed the turn. With a `key`, a turn that was
        asked for with the same one is not run again: its events are heard, or its answer is read. Raises what
        the graph raises (`ArchiveError`), `ThreadBusy`, and `QuestionRefused` for a key of another question.
        """
        wanted = asked(user, question, thread_id, key)
        if kept := await self._kept(wanted):
            yield started(kept.thread_id, kept.id)
            yield answer_of_turn(kept)
            return
        run = self._runs.get(wanted.turn_id) or self._start(wanted)
        _require_same(wanted, run.asked.question, run.asked.thread_id)
        async for event in run.told.hear():
            yield event

    async def follow(
        self, user: str, turn_id: str, *, after: int = 0, thread_id: str | None = None
    ) -> AsyncIterator[Event]:
        """Yield the events of a turn but the first `after`, or the answer of one that has ended.

        With its `thread_id`, a turn that another process runs is waited for. Raises `UnknownTurn`.
        """
        run = self._runs.get(turn_id)
        if run is not None and run.asked.user == user:
            async for event in run.told.hear(after):
                yield event
            return
        kept = await self._turn(user, turn_id)
        while kept is None and thread_id and await self.lease.holder(thread_key(user, thread_id)) == turn_id:
            await asyncio.sleep(_LOOK_SECONDS)  # nobody here is told of what another process commits
            kept = await self._turn(user, turn_id)
        kept = kept or await self._turn(user, turn_id)
        if kept is None:
            raise UnknownTurn(turn_id)
        yield started(kept.thread_id, kept.id)
        yield answer_of_turn(kept)

    async def stop(self, user: str, turn_id: str, thread_id: str | None = None) -> None:
        """Ask a turn to end; it is kept as `interrupted`, with what was said so far.

        One that has ended already is left as it is. With its `thread_id`, a turn of another process is asked
        too. Raises `UnknownTurn`.
        """
        run = self._runs.get(turn_id)
        if run is not None and run.asked.user == user:
            self.stops.stop(turn_id)
            return
        if thread_id and await self.lease.ask_to_stop(thread_key(user, thread_id), turn_id):
            return
        if await self._turn(user, turn_id) is None:
            raise UnknownTurn(turn_id)

    async def finish(self) -> None:
        """Begin nothing any more; let the turns at work end, ask the late ones to stop, cancel the last."""
        self._ending.set()
        patience = self.drain_seconds * (1 - _STOPPING_SHARE)
        if late := await self._wait(patience):
            for run in late:
                self.stops.stop(run.asked.turn_id)
            late = await self._wait(self.drain_seconds - patience)
        for run in late:
            _log.warning("a turn was cut short by the end of the process", turn=run.asked.turn_id)
        await asyncio.gather(*(ended(run.task) for run in late if run.task))

    async def _wait(self, seconds: float) -> list[Run]:
        """Wait for the turns at work; return those that take longer."""
        if tasks := [run.task for run in self._runs.values() if run.task]:
            await asyncio.wait(tasks, timeout=seconds)
        return list(self._runs.values())

    def _start(self, wanted: Asked) -> Run:
        run = Run(wanted)
        run.told.tell(started(wanted.thread_id, wanted.turn_id))
        self._runs[wanted.turn_id] = run
        run.task = asyncio.create_task(self._work(run), name=f"turn-{wanted.turn_id}")
        return run

    async def _work(self, run: Run) -> None:
        error: BaseException | None = None
        try:
            await self._hold_and_answer(run)
        except BaseException as failed:  # told to whoever listens; a cancellation is raised again
            error = failed
            if not isinstance(failed, Exception):
                raise
            _log.warning("a turn failed", turn=run.asked.turn_id, error=type(failed).__name__)
        finally:
            self.stops.forget(run.asked.turn_id)
            self._runs.pop(run.asked.turn_id, None)
            run.told.end(error)

    async def _hold_and_answer(self, run: Run) -> None:
        wanted = run.asked
        stop = partial(self.stops.stop, wanted.turn_id)
        async with self.lease.hold(wanted.key, wanted.turn_id, wait=self.queues, stop=stop):
            if kept := await self._kept(wanted):  # another process was asked the same before
                run.told.tell(answer_of_turn(kept))
                return
            answer, place = await self.execution.answer(wanted, run.told.tell)
        run.told.tell(answer)
        await self.execution.retain(wanted, place)

    async def _kept(self, wanted: Asked) -> Turn | None:
        """Return the turn of a request with a key, when the archive has it."""
        if not wanted.keyed:
            return None
        kept = await self._turn(wanted.user, wanted.turn_id)
        if kept:
            _require_same(wanted, kept.question, kept.thread_id)
        return kept

    async def _turn(self, user: str, turn_id: str) -> Turn | None:
        return await self.archive.look(lambda unit: unit.threads.turn(user, turn_id))

    async def _require_free(self, user: str, thread_id: str) -> None:
        if run := await self.lease.holder(thread_key(user, thread_id)):
            raise ThreadBusy("another turn is at work on this conversation", run)


def _require_same(wanted: Asked, question: str, thread_id: str) -> None:
    if (wanted.question, wanted.thread_id) != (question, thread_id):
        raise QuestionRefused("key_reused")
