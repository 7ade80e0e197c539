"""Serving a data folder that this process owns: services, application, socket, `owner.json`."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from server.app import create_app
from server.composition import open_services
from server.egress import EgressGuard
from server.owner import Kind, Owner, announce, new_token
from server.route_checks import check_routes
from server.settings import Settings

GRACE_SECONDS = 2


class PortTaken(OSError):
    """The port is in use by another program."""


@asynccontextmanager
async def serving(settings: Settings, *, kind: Kind, port: int) -> AsyncIterator[Owner]:
    """Serve on `port` (0: any free one) while the block runs, and announce it in the folder.

    Raises `PortTaken`, and what `open_services` and, for the server, `check_routes` raise.
    """
    if settings.offline:
        EgressGuard(settings.service_urls).install()
    listener = _listen(settings.host, port)
    with contextlib.closing(listener):
        async with open_services(settings) as services:
            if kind == "serve":
                await check_routes(services)
            token = new_token()
            server = _Server(_config(create_app(services, token)))
            task = asyncio.create_task(server.serve([listener]), name="http")
            try:
                await server.until_started(task)
                owner = Owner(kind, _url(settings.host, listener), token, os.getpid())
                announce(settings.data_dir, owner)
                if kind == "serve":  # so that no question waits for it; why it cannot be opened, others say
                    opening = asyncio.ensure_future(services.graph.opened())
                    opening.add_done_callback(lambda done: done.cancelled() or done.exception())
                yield owner
            finally:
                await services.turns.finish()  # while those who listen are still connected
                server.should_exit = True
                await task


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )


class _Server(uvicorn.Server):
    """uvicorn, without its signal handlers: the command line has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def until_started(self, task: asyncio.Task[None]) -> None:
        while not self.started:
            if task.done():
                await task
            await asyncio.sleep(0.005)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} on {host} is in use") from error
    return listener


def _url(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"
