"""A program that speaks to a running Souvenir."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from server.owner import Owner
from tests.ollama_double import OllamaDouble

NDJSON = {"Accept": "application/x-ndjson"}
FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9"}


@dataclass(frozen=True)
class Api:
    """The API on its socket, the owner's token, and the Ollama behind it."""

    http: httpx.AsyncClient
    owner: Owner
    double: OllamaDouble

    @property
    def token(self) -> dict[str, str]:
        """The header that proves whose account this is."""
        return {"Authorization": f"Bearer {self.owner.token}"}

    async def get(self, path: str, **more: Any) -> Any:
        """What a path answers, which must be well."""
        return _well(await self.http.get(path, **more))

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """What a path answers to a body, which must be well."""
        return _well(await self.http.post(path, json=body, **more))

    async def upload(self, *files: tuple[str, bytes], **more: Any) -> Any:
        """Drop files, and return what became of them."""
        parts = [("files", (name, content)) for name, content in files]
        return _well(await self.http.post("/v1/ingest", files=parts, **more))

    async def lines(self, path: str, body: Any, **headers: str) -> list[dict[str, Any]]:
        """The events of a stream."""
        response = await self.http.post(path, json=body, headers={**NDJSON, **headers})
        assert response.headers["content-type"].startswith("application/x-ndjson")
        return [json.loads(line) for line in response.text.splitlines()]


def failure(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal, which is one line and nothing else."""
    body = response.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message"}
    message = body["error"]["message"]
    assert message.strip()
    assert "\n" not in message
    return response.status_code, body["error"]["code"], message


def _well(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()
