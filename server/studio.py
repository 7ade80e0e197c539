"""LangGraph Studio's door: the graph `agent`, and the application that `langgraph.json` names.

Studio's server runs the graph itself, with checkpoints of its own: this file gives it the agent on
opened resources, and keeps strangers out. What it asks of langgraph-api is read in its sources:
`langgraph_api.graph.get_graph` enters the factory for every run and every drawing, on the loop of
the server; the lifespan of `http.app` runs once per process.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from graphs.agent.graph import AgentGraph
from server.app import LOCAL_HOSTS
from server.studio_home import CannotOpen, StudioHome

STUDIO_PAGES = ("smith.langchain.com", "eu.smith.langchain.com")
"""Where LangChain hosts Studio's page: with pages of this machine, the only ones let in."""
_NEED_MEMORY = ("/assistants", "/threads", "/runs")
_LEAVES_THE_MACHINE = "/deploy"
home = StudioHome()


@asynccontextmanager
async def agent() -> AsyncIterator[AgentGraph]:
    """Yield the agent for one run or one drawing; raises `CannotOpen` when the memory cannot be used."""
    async with home.visit() as graph:
        yield graph


class Doorkeeper:
    """Refuses pages of other sites, and says in one line why the memory cannot be opened.

    langgraph-api has no password and answers every page of every site; and an error in a run comes
    with a page of traceback, so the memory is opened before a run begins.
    """

    def __init__(self, app: ASGIApp, home: StudioHome) -> None:
        """Stand before `app`."""
        self._app = app
        self._home = home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 or 503."""
        if scope["type"] == "http" and (refusal := await self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> JSONResponse | None:
        origin, path = Headers(scope=scope).get("origin"), str(scope["path"])
        if (origin is not None and not _is_known(origin)) or path.startswith(_LEAVES_THE_MACHINE):
            return JSONResponse({"detail": "Souvenir refuses this request."}, 403)
        if scope["method"] == "OPTIONS" or not path.startswith(_NEED_MEMORY):
            return None
        try:
            await self._home.open()
        except CannotOpen as error:
            # The page is another site's: without this header its script could not read the line.
            headers = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else None
            return JSONResponse({"detail": str(error)}, 503, headers)
        return None


def _is_known(origin: str) -> bool:
    try:
        page = urlsplit(origin)
    except ValueError:  # Not an address at all, such as "http://[".
        return False
    local = page.scheme == "http" and page.hostname in [host.strip("[]") for host in LOCAL_HOSTS]
    return local or (page.scheme == "https" and page.netloc in STUDIO_PAGES)


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    """Open the memory with the server. When it cannot be, say why, and try again at each request."""
    try:
        print(await home.open(), file=sys.stderr, flush=True)
    except CannotOpen as error:
        print(error, file=sys.stderr, flush=True)
    try:
        yield
    finally:
        await home.close()


app = Starlette(
    lifespan=_lifespan,
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS),
        Middleware(Doorkeeper, home=home),
    ],
)
