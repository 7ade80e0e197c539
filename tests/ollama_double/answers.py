"""What a model says when no rule tells it: the first sentence of the first passage it was given, cited."""

import re
from typing import Literal

from tests.ollama_double.script import Json, question

UNKNOWN = "I don't know."
_PASSAGE = re.compile(
    r"^[ \t>*-]*\[(?P<n>\d{1,3})\][ \t:—-]*(?P<text>.*?)(?=^[ \t>*-]*\[\d{1,3}\]|^[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SENTENCE = re.compile(r".+?(?:[.!?…](?=\s|$)|$)", re.DOTALL)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_LONGEST = 300  # characters quoted


def default_answer(request: Json) -> str:
    """Answer from the passages in the newest tool result or system prompt, lines that start with `[n]`.

    A first line without an end of sentence, followed by another, is the passage's title and is left out.
    """
    for message in reversed(request.get("messages") or []):
        if message.get("role") not in ("system", "tool"):
            continue
        found = _PASSAGE.search(str(message.get("content") or ""))
        if found and (text := _first_sentence(found["text"])):
            return f"{text} [{found['n']}]"
    return UNKNOWN


def _first_sentence(passage: str) -> str:
    lines = [line.strip() for line in passage.strip().splitlines() if not line.lstrip().startswith("<")]
    if len(lines) > 1 and not lines[0].endswith((".", "!", "?", "…")):
        lines = lines[1:]
    found = _SENTENCE.match(" ".join(lines))
    return found[0][:_LONGEST] if found else ""


def pieces(text: str, chunk: Literal["words", "characters", "whole"]) -> list[str]:
    """Cut a text into what is streamed; joined, the pieces give the text back."""
    if chunk == "characters":
        return list(text)
    if chunk == "whole":
        return [text] if text else []
    return re.findall(r"\s*\S+|\s+\Z", text)


def count_tokens(request: Json) -> int:
    """Count the tokens of a request: a word or a sign is one, a message or a tool costs four more."""
    if "input" in request:
        return len(_TOKEN.findall(question(request)))
    messages, tools = request.get("messages") or [], request.get("tools") or []
    texts = [f"{m.get('content') or ''} {m.get('tool_calls') or ''}" for m in messages]
    texts += [str(tool) for tool in tools]
    return sum(len(_TOKEN.findall(text)) + 4 for text in texts)
