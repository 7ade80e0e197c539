"""The thread in the page's address: `/t/{thread}/agent/…` is `/agent/…` on that thread."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_THREAD = "[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"
_PREFIX = re.compile(rf"^/t/(?P<thread>{_THREAD})(?=/agent(/|$))")


def is_thread_id(text: str) -> bool:
    """Tell whether a thread may have this name in an address or a header."""
    return re.fullmatch(_THREAD, text) is not None


class ThreadPathMiddleware:
    """Mounts the agent under every thread, and keeps the thread in `request.state.thread_id`.

    The prefix becomes the request's root path (ASGI, `root_path`): routes do not see it, and pages
    know that their scripts lie below it.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, on its thread."""
        found = _PREFIX.match(scope["path"]) if scope["type"] == "http" else None
        if found is not None:
            state = {**scope.get("state", {}), "thread_id": found["thread"]}
            scope = {**scope, "root_path": scope.get("root_path", "") + found.group(), "state": state}
        await self._app(scope, receive, send)
