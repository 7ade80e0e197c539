"""What is answered when no model does: quotations, or that there are none."""

from collections.abc import Sequence
from typing import Final

from graphs.agent import prompts, quoting, records
from graphs.agent.state import AgentState
from memory.long_term.sentences import is_statement, is_telling

_OLLAMA: Final = "ollama:"
_NOT_THERE: Final = ("connection refused", "no connection within ", "the model is not installed")


def without_model(state: AgentState, chain: Sequence[str]) -> tuple[str, list[int]]:
    """Return the answer, and the numbers of the passages that it quotes; `chain` names the models."""
    lang, wanted = state["lang"], _to_install(state, chain)
    if is_telling(state["question"]):
        return prompts.noted_answer(lang, wanted), []
    if quotes := quoting.best_quotes(records.passages(state)):
        return prompts.quotes_answer(quotes, lang, wanted), [number for number, _ in quotes]
    broken = [entry["reason"] for entry in state["degraded"] if entry["component"] == "recall"]
    if broken:
        return prompts.unavailable_answer(lang, broken[0]), []
    if is_statement(state["question"]):
        return prompts.noted_answer(lang, wanted), []
    return prompts.nothing_answer(lang, wanted), []


def _to_install(state: AgentState, chain: Sequence[str]) -> str | None:
    """Return the name of the first model of Ollama; None without one, or when it is there and failed."""
    first = next((component for component in chain if component.startswith(_OLLAMA)), None)
    if first is None:
        return None
    told = [entry["reason"] for entry in state["degraded"] if entry["component"] == first]
    # One that was left alone has the reason of its last failure in brackets.
    missing = any(reason.rpartition("failures (")[2].startswith(_NOT_THERE) for reason in told)
    return first.removeprefix(_OLLAMA) if missing or not told else None
