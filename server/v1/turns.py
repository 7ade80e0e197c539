"""`/v1/turns`: one turn of a conversation."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from server.v1.requests import Asked, By, wants_stream
from server.v1.streams import ndjson

router = APIRouter()


class TurnRequest(BaseModel):
    """A question, on a known thread or a new one; with `retry` the last one of the thread again."""

    model_config = ConfigDict(extra="forbid")

    question: str = ""
    thread_id: str | None = None
    retry: bool = False


@router.post("/turns", response_model=None)
async def ask(body: TurnRequest, request: Request, services: Asked, by: By) -> Response | dict[str, Any]:
    """Run a turn; as NDJSON its events, else its answer."""
    question = body.question
    if body.retry and body.thread_id is not None:
        question = await services.turns.last_question(by.user, body.thread_id)
    await services.turns.check(by.user, question, body.thread_id)
    events = services.turns.stream(by.user, question, body.thread_id)
    if wants_stream(request):
        return ndjson(events, by.lang)
    answer: dict[str, Any] = {}
    async for event in events:
        if event["type"] == "answer":
            answer = {name: value for name, value in event.items() if name != "type"}
    return answer
