"""A turn's events as plain text, for doors that show nothing else."""

from collections.abc import AsyncIterator
from typing import Any

from server.reasons import said

Event = dict[str, Any]

_RESTARTED = {
    "en": "[{component} stopped: {reason}. What follows is a new answer.]",
    "fr": "[{component} s'est arrêté : {reason}. Ce qui suit est une nouvelle réponse.]",
}
_ANSWERED = {"en": "Answered by {served_by}.", "fr": "Réponse de {served_by}."}
_DEGRADED = {
    "en": "Answered by {served_by}. What did not go well: {missing}.",
    "fr": "Réponse de {served_by}. Ce qui n'est pas allé : {missing}.",
}
_CUT_OFF = {
    "en": "The answer was cut off here. Send the question again to have it whole.",
    "fr": "La réponse s'est arrêtée là. Renvoyez la question pour l'avoir en entier.",
}
_MEMORY = {"en": "memory", "fr": "la mémoire"}
_COLON = {"en": ":", "fr": " :"}


async def streamed_text(
    events: AsyncIterator[Event], lang: str, *, signed: bool = False
) -> AsyncIterator[str]:
    """Yield the answer's text as it comes, then its sources; say so where a model was left midway.

    `signed`: who answered is told even when all went well.
    """
    visible = False
    async for event in events:
        if event["type"] == "token":
            visible = True
            yield event["text"]
        elif event["type"] == "restart" and visible:
            visible = False
            left = {"component": event["component"], "reason": said(event["reason"], lang)}
            yield f"\n\n{_RESTARTED[lang].format(**left)}\n\n"
        elif event["type"] == "answer" and (below := footer(event, lang, signed=signed)):
            yield below


async def whole_text(events: AsyncIterator[Event], lang: str) -> str:
    """Return the answer that was kept, with its sources."""
    text = ""
    async for event in events:
        if event["type"] == "answer":
            text = event["answer"] + footer(event, lang)
    return text


def footer(answer: Event, lang: str, *, signed: bool = False) -> str:
    """Return the lines below an answer: its sources, what did not go well and, then or `signed`, by whom."""
    parts = []
    if answer["status"] == "interrupted":
        parts.append(f"[{_CUT_OFF[lang]}]")
    if answer["sources"]:
        listed = "\n".join(_source(source) for source in answer["sources"])
        parts.append(f"Sources{_COLON[lang]}\n{listed}")
    by = _MEMORY[lang] if answer["served_by"] == "memory" else answer["served_by"]
    missing = ", ".join(
        f"{entry['component']} ({said(entry['reason'], lang)})" for entry in answer["degraded"]
    )
    if missing or signed:
        parts.append((_DEGRADED if missing else _ANSWERED)[lang].format(served_by=by, missing=missing))
    return "".join(f"\n\n{part}" for part in parts)


def _source(source: Event) -> str:
    place = f", {source['locator']}" if source["locator"] else ""
    return f"[{source['n']}] {source['title']}{place}"
