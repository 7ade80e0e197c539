"""Records of a turn: what the nodes read from the state and put back into it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from graphs.agent import prompts, quoting
from graphs.agent.speaking import Spoken
from graphs.agent.state import AgentState
from graphs.agent.stopping import STOPPED
from memory.archive.entities import Turn
from memory.archive.errors import ArchiveError
from memory.long_term.errors import LongTermError
from memory.long_term.passages import Passage, passage_from_dict
from tools.context import TurnContext
from tools.read_document import NO_DOCUMENT

Update = dict[str, Any]
SHORT_TERM = "short_term"
REBUILT = "the running conversation was not at hand: it was rebuilt from the archive"
THE_GRAPH = "souvenir:knowledge"
"""Among the references of a turn: it saw rows of the knowledge graph, whatever documents they came from."""


class NoQuestion(ValueError):
    """A turn was started without a message of the person at the end, or with an empty one."""


def question_of(messages: Sequence[AnyMessage], last_turn: str) -> tuple[list[AnyMessage], HumanMessage]:
    """Return what was said before, and the message that the turn is about; raises `NoQuestion`.

    A message sent again under its id takes its old place: when it is the one of `last_turn`, what
    stands after it is that turn's own work, and goes.
    """
    at = max((n for n, one in enumerate(messages) if isinstance(one, HumanMessage)), default=-1)
    question = messages[at] if messages else None
    if isinstance(question, HumanMessage) and str(question.text).strip():
        newest = at == len(messages) - 1
        if newest or question.id == last_turn:
            return list(messages[:at]), question
    raise NoQuestion("a turn begins with a message of the person: write what you want to know")


def fresh_turn(turn_id: str, question: str, lang: str, now: datetime) -> Update:
    """Return the state that a turn starts with; nothing of the turn before stays."""
    return {
        "turn_id": turn_id,
        "question": question,
        "lang": lang,
        "started_at": now.isoformat(),
        "passages": [],
        "quoted": [],
        "read_documents": [],
        "sources": [],
        "degraded": [],
        "answer": "",
        "served_by": "",
        "status": "done",
        "calls": [],
        "failure": "",
        "model_index": 0,
        "tool_rounds": 0,
        "timings_ms": {},
    }


def rebuilt(turns: Sequence[Turn], known: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the notice that a conversation was not at hand; none for an empty one, or a known reason."""
    if not turns or any(one["component"] == SHORT_TERM for one in known):
        return []
    return [{"component": SHORT_TERM, "reason": REBUILT}]


def finished_turn(state: AgentState, context: TurnContext, now: datetime) -> Turn:
    """Return the turn as the archive keeps it."""
    started = datetime.fromisoformat(state["started_at"])
    total, recall = milliseconds(started, now), state["timings_ms"].get("recall", 0)
    return Turn(
        id=state["turn_id"],
        thread_id=context.thread_id,
        user=context.user,
        question=state["question"],
        answer=state["answer"],
        served_by=state["served_by"],
        degraded=list(state["degraded"]),
        sources=_sources(state),
        references=_references(state),
        status="interrupted" if state["status"] == "interrupted" else "done",
        started_at=started,
        finished_at=now,
        timings_ms={"recall": recall, "model": total - recall, "total": total},
        lang=state["lang"],
    )


def milliseconds(start: datetime, end: datetime) -> int:
    """Return the time between two moments, in milliseconds."""
    return round((end - start).total_seconds() * 1000)


def passages(state: AgentState) -> list[Passage]:
    """Return the passages recalled so far, in the order of their numbers."""
    return [passage_from_dict(record) for record in state["passages"]]


def degraded(state: AgentState, component: str, reason: str) -> Update:
    """Return the update that records a part which did not do its work."""
    return {"degraded": [*state["degraded"], {"component": component, "reason": reason}]}


def called(state: AgentState, component: str, spoken: Spoken) -> Update:
    """Return the update that records a call to a model, and what was noticed of it."""
    noticed = [{"component": component, "reason": notice} for notice in spoken.notices]
    return {
        "calls": [*state["calls"], spoken.record],
        "degraded": [*state["degraded"], *noticed],
        "failure": spoken.failure,
    }


