"""Caps on the bodies of requests, counted as they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from server.body_limit import MAX_JSON_BYTES, BodyLimitMiddleware


async def _length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def client() -> httpx.AsyncClient:
    """An application that says how long the body was, behind the cap."""
    app = BodyLimitMiddleware(Starlette(routes=[Route("/", _length, methods=["POST"])]))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


@pytest.mark.parametrize("size", [0, 1, MAX_JSON_BYTES])
async def test_what_fits_passes(size: int) -> None:
    """Up to the limit, the application reads the body as it was sent."""
    async with client() as http:
        assert (await http.post("/", content=b"x" * size)).text == str(size)


@pytest.mark.parametrize("lang", ["en", "fr"])
async def test_what_announces_no_length_is_counted(lang: str) -> None:
    """A body without a length is cut at the limit, with 413 and one line in the person's language."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 4096

    async with client() as http:
        refused = await http.post("/", content=endless(), headers={"Accept-Language": lang})
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == "body_too_large"
    assert ("dépasse" in refused.json()["error"]["message"]) is (lang == "fr")
