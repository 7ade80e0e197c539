"""Looking for a text that must be gone: in every file, byte by byte, and behind every door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.souvenir import Server

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def files_with(text: str, *places: Path) -> list[str]:
    """The files, below folders or given themselves, that hold a text, whatever its case, as plain bytes."""
    wanted = [text.lower().encode(encoding) for encoding in ENCODINGS]
    found = []
    for path in _files(places):
        content = path.read_bytes().lower()
        if any(one in content for one in wanted):
            found.append(path.name)
    return sorted(found)


def doors_with(text: str, server: Server) -> list[str]:
    """The paths of the API and of the pages that give a text away, asked for all they have."""
    return [path for path in _paths(server) if text.lower() in _answer(server, path).lower()]


def _paths(server: Server) -> Iterator[str]:
    yield from ("/", "/v1/documents", "/v1/threads", "/v1/doctor", "/health/ready")
    yield from (f"/v1/recall?query={words}&limit=50" for words in ("code safe", "secret", "pelican kestrel"))
    for document in server.get("/v1/documents")["documents"]:
        yield f"/v1/documents/{document['document_id']}"
    for thread in server.get("/v1/threads")["threads"]:
        id = thread["thread_id"]
        yield from (f"/v1/threads/{id}", f"/v1/threads/{id}/export", f"/t/{id}/agent/playground/")


def _answer(server: Server, path: str) -> str:
    response = server.http.get(path)
    assert response.status_code == 200, (path, response.text)
    if "json" in response.headers["content-type"]:
        return json.dumps(response.json(), ensure_ascii=False)
    return response.text


def _files(places: tuple[Path, ...]) -> Iterator[Path]:
    for place in places:
        yield from (path for path in place.rglob("*") if path.is_file()) if place.is_dir() else (place,)
