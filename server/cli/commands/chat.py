"""`souvenir chat`: a conversation in the terminal.

The client lives in a thread of its own, so that this one can read lines with the terminal's own editing,
and Ctrl-C stops an answer without ending the conversation.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any
from urllib.parse import quote

import typer

from server.cli.client import Client
from server.cli.commands.ask import turn
from server.cli.errors import ApiError, CliError, Interrupted
from server.cli.options import JsonOption, LangOption, ThreadOption
from server.cli.shell import Shell, open_shell
from server.cli.show.streaming import AnswerStream
from server.cli.show.text import clean

LEAVE = frozenset({"/quit", "/exit", "/q"})


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(chat)


def chat(
    ctx: typer.Context, thread: ThreadOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Talk with Souvenir; /quit or Ctrl-D ends the conversation."""
    from anyio.from_thread import start_blocking_portal

    shell = open_shell(ctx, lang=lang, as_json=as_json)
    try:
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(shell.client()) as client:
            conversation = Conversation(shell, client, portal.start_task_soon, thread)
            conversation.hold()
    except KeyboardInterrupt:
        raise Interrupted(shell.say("interrupted")) from None
    if as_json:
        shell.print_json({"thread_id": conversation.thread, "turns": conversation.answers})


class Conversation:
    """The turns of one sitting, on one thread. `start` runs a coroutine function on the client's loop."""

    def __init__(self, shell: Shell, client: Client, start: Any, thread: str | None) -> None:  # noqa: ANN401 - generic
        self._shell = shell
        self._client = client
        self._start = start
        self.thread = thread
        self.answers: list[dict[str, Any]] = []
        self._interrupted = False
        self._stop: Callable[[], object] | None = None
        self._running = ""
        """The id of the turn that is being answered."""

    def hold(self) -> None:
        """Ask and answer until the person leaves.

        Raises:
            CliError: the thread to continue does not exist, or the server went away.
        """
        say, err = self._shell.say, self._shell.err
        if self.thread:
            self._start(self._client.get, f"/v1/threads/{quote(self.thread, safe='')}").result()
            err.print(say("chat-continues", thread=clean(self.thread)), style="dim")
        err.print(say("chat-welcome"), style="dim")
        for question in questions(say("chat-prompt"), prompted=not self._shell.as_json):
            self._turn(question)
        if self.thread:
            err.print(say("chat-bye", thread=clean(self.thread)), style="dim")

    def _turn(self, question: str) -> None:
        """One turn. What the API refuses is said, and the conversation goes on."""
        self._interrupted, self._stop, self._running = False, None, ""
        try:
            with on_interrupt(self._interrupt):
                self._start(self._answer, question).result()
        except CliError as error:
            if getattr(error, "code", "") == "gone":
                raise
            self._shell.err.print(str(error), style="red")

    def _interrupt(self) -> None:
        """Stop the answer, whether it has begun or is about to."""
        self._interrupted = True
        if self._stop:
            self._stop()

    async def _answer(self, question: str) -> None:
        """Stream one answer, until its end or until the person stops it."""
        from anyio import CancelScope

        with CancelScope() as scope:
            # From another thread: a signal handler must not wait for this one.
            self._stop = partial(asyncio.get_running_loop().call_soon_threadsafe, scope.cancel)
            if self._interrupted:
                scope.cancel()
            await self._stream(question)
        if scope.cancelled_caught:
            if self._running:
                await self._client.post(f"/v1/turns/{quote(self._running, safe='')}/stop")
            self._shell.err.print(f"\n{self._shell.say('chat-stopped')}", style="dim")

    async def _stream(self, question: str) -> None:
        stream = AnswerStream(self._shell.out, self._shell.say)
        async with self._client.streaming("/v1/turns", turn(question, self.thread)) as events:
            async for event in events:
                self.thread = event.get("thread_id") or self.thread
                self._running = event.get("turn_id") or self._running
                stream.show(event)
        if stream.answer is None:
            raise ApiError("gone", self._shell.say("server-gone"))
        self.answers.append(stream.answer)


@contextmanager
def on_interrupt(action: Callable[[], None]) -> Iterator[None]:
    """Call `action` on Ctrl-C, in place of KeyboardInterrupt, while the block runs."""

    def handler(_number: int, _frame: FrameType | None) -> None:
        action()

    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def questions(prompt: str, *, prompted: bool) -> Iterator[str]:
    """The lines that the person types, until /quit or the end of the input; empty ones are passed over."""
    shown = prompt if prompted and sys.stdin.isatty() else ""
    while True:
        try:
            question = input(shown).strip()
        except EOFError:
            return
        if question.lower() in LEAVE:
            return
        if question:
            yield question
