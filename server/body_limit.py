"""Caps on the bodies of requests, by bytes read: a length that is announced may be missing or wrong."""

import contextlib

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.failures import message

MAX_UPLOAD_BYTES = 200 * 1024**2
MAX_JSON_BYTES = 1024**2


class _TooLarge(Exception):
    """More was sent than is taken."""


class BodyLimitMiddleware:
    """Answers 413 once a body has passed its limit: 200 MiB for uploads, 1 MiB for everything else."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is read of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = Headers(scope=scope).get("content-type", "").startswith("multipart/form-data")
        body = _Counted(receive, MAX_UPLOAD_BYTES if upload else MAX_JSON_BYTES)

        async def unless_refused(event: Message) -> None:
            # The application may take the interrupted body for a bad one; what it says of it is not sent.
            if not body.exceeded:
                await send(event)

        # Answered below, whether the application let it through or made something else of it.
        with contextlib.suppress(_TooLarge):
            await self._app(scope, body.receive, unless_refused)
        if body.exceeded:
            await _refusal(scope, upload)(scope, receive, send)


class _Counted:
    """A body that ends in `_TooLarge` when it is longer than `limit` bytes."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.exceeded = False

    async def receive(self) -> Message:
        event = await self._receive()
        self._left -= len(event.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            raise _TooLarge
        return event


def _refusal(scope: Scope, upload: bool) -> JSONResponse:
    french = Headers(scope=scope).get("accept-language", "").lower().startswith("fr")
    failure = message("too_large" if upload else "body_too_large", "fr" if french else "en")
    error = {"code": failure.code, "message": failure.message}
    return JSONResponse({"error": error}, failure.status, headers={"Connection": "close"})
