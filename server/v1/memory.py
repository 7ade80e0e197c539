"""`/v1/recall`: what long-term memory holds on something."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from memory.long_term.entries import Question
from memory.long_term.language import detect
from server.v1.requests import Asked, By

router = APIRouter()


@router.get("/recall")
async def recall(
    query: Annotated[str, Query(min_length=1, max_length=2000)],
    services: Asked,
    by: By,
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> dict[str, Any]:
    """Return the passages that answer the query best, with scores by leg."""
    lang = await asyncio.to_thread(detect, query)  # its model is read from a file, the first time
    found = await services.recall.search(by.user, Question(query, lang), limit)
    shown = [{**passage.as_source(n), "text": passage.text} for n, passage in enumerate(found.passages, 1)]
    degraded = [{"component": part, "reason": why} for part, why in found.degraded.items()]
    return {"query": query, "passages": shown, "degraded": degraded}
