"""Keeping a turn: what the archive takes of it, in one transaction, without what was forgotten meanwhile."""

from dataclasses import replace
from datetime import datetime

from langchain_core.messages import AIMessage, HumanMessage

from graphs.agent import prompts
from graphs.agent.records import THE_GRAPH, passages
from graphs.agent.state import AgentState
from memory.archive.archive import UnitOfWork
from memory.archive.entities import ModelCall, Turn
from memory.archive.thread_statements import ANY_REVISION
from memory.long_term.passages import turn_text


async def keep(unit: UnitOfWork, turn: Turn, state: AgentState) -> Turn:
    """Keep the turn, ask for its projection, and return it as the archive has it."""
    kept = await without_forgotten(unit, turn, state)
    added = await unit.threads.add_turn(kept, after=state.get("revision", ANY_REVISION))
    if added:
        await unit.ledger.enqueue(turn.user, "turn", turn.id, "recall")
        await unit.calls.add(_calls(turn, state))
    if kept is not turn:  # the checkpoints so far hold what was forgotten
        await unit.ledger.enqueue(turn.user, "thread", turn.thread_id, "short_term", "erase")
    return kept if added else await unit.threads.turn(turn.user, turn.id) or kept


def _calls(turn: Turn, state: AgentState) -> list[ModelCall]:
    """Return the turn's calls to models as the log keeps them."""
    return [
        ModelCall(
            **{**call, "at": datetime.fromisoformat(call["at"])},
            id=f"{turn.id}:{number}",
            user=turn.user,
            task="chat",
        )
        for number, call in enumerate(state["calls"])
    ]


async def without_forgotten(unit: UnitOfWork, turn: Turn, state: AgentState) -> Turn:
    """Return the turn, its answer blanked if something that it saw was forgotten while it ran."""
    seen = set(turn.references) - {THE_GRAPH}
    kept = await unit.documents.known(turn.user, seen) | await unit.threads.known(turn.user, seen)
    if seen <= kept and not await _saw_blanked(unit, turn.user, state):
        return turn
    sources = [source for source in turn.sources if source["document_id"] in kept]
    notice = prompts.forgotten_answer(turn.lang)
    left = set(turn.references) & (kept | {THE_GRAPH})
    return replace(turn, answer=notice, sources=sources, references=sorted(left))


async def _saw_blanked(unit: UnitOfWork, user: str, state: AgentState) -> bool:
    """Tell whether the turn saw an answer, recalled or said before, that is not what it was."""
    recalled = {one.item_id: one.text for one in passages(state) if one.kind == "turn"}
    said = {str(one.id): str(one.text) for one in state["messages"] if isinstance(one, AIMessage)}
    asked = [str(one.id) for one in state["messages"] if isinstance(one, HumanMessage)]
    turns = await unit.threads.turns_by_id(user, [*recalled, *asked])
    return any(
        recalled.get(turn.id, turn_text(turn)) != turn_text(turn)
        or said.get(f"{turn.id}-answer", turn.answer) != turn.answer
        for turn in turns.values()
    )
