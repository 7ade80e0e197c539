"""`souvenir ask`: one turn."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from server.cli.options import JsonOption, LangOption, ThreadOption
from server.cli.shell import Shell, open_shell
from server.cli.show.answers import show_answer

Question = Annotated[str | None, typer.Argument(help="What you want to know.")]
RetryOption = Annotated[bool, typer.Option("--retry", help="Ask the last question of the thread again.")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", help="A checkpoint of the thread: begin a new one with what it was then."),
]

AGAIN = "/retry"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(ask)


def ask(
    ctx: typer.Context,
    question: Question = None,
    thread: ThreadOption = None,
    retry: RetryOption = False,
    from_checkpoint: FromOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Ask one question; the answer comes with its sources."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    if retry:
        question = AGAIN if thread and question is None else None
    if question is None:
        raise typer.BadParameter(shell.say("ask-or-retry"))
    if from_checkpoint and not thread:
        raise typer.BadParameter(shell.say("from-needs-thread"))
    more = {"from": from_checkpoint} if from_checkpoint else {}
    answer = shell.run(_answer(shell, turn(question, thread) | more))
    if as_json:
        shell.print_json(answer)
    else:
        show_answer(shell.out, answer, shell.say)


async def _answer(shell: Shell, asked: dict[str, Any]) -> dict[str, Any]:
    with shell.err.status(shell.say("thinking")):
        async with shell.client() as client:
            return await client.post("/v1/turns", asked)


def turn(question: str, thread: str | None) -> dict[str, Any]:
    """The body that asks for a turn, in a new thread when none is given; `/retry` asks the last one again."""
    asked: dict[str, Any] = {"retry": True} if thread and question == AGAIN else {"question": question}
    return asked | ({"thread_id": thread} if thread else {})
