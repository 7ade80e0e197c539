"""LangServe's chat page in Souvenir's dress: which conversation this is, and what was said before.

LangServe's widget starts empty after a reload. The strip above it shows the earlier turns, which
the agent has in mind whatever the page shows.
"""

import secrets

from fastapi import Request
from fastapi.responses import HTMLResponse

from server.composition import Services
from server.pages.conversation import conversation, data_block
from server.pages.headers import page_headers
from server.pages.language import page_language

_HEAD = (
    '<link rel="stylesheet" href="/pages/chat.css">'
    '<link rel="icon" href="/pages/icon.svg" type="image/svg+xml">'
    '<script type="module" src="/pages/strip.js"></script></head>'
)
_STRIP = '<div id="strip"></div>'
_ROOT = '<div id="root">'


async def chat_page(page: bytes, services: Services, thread_id: str, request: Request) -> HTMLResponse:
    """Return LangServe's page with the strip; its inline script is let in by a nonce."""
    nonce = secrets.token_urlsafe(16)
    known = await conversation(services, thread_id)
    data = known or {"thread_id": thread_id, "title": "", "turns": []}
    html = (
        page.decode()
        .replace('<html lang="en">', f'<html lang="{page_language(request)}">', 1)
        .replace("<title>Chat Playground</title>", "<title>Souvenir</title>", 1)
        .replace("<script>", f'<script nonce="{nonce}">')
        .replace("</head>", _HEAD, 1)
        .replace(_ROOT, f"{_STRIP}{data_block(data)}{_ROOT}", 1)
    )
    # The widget's toasts and dialogs style themselves.
    headers = page_headers(script_src=f"'nonce-{nonce}'", style_src="'unsafe-inline'")
    return HTMLResponse(html, headers=headers)
