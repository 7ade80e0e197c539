"""The way to models over HTTP: aiohttp under the clients that the model libraries bring.

httpx's own transport parses every chunk in Python, which took a tenth of a turn and more of every batch of
vectors; docs/decisions has the figures.
"""

import asyncio
from enum import Enum

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport


def transport(base_url: str) -> httpx.AsyncBaseTransport:
    """Return a transport of its own for one client, which closes it. No proxy of the environment is used."""
    # Without TLS there is nothing to verify: reading the certificates of authorities takes 20 ms.
    return AiohttpTransport(verify=base_url.startswith("https"), trust_env=False)


class Trouble(Enum):
    """What keeps an answer from coming."""

    NO_CONNECTION = "no connection in time"
    REFUSED = "connection refused"
    LATE = "no answer in time"
    BROKEN = "the connection broke"


_TROUBLES: tuple[tuple[type[BaseException], Trouble], ...] = (
    (aiohttp.ConnectionTimeoutError, Trouble.NO_CONNECTION),
    (aiohttp.ClientConnectorError, Trouble.REFUSED),
    (aiohttp.ServerTimeoutError, Trouble.LATE),
    (aiohttp.ClientError, Trouble.BROKEN),
    (httpx.ConnectTimeout, Trouble.NO_CONNECTION),
    (httpx.PoolTimeout, Trouble.NO_CONNECTION),
    (httpx.TimeoutException, Trouble.LATE),
    (httpx.ConnectError, Trouble.REFUSED),
    (httpx.HTTPError, Trouble.BROKEN),
    (asyncio.TimeoutError, Trouble.LATE),
    (ConnectionError, Trouble.REFUSED),
)


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what an error of a client library means; None when it is not about the connection.

    The cause counts where there is one: the transport calls a broken connection one that was never made, and
    Ollama's client calls everything a refusal.
    """
    for one in (error.__cause__, error):
        for kind, trouble in _TROUBLES:
            if isinstance(one, kind):
                return trouble
    return None
