"""A turn's events as plain text, for doors that show nothing else."""

from collections.abc import AsyncIterator
from typing import Any

Event = dict[str, Any]

_RESTARTED = {
    "en": "[{component} stopped: {reason}. What follows is a new answer.]",
    "fr": "[{component} s'est arrêté : {reason}. Ce qui suit est une nouvelle réponse.]",
}
_DEGRADED = {
    "en": "Answered by {served_by}, without {missing}.",
    "fr": "Réponse de {served_by}, sans {missing}.",
}
_MEMORY = {"en": "memory", "fr": "la mémoire"}
_COLON = {"en": ":", "fr": " :"}


async def streamed_text(events: AsyncIterator[Event], lang: str) -> AsyncIterator[str]:
    """Yield the answer's text as it comes, then its sources; say so where a model was left midway."""
    visible = False
    async for event in events:
        if event["type"] == "token":
            visible = True
            yield event["text"]
        elif event["type"] == "restart" and visible:
            visible = False
            yield f"\n\n{_RESTARTED[lang].format(**event)}\n\n"
        elif event["type"] == "answer" and (below := footer(event, lang)):
            yield below


async def whole_text(events: AsyncIterator[Event], lang: str) -> str:
    """Return the answer that was kept, with its sources."""
    text = ""
    async for event in events:
        if event["type"] == "answer":
            text = event["answer"] + footer(event, lang)
    return text


def footer(answer: Event, lang: str) -> str:
    """Return the lines below an answer: its sources, and what it had to do without; "" without either."""
    parts = []
    if answer["sources"]:
        listed = "\n".join(_source(source) for source in answer["sources"])
        parts.append(f"Sources{_COLON[lang]}\n{listed}")
    if answer["degraded"]:
        missing = ", ".join(f"{entry['component']} ({entry['reason']})" for entry in answer["degraded"])
        by = _MEMORY[lang] if answer["served_by"] == "memory" else answer["served_by"]
        parts.append(_DEGRADED[lang].format(served_by=by, missing=missing))
    return "".join(f"\n\n{part}" for part in parts)


def _source(source: Event) -> str:
    place = f", {source['locator']}" if source["locator"] else ""
    return f"[{source['n']}] {source['title']}{place}"
