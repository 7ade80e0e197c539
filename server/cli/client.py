"""A small client of the HTTP API: one request, one object; or one request, a stream of objects."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from server.cli.errors import ApiError
from server.cli.messages import Say

if TYPE_CHECKING:
    import httpx

    from server.cli.context import Address

CONNECT_SECONDS = 5.0
# The server bounds its own work, models included; this only ends the wait for one that died without closing.
SILENCE_SECONDS = 900.0

Json = dict[str, Any]
Connect: TypeAlias = "Callable[[], AbstractAsyncContextManager[Address]]"


class Client:
    """Speaks to a live owner of the data folder. Every method raises `ApiError` with one line for people.

    `again` reaches whoever owns the folder by now: a command that owned it for a moment may have ended
    between the finding of it and the first request.
    """

    def __init__(
        self, http: httpx.AsyncClient, say: Say, again: Callable[[], Awaitable[httpx.AsyncClient]] | None
    ) -> None:
        self._http = http
        self._say = say
        self._again = again

    async def get(self, path: str, **query: str | int) -> Json:
        """GET an object."""
        return await self._request("GET", path, params=query)

    async def post(self, path: str, body: Json | None = None) -> Json:
        """POST an object, get one."""
        return await self._request("POST", path, **_encode(body))

    async def delete(self, path: str) -> Json:
        """DELETE a thing."""
        return await self._request("DELETE", path)

    @asynccontextmanager
    async def streaming(self, path: str, body: Json) -> AsyncIterator[AsyncIterator[Json]]:
        """POST an object, get a stream of them (NDJSON); an `error` among them is raised."""
        import httpx

        options = _encode(body, {"Accept": "application/x-ndjson"})
        try:
            response = await self._send("POST", path, stream=True, **options)
            async with aclosing(response):
                if response.is_error:
                    await response.aread()
                    raise self._refusal(response)
                async with aclosing(self._events(response)) as events:
                    yield events
        except httpx.HTTPError as error:
            raise self._gone(error) from error

    async def _events(self, response: httpx.Response) -> AsyncGenerator[Json, None]:
        async for line in response.aiter_lines():
            if line.strip():
                yield self._event(line)

    async def _request(self, method: str, path: str, **options: Any) -> Json:  # noqa: ANN401 - httpx's own
        import httpx

        try:
            response = await self._send(method, path, **options)
        except httpx.HTTPError as error:
            raise self._gone(error) from error
        if response.is_error:
            raise self._refusal(response)
        return self._decode(response.text)

    async def _send(self, method: str, path: str, *, stream: bool = False, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """Send a request; once more, to whoever owns the folder by now, if it was not taken or only reads."""
        import httpx

        try:
            return await self._http.send(self._http.build_request(method, path, **options), stream=stream)
        except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError) as error:
            if not self._again or (method != "GET" and not isinstance(error, httpx.ConnectError)):
                raise
            self._http = await self._again()
        return await self._http.send(self._http.build_request(method, path, **options), stream=stream)

    def _event(self, line: str) -> Json:
        event = self._decode(line)
        if event.get("type") == "error":
            raise ApiError(str(event.get("code", "error")), str(event.get("message", "")))
        return event

    def _decode(self, text: str) -> Json:
        try:
            found = json.loads(text)
        except ValueError as error:
            raise ApiError("garbled", self._say("server-garbled")) from error
        return found if isinstance(found, dict) else {"items": found}

    def _refusal(self, response: httpx.Response) -> ApiError:
        try:
            error = response.json()["error"]
            return ApiError(str(error["code"]), str(error["message"]))
        except (ValueError, KeyError, TypeError):
            return ApiError("status", self._say("server-status", status=response.status_code))

    def _gone(self, error: httpx.HTTPError) -> ApiError:
        import httpx

        key = "server-silent" if isinstance(error, httpx.TimeoutException) else "server-gone"
        return ApiError("gone", self._say(key))


def _encode(body: Json | None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A body as httpx options. ASCII, so that a file name that is not valid Unicode still travels."""
    if body is None:
        return {}
    return {"content": json.dumps(body), "headers": {"Content-Type": "application/json", **(headers or {})}}


@asynccontextmanager
async def open_client(address: Address, say: Say, connect: Connect | None = None) -> AsyncIterator[Client]:
    """A client of the owner at `address`; when that one has gone, of the one that `connect` reaches."""
    async with AsyncExitStack() as stack:

        async def again(connect: Connect) -> httpx.AsyncClient:
            return await stack.enter_async_context(_http(await stack.enter_async_context(connect()), say))

        http = await stack.enter_async_context(_http(address, say))
        yield Client(http, say, partial(again, connect) if connect else None)


def _http(address: Address, say: Say) -> httpx.AsyncClient:
    """HTTP to the owner. Proxies of the environment are not asked: it is this machine."""
    import httpx

    headers = {"Authorization": f"Bearer {address.token}", "Accept-Language": say.lang}
    timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    return httpx.AsyncClient(base_url=address.base_url, headers=headers, timeout=timeout, trust_env=False)
