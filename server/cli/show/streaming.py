"""An answer while it is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.answers import show_footing
from server.cli.show.text import clean, one_line

if TYPE_CHECKING:
    from rich.console import Console


class AnswerStream:
    """Shows the events of one turn; `answer` is the finished object, once it is there."""

    def __init__(self, console: Console, say: Say) -> None:
        self._console = console
        self._say = say
        self._shown = ""
        self.answer: dict[str, Any] | None = None

    def show(self, event: dict[str, Any]) -> None:
        """Show one event; kinds that this version does not know are passed over."""
        match event.get("type"):
            case "token":
                self._write(clean(event.get("text") or ""))
            case "restart":
                self._restart(event)
            case "answer":
                self._finish({key: value for key, value in event.items() if key != "type"})

    def _write(self, text: str) -> None:
        self._shown += text
        self._console.print(text, end="", soft_wrap=True)

    def _restart(self, event: dict[str, Any]) -> None:
        """A model was left: say so, and forget what it had begun."""
        left = one_line(event.get("component") or "?")
        line = self._say("chat-restart", component=left, reason=one_line(event.get("reason") or "?"))
        self._console.print(f"\n{line}" if self._shown else line, style="yellow")
        self._shown = ""

    def _finish(self, answer: dict[str, Any]) -> None:
        """Print what was not streamed: all of it, when the answer is not what was shown."""
        text = clean(answer.get("answer") or "")
        if self._shown:
            self._console.print()
        if self._shown.strip() != text.strip():
            self._console.print(text, soft_wrap=True)
        show_footing(self._console, answer, self._say)
        self._console.print()
        self.answer = answer
