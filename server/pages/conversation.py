"""A conversation as the pages show it."""

import json
from typing import Any

from memory.archive.entities import Turn
from server.composition import Services
from server.reasons import said


async def conversation(services: Services, thread_id: str) -> dict[str, Any] | None:
    """Return the thread's title and turns in order, None when there is no such thread."""
    user = services.settings.local_user
    async with services.archive.read() as unit:
        thread = await unit.threads.get(user, thread_id)
        if thread is None:
            return None
        turns = await unit.threads.turns(user, thread_id)
    return {"thread_id": thread_id, "title": thread.title, "turns": [_shown(turn) for turn in turns]}


def data_block(data: object) -> str:
    """Return an element that holds data for scripts and that no text in it can close (HTML, 4.12.1.3)."""
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="data">{text}</script>'


def _shown(turn: Turn) -> dict[str, Any]:
    return {
        "question": turn.question,
        "answer": turn.answer,
        "served_by": turn.served_by,
        "status": turn.status,
        "degraded": [{**entry, "reason": said(entry["reason"], turn.lang)} for entry in turn.degraded],
        "sources": turn.sources,
        "started_at": turn.started_at.isoformat(),
    }
