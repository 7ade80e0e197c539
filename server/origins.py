"""Refuses requests that change something and that a page of another site sent (OWASP, CSRF)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.failures import message

_SAFE = ("GET", "HEAD", "OPTIONS")


class OriginMiddleware:
    """Lets requests without an `Origin` through (programs), and those from this machine's own pages."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        """Allow pages served from `hosts`, on the port that the request came to."""
        self._app = app
        self._hosts = tuple(host.strip("[]") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if scope.get("method", "GET") not in _SAFE and self._is_foreign(headers):
            asked = headers.get("accept-language", "").lower()
            failure = message("foreign_origin", "fr" if asked.startswith("fr") else "en")
            error = {"code": failure.code, "message": failure.message}
            await JSONResponse({"error": error}, failure.status)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return False
        try:
            parts = urlsplit(origin)
            return parts.hostname not in self._hosts or parts.netloc != headers.get("host", "")
        except ValueError:  # Not an address at all, such as "http://[".
            return True
