"""`souvenir serve`: the server in the foreground, until it is told to stop."""

import asyncio
import gc
import signal
import sys
import time
from contextlib import AbstractContextManager
from typing import Any

import httpx

from server.logs import configure_logs
from server.loop import loop_factory
from server.owner import FolderBusy, Owner, find_owner, hold
from server.serving import serving
from server.settings import Settings
from server.startup import STARTUP_ERRORS, startup_line

_WAIT_FOR_COMMAND_SECONDS = 10.0
_SAYS = {
    "en": {
        "ready": "Souvenir is ready: {url}",
        "chat": "  chat         {url}/agent/playground/",
        "memory": "  memory       {folder}",
        "holds": "  holds        {documents} documents, {threads} conversations",
        "stop": "Ctrl-C stops it.",
        "stopping": "Stopping…",
    },
    "fr": {
        "ready": "Souvenir est prêt : {url}",
        "chat": "  discuter     {url}/agent/playground/",
        "memory": "  mémoire      {folder}",
        "holds": "  contient     {documents} documents, {threads} conversations",
        "stop": "Ctrl-C pour l'arrêter.",
        "stopping": "Arrêt…",
    },
}


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code. What is wrong is said in one line on stderr."""
    configure_logs()
    try:
        with _hold(settings), asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(settings))
    except STARTUP_ERRORS as error:
        print(startup_line(error, settings), file=sys.stderr)
        return 1
    return 0


def _hold(settings: Settings) -> AbstractContextManager[None]:
    """Hold the folder; a command that owns it for a moment is waited for, another server is not."""
    deadline = time.monotonic() + _WAIT_FOR_COMMAND_SECONDS
    while True:
        held = hold(settings)
        try:
            held.__enter__()
        except FolderBusy:
            owner = find_owner(settings.data_dir)
            if (owner and owner.kind != "command") or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return _Held(held)


class _Held(AbstractContextManager[None]):
    """A context that was entered already."""

    def __init__(self, held: AbstractContextManager[None]) -> None:
        self._held = held

    def __exit__(self, *exception: object) -> None:
        self._held.__exit__(None, None, None)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C cancels the main task instead.
            break
    says = _SAYS[settings.lang]
    async with serving(settings, kind="serve", port=settings.port) as owner:
        _settle_the_collector()
        for line in await _greeting(settings, owner):
            print(line, flush=True)
        await stop.wait()
        print(says["stopping"], flush=True)


def _settle_the_collector() -> None:
    """Leave what is loaded out of garbage collection: going through it stops every turn for some 200 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def _greeting(settings: Settings, owner: Owner) -> list[str]:
    """Return what a person wants to know at the start: where to go, what is stored where, what is missing."""
    says = _SAYS[settings.lang]
    headers = {"Authorization": f"Bearer {owner.token}", "Accept-Language": settings.lang}
    async with httpx.AsyncClient(base_url=owner.url, headers=headers, trust_env=False, timeout=10) as client:
        documents = len((await client.get("/v1/documents")).json()["documents"])
        threads = len((await client.get("/v1/threads")).json()["threads"])
        components = (await client.get("/v1/doctor")).json()["components"]
    return [
        says["ready"].format(url=owner.url),
        says["chat"].format(url=owner.url),
        says["memory"].format(folder=settings.data_dir),
        says["holds"].format(documents=documents, threads=threads),
        *(_part(component) for component in components),
        says["stop"],
    ]


def _part(component: dict[str, Any]) -> str:
    what = component["version"] or component["detail"] or ""
    fix = f" → {component['fix']}" if component["fix"] else ""
    return f"  {component['component']:<12} {component['state']}: {what}{fix}"
