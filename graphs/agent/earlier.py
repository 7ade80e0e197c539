"""What was said on a thread before a turn, as the archive has it."""

import asyncio
from collections.abc import Sequence

from graphs.agent import history, summary
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Turn
from tools.context import TurnContext


async def turns_before(
    archive: Archive, context: TurnContext, question: str, last: int
) -> tuple[list[Turn], int]:
    """Return the last turns of the thread without the one that the question begins, and its revision."""
    user, thread = context.user, context.thread_id

    async def read(unit: UnitOfWork) -> tuple[list[Turn], int]:
        turns = await unit.threads.turns(user, thread, last=last)
        return turns, await unit.threads.revision(user, thread)

    turns, revision = await archive.glance(read)
    return [turn for turn in turns if turn.id != question], revision


async def summed_up(
    archive: Archive, context: TurnContext, question: str, earlier: str | None, left: Sequence[Turn]
) -> str:
    """Return the running summary with the turns that left; made anew where there is none so far."""
    if not left:
        return ""
    if earlier is not None:
        return summary.with_turns(earlier, left)
    turns, _ = await turns_before(archive, context, question, summary.LAST_TURNS)
    return await asyncio.to_thread(summary.with_turns, "", turns[: -history.KEPT_TURNS])