def cut_off(state: AgentState, update: Update, component: str, spoken: Spoken) -> Update | None:
    """Return the update that keeps what a person saw before a model failed; None when that was nothing."""
    if not spoken.shown:
        return None
    return {
        "messages": [AIMessage(spoken.shown, id=f"{state['turn_id']}-answer")],
        "answer": spoken.shown,
        "served_by": component,
        "status": "interrupted",
        "degraded": [*update["degraded"], {"component": component, "reason": spoken.failure}],
        "failure": "",
    }


def stopped(state: AgentState, degraded: Sequence[dict[str, str]], component: str, shown: str) -> Update:
    """Return the update that ends a turn as the person asked, with what was seen of its answer."""
    answer = shown or prompts.stopped_answer(state["lang"])
    return {
        "messages": [AIMessage(answer, id=f"{state['turn_id']}-answer")],
        "answer": answer,
        "served_by": component,
        "status": "interrupted",
        "degraded": [*degraded, {"component": component, "reason": STOPPED}],
        "failure": "",
    }


def without_legs(state: AgentState, missed: Mapping[str, str]) -> list[dict[str, str]]:
    """Return what is degraded, with the parts of recall that did not do their work and why."""
    return [*state["degraded"], *({"component": part, "reason": why} for part, why in missed.items())]


def numbered_on(
    known: Sequence[dict[str, Any]], results: Sequence[ToolMessage]
) -> tuple[list[dict[str, Any]], list[ToolMessage]]:
    """Return all passages with those that tools found, and the tools' messages showing them by number."""
    everything, messages = list(known), []
    for message in results:
        found = message.artifact
        if isinstance(found, dict):  # of the graph: its rows stay, and the passages behind them follow
            text = _numbered(everything, found["passages"])
            shown = "\n".join(filter(None, (str(message.content), text)))
            message = message.model_copy(update={"content": shown, "artifact": None})
        elif isinstance(found, list):
            shown = _numbered(everything, found) or "Nothing new was found."
            message = message.model_copy(update={"content": shown, "artifact": None})
        messages.append(message)
    return everything, messages


def _numbered(everything: list[dict[str, Any]], found: Sequence[dict[str, Any]]) -> str:
    """Add what is new to the passages known, and return it with its numbers."""
    ids = {record["item_id"] for record in everything}
    new = [record for record in found if record["item_id"] not in ids]
    text = prompts.numbered([passage_from_dict(record) for record in new], len(everything) + 1)
    everything.extend(new)
    return text


def graph_failures(state: AgentState, results: Sequence[ToolMessage]) -> list[dict[str, str]]:
    """Return what is degraded, with the knowledge graph once when it did not answer a tool."""
    known = {one["component"] for one in state["degraded"]}
    reasons = [one.artifact["unavailable"] for one in results if isinstance(one.artifact, dict)]
    reason = next(filter(None, reasons), "")
    if not reason or "knowledge" in known:
        return list(state["degraded"])
    return [*state["degraded"], {"component": "knowledge", "reason": reason}]


def documents_read(state: AgentState, results: Sequence[ToolMessage]) -> list[str]:
    """Return the ids of the documents that the last tool calls have read.

    What rows of the knowledge graph come from is not always known: the graph itself stands for it.
    """
    last = state["messages"][-1]
    calls = last.tool_calls if isinstance(last, AIMessage) else []
    missed = {
        result.tool_call_id for result in results if result.status == "error" or result.content == NO_DOCUMENT
    }
    read = [
        str(call["args"].get("document_id", ""))
        for call in calls
        if call["name"] == "read_document" and call["id"] not in missed
    ]
    return [*read, *[THE_GRAPH for one in results if isinstance(one.artifact, dict)][:1]]


def tool_failure(error: LongTermError | ArchiveError) -> str:
    """Return what the model learns of a tool that failed; the annotation tells which errors are meant."""
    return f"The tool failed: {error}"


def _sources(state: AgentState) -> list[dict[str, Any]]:
    """Return the passages that the answer used: those it quotes, or those that the model cites."""
    known = passages(state)
    if state["served_by"] == "memory":
        return [known[number - 1].as_source(number) for number in state["quoted"]]
    return quoting.cited(state["answer"], known)


def _references(state: AgentState) -> list[str]:
    """Return the ids of everything this turn saw, so that forgetting one can find its traces."""
    seen = {record["document_id"] for record in state["passages"]} | set(state["read_documents"])
    return sorted(filter(None, seen))
