"""Fetching models: each that is missing, one after the other, with its progress."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import ollama

from graphs.models.checking.client import ollama_client, reason_of
from graphs.models.routes import PROVIDERS
from graphs.models.servers import full_name
from server.checking.listing import unreachable
from server.checking.places import OLLAMA, on_ollama, specs, url_of
from server.checking.words import reason
from server.composition import Services
from server.settings import Lang

SILENCE_SECONDS: Final = 60.0
"""Without a word from Ollama, until a download is given up."""
SLOWEST_DISK: Final = 50e6
"""Bytes per second: while Ollama verifies what it has fetched it says nothing."""
EVERY_SECONDS: Final = 0.1
"""Between two reports of progress."""

Event = dict[str, Any]
Parts = AsyncGenerator[ollama.ProgressResponse, None]
_AGAIN: Final = "run the same command again to go on"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model and the server that should have it."""

    model: str
    """As people named it, with its provider."""
    name: str
    url: str


class PullFailed(Exception):
    """A model could not be fetched; the message says why."""


class Layers:
    """How far the parts of one download are."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[int, int]] = {}

    def note(self, part: ollama.ProgressResponse) -> None:
        """Take in one report."""
        if part.digest and part.total:
            self._parts[part.digest] = (part.completed or 0, part.total)

    @property
    def completed(self) -> int:
        """Bytes that are here."""
        return sum(done for done, _ in self._parts.values())

    @property
    def total(self) -> int:
        """Bytes of the parts that are known so far."""
        return sum(total for _, total in self._parts.values())


async def pull(
    services: Services, names: Sequence[str], lang: Lang, *, silence_seconds: float = SILENCE_SECONDS
) -> AsyncIterator[Event]:
    """Fetch the named models, or all those of the routes; one that fails keeps none from the next."""
    wanted = _wanted(services, names)
    await services.router.look()
    urls = {one.url for one in wanted}
    if wanted and not any(services.router.servers[url].shelf.reachable for url in urls):
        yield {
            "type": "error",
            "code": "ollama_unreachable",
            "message": unreachable(services, wanted[0].url, lang),
        }
        return
    counts = {"pulled": 0, "present": 0, "failed": 0}
    for one in wanted:
        async with aclosing(_one(services, one, lang, silence_seconds)) as events:
            async for event in events:
                if event["type"] == "model":
                    counts[event["state"]] += 1
                yield event
    await services.router.look()
    yield {"type": "totals", **counts}


async def _one(services: Services, one: Wanted, lang: Lang, silence: float) -> AsyncGenerator[Event, None]:
    shelf = services.router.servers[one.url].shelf
    said = {"type": "model", "model": one.model, "reason": None}
    if (size := shelf.installed.get(full_name(one.name))) is not None:
        yield {**said, "state": "present", "bytes": size}
        return
    layers = Layers()
    try:
        if not shelf.reachable:
            raise PullFailed(shelf.why)
        _refuse_providers(one)
        async with aclosing(fetched(one, layers, silence)) as statuses:
            async for status in statuses:
                progress = {"completed": layers.completed, "total": layers.total}
                yield {"type": "progress", "model": one.model, "status": status, **progress}
    except PullFailed as failure:
        yield {**said, "state": "failed", "reason": reason(str(failure), lang), "bytes": layers.completed}
    else:
        yield {**said, "state": "pulled", "bytes": layers.total}


async def fetched(one: Wanted, layers: Layers, silence: float) -> AsyncGenerator[str, None]:
    """Yield what Ollama is doing, when that changes and a few times a second; raises `PullFailed`."""
    status, told = "", -EVERY_SECONDS
    async with ollama_client(one.url, silence + 1) as client, aclosing(_parts(client, one.name)) as parts:
        while (part := await _next(parts, _patience(status, layers, silence))) is not None:
            layers.note(part)
            changed, status = part.status != status, part.status or ""
            if changed or time.monotonic() - told >= EVERY_SECONDS:
                told = time.monotonic()
                yield status
    if status != "success":
        raise PullFailed(f"the download ended before it was complete: {_AGAIN}")


async def _parts(client: ollama.AsyncClient, name: str) -> Parts:
    async for part in await client.pull(name, stream=True):
        yield part


async def _next(parts: Parts, patience: float) -> ollama.ProgressResponse | None:
    """Return the next report, None at the end; every way to fail becomes a `PullFailed`."""
    try:
        async with asyncio.timeout(patience):
            return await anext(parts, None)
    except TimeoutError:
        raise PullFailed(f"Ollama said nothing for {patience:g} s: {_AGAIN}") from None
    except Exception as error:  # of several libraries: told apart in one place, the unknown raised again
        if (why := reason_of(error)) is None:
            raise
        raise PullFailed(why) from error


def _patience(status: str, layers: Layers, silence: float) -> float:
    """Return how long Ollama may say nothing: longer while it verifies what it has fetched."""
    return silence + layers.total / SLOWEST_DISK if status.startswith("verifying") else silence


def _wanted(services: Services, names: Sequence[str]) -> list[Wanted]:
    """Return what to fetch, and from where: a name is wanted of every server that the routes have it on."""
    routed = [
        Wanted(spec.model, spec.name, url_of(services, spec)) for spec in specs(services) if on_ollama(spec)
    ]
    if not names:
        return routed
    found: dict[tuple[str, str], Wanted] = {}
    for given in names:
        name = given.removeprefix(f"{OLLAMA}:")
        there = [one.url for one in routed if full_name(one.name) == full_name(name)]
        for url in there or [services.settings.ollama_url]:
            model = given if given.partition(":")[0] in PROVIDERS else f"{OLLAMA}:{name}"
            found.setdefault((full_name(name), url), Wanted(model, name, url))
    return list(found.values())


def _refuse_providers(one: Wanted) -> None:
    provider = one.model.partition(":")[0]
    if provider != OLLAMA and provider in PROVIDERS:
        raise PullFailed(f"{provider} runs its models itself: there is nothing to fetch")
