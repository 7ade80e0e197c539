"""Streams of JSON objects, one a line, whose failures are a last object."""

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from server.failures import KNOWN, described
from server.settings import Lang
from server.v1.requests import NDJSON


def ndjson(events: AsyncIterator[dict[str, Any]], lang: Lang) -> StreamingResponse:
    """Return the events as they come; a named error becomes an `error` event."""

    async def lines() -> AsyncIterator[str]:
        try:
            async for event in events:
                yield json.dumps(event, ensure_ascii=False) + "\n"
        except KNOWN as error:
            failure = described(error, lang)
            yield json.dumps({"type": "error", "code": failure.code, "message": failure.message}) + "\n"

    return StreamingResponse(lines(), media_type=NDJSON)
