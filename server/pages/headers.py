"""Headers that keep pages to themselves: nothing from elsewhere, nowhere else, in no frame.

Sources: OWASP Secure Headers Project; CSP level 3 (https://www.w3.org/TR/CSP3/).
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


def page_headers(**loosened: str) -> dict[str, str]:
    """Return the headers of a page; `loosened` adds sources to directives (`script_src="'nonce-…'"`)."""
    added = {name.replace("_", "-"): sources for name, sources in loosened.items()}
    policy = "; ".join(f"{name} {sources} {added.get(name, '')}".strip() for name, sources in _POLICY.items())
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


class FileHeaders:
    """Adds to files what pages have, but lets browsers keep them as long as they ask whether they changed."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application that serves the files."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update({**page_headers(), "Cache-Control": "no-cache"})
            await send(message)

        await self._app(scope, receive, with_headers)
