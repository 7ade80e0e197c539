"""The pages of Souvenir: home, a conversation to read, the API. Everything they load is here."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from server.composition import Services
from server.failures import NotFound
from server.pages.conversation import conversation, data_block
from server.pages.headers import FileHeaders, page_headers
from server.pages.language import page_language
from server.thread_path import is_thread_id
from server.v1.requests import Asked

_FOLDER = Path(__file__).parent


def add_pages(app: FastAPI) -> None:
    """Add `/`, `/docs`, `/t/{thread}/` and the files that they load, under `/pages`."""
    home_html, transcript_html, api_html = map(_read, ("home.html", "transcript.html", "api.html"))
    app.mount("/pages", FileHeaders(StaticFiles(directory=_FOLDER / "static")), name="pages")

    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> HTMLResponse:
        """Show what Souvenir holds and how it does, and take in dropped files."""
        return _page(home_html, request)

    @app.get("/docs", include_in_schema=False)
    async def api(request: Request) -> HTMLResponse:
        """Show what the API offers."""
        return _page(api_html, request)

    @app.get("/t/{thread_id}/", include_in_schema=False)
    async def transcript(thread_id: str, request: Request, services: Asked) -> HTMLResponse:
        """Show a conversation; raises `NotFound` when there is none of this name."""
        known = await _known(services, thread_id)
        return _page(transcript_html.replace("<!-- data -->", data_block(known), 1), request)


def _read(name: str) -> str:
    return (_FOLDER / "html" / name).read_text(encoding="utf-8")


async def _known(services: Services, thread_id: str) -> dict[str, object]:
    known = await conversation(services, thread_id) if is_thread_id(thread_id) else None
    if known is None:
        raise NotFound("unknown_thread")
    return known


def _page(html: str, request: Request) -> HTMLResponse:
    # Data may hold this very text: only the first one, at the top, is the page's own.
    html = html.replace('<html lang="en">', f'<html lang="{page_language(request)}">', 1)
    return HTMLResponse(html, headers=page_headers())
