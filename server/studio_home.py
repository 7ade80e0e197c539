"""What Studio's process opens: the data folder and everything on it, once, until the process ends."""

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from graphs.agent.graph import AgentGraph, build_agent
from server.composition import open_services, studio_nodes
from server.egress import EgressGuard
from server.owner import Owner, announce, hold
from server.settings import Settings, SettingsError, load_settings
from server.startup import STARTUP_ERRORS, startup_line

DRAIN_SECONDS = 15.0
_SAYS = {
    "en": "Souvenir in LangGraph Studio. Memory: {folder}",
    "fr": "Souvenir dans LangGraph Studio. Mémoire : {folder}",
}


class CannotOpen(Exception):
    """The memory cannot be used from Studio; the message is one line that says why and what to do."""


class StudioHome:
    """Opens at the first need, once; the runs inside are counted, and awaited at the end.

    Everything stays on the loop where it was opened, which is the only one that may use it.
    """

    def __init__(self) -> None:
        """Open nothing yet."""
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._graph: AgentGraph | None = None
        self._greeting = ""
        self._visitors = 0
        self._empty = asyncio.Event()
        self._guarded = False
        self._closed = False
        self._settings: Settings | None = None

    def settle(self, settings: Settings) -> None:
        """Use these settings; without, they are read at the first need."""
        self._settings = settings

    async def open(self) -> str:
        """Open, unless it is done; return the line that says where memory lives. Raises `CannotOpen`."""
        async with self._opening:
            if self._closed:
                raise CannotOpen("Studio is stopping")  # its queue may still begin a run
            if self._graph is None:
                await self._open()
        return self._greeting

    @asynccontextmanager
    async def visit(self) -> AsyncIterator[AgentGraph]:
        """Yield the agent, with its resources open as long as the block runs. Raises `CannotOpen`."""
        if self._loop not in (None, asyncio.get_running_loop()):
            raise CannotOpen("Souvenir runs on one event loop: leave BG_JOB_ISOLATED_LOOPS unset")
        await self.open()
        assert self._graph is not None  # open() has just seen to it
        self._visitors += 1
        self._empty.clear()
        try:
            yield self._graph
        finally:
            self._visitors -= 1
            if not self._visitors:
                self._empty.set()

    async def close(self) -> None:
        """Let the runs inside end, within a limit; then close everything and give the folder back."""
        async with self._opening:
            self._closed = True
            if self._visitors:
                with suppress(TimeoutError):  # a run that does not end is cut short
                    await asyncio.wait_for(self._empty.wait(), DRAIN_SECONDS)
            self._graph = None
            await self._stack.aclose()

    async def _open(self) -> None:
        settings = self._settings or await self._read_settings()
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(_residence(settings))
                self._guard(settings)
                services = await stack.enter_async_context(open_services(settings, shortcuts=False))
                self._stack = stack.pop_all()
        except STARTUP_ERRORS as error:
            raise CannotOpen(startup_line(error, settings)) from error
        self._loop = asyncio.get_running_loop()
        self._graph = build_agent(studio_nodes(services), None)
        self._greeting = _SAYS[settings.lang].format(folder=settings.data_dir)

    async def _read_settings(self) -> Settings:
        try:
            return await asyncio.to_thread(load_settings)
        except SettingsError as error:
            raise CannotOpen(str(error)) from error

    def _guard(self, settings: Settings) -> None:
        if settings.offline and not self._guarded:
            EgressGuard(settings.service_urls).install()
            self._guarded = True


@asynccontextmanager
async def _residence(settings: Settings) -> AsyncIterator[None]:
    """Hold the folder as Studio, which no command can speak to.

    Off the loop, where langgraph-api refuses what blocks; always by the same thread, because the
    lock belongs to a thread (filelock). Raises `FolderBusy`.
    """
    loop, held = asyncio.get_running_loop(), hold(settings)
    with ThreadPoolExecutor(1, thread_name_prefix="studio-folder") as thread:
        await loop.run_in_executor(thread, held.__enter__)
        try:
            owner = Owner("studio", "", "", os.getpid())
            await loop.run_in_executor(thread, announce, settings.data_dir, owner)
            yield
        finally:
            await loop.run_in_executor(thread, held.__exit__, None, None, None)
