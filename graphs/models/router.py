"""The router: for each task the models to try in order, and what is known of each before it is asked.

A model that failed three times in a row is left alone: its turn in the chain costs nothing but the edge to
the next. In the background it is asked for one word every few seconds, until it says it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import structlog
from langchain_core.messages import HumanMessage

from graphs.models.breaker import Breaker
from graphs.models.chat import ChatModel, ModelFailed
from graphs.models.routes import TASKS, ModelSpec, Routes, Task
from graphs.models.servers import OllamaServer
from graphs.models.token_counts import TokenCounts

LOOK_SECONDS: Final = 10.0
"""Between two looks at what the servers have, and two trials of a model that is left alone."""
TRIAL_SECONDS: Final = 15.0
"""How long a trial may take of a model that is in memory, or that another trial is loading."""
_log = structlog.stdlib.get_logger("souvenir.models")

Make = Callable[[ModelSpec], ChatModel]


class Router:
    """The chains of models by task, their breakers, and what the Ollama servers have."""

    def __init__(
        self,
        routes: Routes,
        make: Make,
        servers: Mapping[str, OllamaServer],
        address: Callable[[ModelSpec], str],
        counts: TokenCounts,
        *,
        trial_seconds: float = TRIAL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make each model with `make`, when it is needed; `address` tells which of `servers` it is on.

        `counts` knows what each model makes of text, and is what the models learn into.
        """
        self.routes = routes
        self.servers = servers
        self.counts = counts
        self._make, self._address = make, address
        self._trial_seconds, self._monotonic = trial_seconds, monotonic
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._models: dict[ModelSpec, ChatModel] = {}
        self._breakers: dict[str, Breaker] = {}
        self._embedding: tuple[str, Callable[[], None]] | None = None

    def on_displaced(self, url: str, give_way: Callable[[], None]) -> None:
        """Have `give_way` called, once, when a look at the server at `url` shows this.

        The embedding model of the routes is on the graphics card there, and a chat model left it before its
        time: they do not fit both.
        """
        self._embedding = url, give_way

    def chain(self, task: Task) -> Sequence[ChatModel]:
        """Return the models for a task, in the order in which to try them."""
        return [self._model(spec) for spec in self.routes.chain(task)]

    def length(self, task: Task) -> int:
        """Return how many models there are for a task."""
        return len(self.routes.chain(task))

    def why_not(self, model: ChatModel) -> str | None:
        """Return why a model is left alone at the moment; None when it may be asked."""
        breaker = self._breaker(model.spec)
        if not breaker.is_open:
            return None
        return f"left alone after {breaker.failures} failures ({breaker.reason})"

    def is_loaded(self, model: ChatModel) -> bool:
        """Tell whether a model is known to be in memory: then its first word comes sooner."""
        server = self.servers.get(self._address(model.spec))
        return server is not None and server.is_loaded(model.spec.name)

    def failed(self, model: ChatModel, reason: str) -> None:
        """Note that a model failed, and why."""
        self._breaker(model.spec).failed(reason, self._monotonic())

    def worked(self, model: ChatModel) -> None:
        """Note that a model answered."""
        self._breaker(model.spec).worked()
        if server := self.servers.get(self._address(model.spec)):
            server.used(model.spec.name)

    def last_error(self, spec: ModelSpec) -> str:
        """Return why a model failed, when it did the last time; else an empty text."""
        return self._breaker(spec).reason

    async def look(self) -> None:
        """Ask every server what it has."""
        await asyncio.gather(*(server.look() for server in self.servers.values()))
        self._make_room()

    async def tend(self) -> None:
        """Look at the servers, and try the models that are left alone though they are wanted."""
        await self.look()
        await asyncio.gather(*(self._try(model) for model in self._wanted()))

    async def run(self) -> None:
        """Tend the models for ever."""
        while True:
            try:
                await self.tend()
            except Exception:  # A defect: without this loop a model that was left alone stays so for good.
                _log.exception("looking after the models failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def aclose(self) -> None:
        """End the trials, and close the connections of all models and servers."""
        for trial in self._loading.values():
            trial.cancel()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)
        closing = [one.aclose() for one in self._models.values()]
        closing += [one.aclose() for one in self.servers.values()]
        for failure in await asyncio.gather(*closing, return_exceptions=True):
            if isinstance(failure, Exception):
                _log.warning("a connection to a model did not close", error=type(failure).__name__)

    def _make_room(self) -> None:
        """Tell the embedding model to give way, if the last look shows that it must."""
        spec = self.routes.embedding
        if self._embedding is None or spec is None:
            return
        url, give_way = self._embedding
        server = self.servers.get(url)
        chat = {one for _, _, one in self.routes.entries() if self._address(one) == url}
        if server is not None and any(server.pushed_out(one, spec) for one in chat):
            self._embedding = None
            give_way()

    def _wanted(self) -> list[ChatModel]:
        """Return the models to try: left alone, and standing before the first that works.

        Only those are missed; trying others could push a model that works out of memory.
        """
        wanted: dict[str, ChatModel] = {}
        for task in TASKS:
            for spec in self.routes.chain(task):
                if not self._breaker(spec).is_open:
                    break
                if self._breaker(spec).may_be_tried(self._monotonic()):
                    wanted[self._key(spec)] = self._model(spec)
        return list(wanted.values())

    async def _try(self, model: ChatModel) -> None:
        """Have a model say one word, in the time that there is until the next look.

        One that is not in memory has as long to load as in a turn, meanwhile: Ollama gives up a load when
        who asked for it leaves.
        """
        key = self._key(model.spec)
        if not self.is_loaded(model) and key not in self._loading:
            budget = model.spec.budget
            trial = asyncio.create_task(self._trial(model, budget.load + budget.first_token))
            self._loading[key] = trial
            trial.add_done_callback(lambda _: self._loading.pop(key, None))
            await asyncio.wait([trial], timeout=self._trial_seconds)
        else:
            await self._trial(model, self._trial_seconds)

    async def _trial(self, model: ChatModel, seconds: float) -> None:
        breaker = self._breaker(model.spec)
        try:
            async with asyncio.timeout(seconds):
                chunks = model.stream([HumanMessage("Say yes.")], (), loaded=self.is_loaded(model))
                async with contextlib.aclosing(chunks):  # type: ignore[type-var]  # an async generator is closed by it
                    async for _ in chunks:
                        break
        except ModelFailed as failure:
            breaker.reason = str(failure)
        except TimeoutError:
            breaker.reason = f"no word within {seconds:g} s"
        else:
            if breaker.is_open:  # no call was faster to find out
                breaker.passed()
            if server := self.servers.get(self._address(model.spec)):
                server.used(model.spec.name)

    def _model(self, spec: ModelSpec) -> ChatModel:
        if spec not in self._models:
            self._models[spec] = self._make(spec)
        return self._models[spec]

    def _breaker(self, spec: ModelSpec) -> Breaker:
        return self._breakers.setdefault(self._key(spec), Breaker())

    def _key(self, spec: ModelSpec) -> str:
        return f"{spec.model} {self._address(spec)}"


@asynccontextmanager
async def running(router: Router) -> AsyncIterator[Router]:
    """Look after the models in the background while the block runs; close their connections after it."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(router.aclose)
        task = asyncio.create_task(router.run(), name="models")
        try:
            yield router
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
