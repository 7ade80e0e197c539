"""`/v1/turns`: one turn of a conversation: asked, followed, stopped."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from server.turns import Event
from server.v1.requests import Asked, By, wants_stream
from server.v1.streams import ndjson

router = APIRouter(prefix="/turns")


class TurnRequest(BaseModel):
    """A question, on a known thread or a new one; with `retry` the last one of the thread again.

    With `from`, a checkpoint of the thread, a new conversation begins with what the thread was then.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    question: str = ""
    thread_id: str | None = None
    retry: bool = False
    from_checkpoint: str | None = Field(default=None, alias="from")


@router.post("", response_model=None)
async def ask(
    body: TurnRequest,
    request: Request,
    services: Asked,
    by: By,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response | dict[str, Any]:
    """Run a turn; as NDJSON its events, else its answer. The same `Idempotency-Key` is the same turn."""
    question, thread = body.question, body.thread_id
    if body.retry and thread is not None:
        question = await services.turns.last_question(by.user, thread)
    await services.turns.check(by.user, question, thread, idempotency_key)
    if body.from_checkpoint and thread is not None:
        thread = await services.checkpoints.fork(by.user, thread, body.from_checkpoint)
    return await _told(services.turns.stream(by.user, question, thread, idempotency_key), request, by)


@router.get("/{turn_id}", response_model=None)
async def follow(
    turn_id: str,
    request: Request,
    services: Asked,
    by: By,
    after: Annotated[int, Query(ge=0)] = 0,
    thread_id: str | None = None,
) -> Response | dict[str, Any]:
    """Hear a turn that is at work from its first event, or after so many; the answer of one that has ended.

    As NDJSON its events, else its answer, once it is there.
    """
    await services.turns.require_turn(by.user, turn_id, thread_id)
    events = services.turns.follow(by.user, turn_id, after=after, thread_id=thread_id)
    return await _told(events, request, by)


@router.post("/{turn_id}/stop", status_code=202)
async def stop(turn_id: str, services: Asked, by: By, thread_id: str | None = None) -> dict[str, str]:
    """Ask a turn to end: what was said so far is kept, and marked `interrupted`."""
    await services.turns.stop(by.user, turn_id, thread_id)
    return {"turn_id": turn_id}


async def _told(events: AsyncIterator[Event], request: Request, by: By) -> Response | dict[str, Any]:
    if wants_stream(request):
        return ndjson(events, by.lang)
    answer: dict[str, Any] = {}
    async for event in events:
        if event["type"] == "answer":
            answer = {name: value for name, value in event.items() if name != "type"}
    return answer
