"""Reaching the owner of a data folder: over HTTP when one lives, else by becoming it.

A command that finds no owner serves the same application on a loopback port for as long as it runs,
and is its own client: one code path either way, and a second command can use the first.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.owner import FolderBusy, busy, find_owner, hold, is_live
from server.settings import Settings

WAIT_SECONDS = 15.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to send requests; `own` is True when this process is the owner for the time being."""

    base_url: str
    token: str
    own: bool


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Connection]:
    """Reach the folder's owner, or become it.

    Raises `FolderBusy` when the owner is Studio, or does not answer in time; and, when this process
    becomes the owner, whatever `open_services` raises.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            with hold(settings):
                # Costly to import, and not needed by who finds a live owner.
                from server.logs import configure_logs
                from server.serving import serving

                configure_logs()  # to stderr: stdout belongs to the command
                async with serving(settings, kind="command", port=0) as owner:
                    yield Connection(owner.url, owner.token, own=True)
                return
        except FolderBusy:
            connection = await _through_owner(settings)
        if connection is not None:
            yield connection
            return
        if time.monotonic() > deadline:
            raise busy(settings)
        await asyncio.sleep(_POLL_SECONDS)


async def _through_owner(settings: Settings) -> Connection | None:
    owner = find_owner(settings.data_dir)
    if owner is None:
        return None
    if owner.kind == "studio":
        raise busy(settings)
    return Connection(owner.url, owner.token, own=False) if await is_live(owner) else None
