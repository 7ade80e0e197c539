"""The frames of one answer, as OpenAI streams them: what it says, why it ends, and what it cost."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answers; `thinking` comes before it, in fields of its own.

    A call of `tool` comes after the text. `counted` is what the server says that prompt and answer took;
    None: it counts. `counts_often`: as some servers do, it says so in every frame, not only in the last.
    """

    text: str = "Yes."
    thinking: str = ""
    tool: tuple[str, Mapping[str, Any]] | None = None
    finish: str = "stop"
    counted: tuple[int, int] | None = None
    counts_often: bool = False


def frames(reply: Reply, asked: Json) -> list[bytes]:
    """Return the events of an answer to a request, without the last, `[DONE]`."""
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in _pieces(reply.thinking)]
    deltas += [{"content": piece} for piece in _pieces(reply.text)]
    deltas += _calling(reply.tool) if reply.tool else []
    choices: list[list[Json]] = [[_choice(delta, None)] for delta in deltas]
    choices.append([_choice({}, "tool_calls" if reply.tool else reply.finish)])
    cost = _cost(reply, asked)
    usages = [cost if reply.counts_often else None for _ in choices]
    if (asked.get("stream_options") or {}).get("include_usage"):
        choices.append([])
        usages.append(cost)
    return [_event(asked["model"], one, usage) for one, usage in zip(choices, usages, strict=True)]


def event(data: Json) -> bytes:
    """Return one server-sent event."""
    return f"data: {json.dumps(data)}\n\n".encode()


def _pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [word if n == 0 else f" {word}" for n, word in enumerate(words)] if text else []


def _calling(tool: tuple[str, Mapping[str, Any]]) -> list[Json]:
    """Return the pieces of a call: its name first, then its arguments in two halves."""
    name, arguments = tool
    text = json.dumps(arguments)
    called = {"index": 0, "id": "call_0", "type": "function", "function": {"name": name, "arguments": ""}}
    halves = (text[: len(text) // 2], text[len(text) // 2 :])
    further = [{"index": 0, "function": {"arguments": half}} for half in halves]
    return [{"tool_calls": [one]} for one in (called, *further)]


def _choice(delta: Json, finish: str | None) -> Json:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _cost(reply: Reply, asked: Json) -> Json:
    """Return what the answer took; counted roughly, a token is three letters."""
    prompt = json.dumps([asked.get("messages"), asked.get("tools")])
    sent, received = reply.counted or (len(prompt) // 3, max(1, len(reply.text) // 3))
    return {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received}


def _event(model: str, choices: list[Json], usage: Json | None) -> bytes:
    head = {"id": "chatcmpl-0", "object": "chat.completion.chunk", "created": 0, "model": model}
    return event({**head, "choices": choices, "usage": usage})
