"""`/v1/threads`: conversations."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from memory.archive.entities import Thread, Turn
from server.composition import Services
from server.failures import NotFound
from server.v1.requests import Asked, By

router = APIRouter(prefix="/threads")


@router.get("")
async def list_threads(services: Asked, by: By) -> dict[str, Any]:
    """Return all conversations, the latest first."""
    async with services.archive.read() as unit:
        threads = await unit.threads.list(by.user)
    left = await services.checkpoints.seconds_left(by.user, [thread.id for thread in threads])
    return {
        "threads": [
            {
                "thread_id": thread.id,
                "title": thread.title,
                "turns": thread.turn_count,
                "created_at": thread.created_at.isoformat(),
                "updated_at": thread.updated_at.isoformat(),
                "seconds_left": left.get(thread.id),
            }
            for thread in threads
        ]
    }


@router.get("/{thread_id}")
async def show_thread(thread_id: str, services: Asked, by: By, at: str | None = None) -> dict[str, Any]:
    """Return a conversation's turns in order, as it is or was `at` a checkpoint; and its checkpoints."""
    thread, turns = await _read(services, by.user, thread_id)
    if at is not None:
        turns = await services.checkpoints.turns_at(by.user, thread_id, at)
    marks = await services.checkpoints.marks(by.user, thread_id)
    left = await services.checkpoints.seconds_left(by.user, [thread_id])
    return {
        "thread_id": thread.id,
        "title": thread.title,
        "turns": [_shown(turn) for turn in turns],
        "checkpoints": [asdict(mark) for mark in marks],
        "seconds_left": left.get(thread_id),
    }


@router.get("/{thread_id}/export")
async def export_thread(thread_id: str, services: Asked, by: By) -> list[dict[str, str]]:
    """Return a conversation as messages, as chat programs exchange them."""
    _, turns = await _read(services, by.user, thread_id)
    pairs = [(("user", turn.question), ("assistant", turn.answer)) for turn in turns]
    return [{"role": role, "content": content} for pair in pairs for role, content in pair]


@router.delete("/{thread_id}")
async def forget_thread(thread_id: str, services: Asked, by: By) -> dict[str, str]:
    """Forget a conversation, and what other answers drew from it."""
    if not await services.forgetter.thread(by.user, thread_id):
        raise NotFound("unknown_thread")
    return {"forgotten": thread_id}


async def _read(services: Services, user: str, thread_id: str) -> tuple[Thread, list[Turn]]:
    async with services.archive.read() as unit:
        thread = await unit.threads.get(user, thread_id)
        if thread is None:
            raise NotFound("unknown_thread")
        return thread, await unit.threads.turns(user, thread_id)


def _shown(turn: Turn) -> dict[str, Any]:
    return {
        "turn_id": turn.id,
        "question": turn.question,
        "answer": turn.answer,
        "served_by": turn.served_by,
        "degraded": turn.degraded,
        "sources": turn.sources,
        "status": turn.status,
        "started_at": turn.started_at.isoformat(),
    }
