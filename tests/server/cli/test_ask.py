"""`souvenir ask`: one turn, for people and for programs."""

from __future__ import annotations

import json

import pytest

from tests.server.cli.api_double import TOKEN, ApiDouble
from tests.server.cli.conftest import Run
from tests.server.cli.things import ANSWER, FROM_MEMORY, SOURCE

Capture = pytest.CaptureFixture[str]


def test_an_answer_comes_with_its_sources(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """People see the answer, where each source is and what it says, what was missing, and who answered."""
    api.says("POST /v1/turns", ANSWER)
    assert souvenir("ask", "How long is the notice?") == 0
    shown = capsys.readouterr().out
    assert "Three months [1]." in shown
    assert "[1] Contrat Lumière · page 3" in shown
    assert "Le préavis est de trois mois." in shown
    assert "did not go well: ollama:llama3.1:8b: connection refused" in shown
    assert "answered by ollama:llama3.2:3b in 0.8 s" in shown


def test_json_is_the_api_s_own_object_and_nothing_else(
    api: ApiDouble, souvenir: Run, capsys: Capture
) -> None:
    """`--json` prints exactly one JSON document on stdout."""
    api.says("POST /v1/turns", ANSWER)
    assert souvenir("ask", "How long?", "--json") == 0
    assert json.loads(capsys.readouterr().out) == ANSWER


def test_the_request_says_who_asks_in_which_language_and_thread(api: ApiDouble, souvenir: Run) -> None:
    """The owner's token, the language and the thread go with the question."""
    api.says("POST /v1/turns", ANSWER)
    souvenir("ask", "Combien ?", "--thread", "t1", "--lang", "fr")
    (seen,) = api.seen
    assert seen.body == {"question": "Combien ?", "thread_id": "t1"}
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["accept-language"] == "fr"


def test_a_new_conversation_begins_at_a_checkpoint(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """`--from` names it, and the thread that it is of; without the thread that is wrong usage."""
    api.says("POST /v1/turns", ANSWER)
    assert souvenir("ask", "Why?", "--thread", "t1", "--from", "c1") == 0
    assert api.seen[0].body == {"question": "Why?", "thread_id": "t1", "from": "c1"}
    assert souvenir("ask", "Why?", "--from", "c1") == 2
    assert "--thread" in capsys.readouterr().err


def test_the_token_is_never_shown(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Neither stdout nor stderr holds the token, whether it works or not."""
    api.says("POST /v1/turns", ANSWER)
    souvenir("ask", "Why?")
    souvenir("recall", "nothing of the kind")
    shown = capsys.readouterr()
    assert TOKEN not in shown.out + shown.err


def test_an_answer_from_memory_says_so_in_french(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Without a model, people read that no model answered; without a source, that there is none."""
    api.says("POST /v1/turns", FROM_MEMORY)
    assert souvenir("ask", "Combien ?", "--lang", "fr") == 0
    shown = capsys.readouterr().out
    assert "mémoire seule, sans modèle" in shown
    assert "Aucune source en mémoire." in shown


@pytest.mark.parametrize("status", [404, 422, 503, 507])
def test_a_refusal_is_one_line_and_exit_1(
    api: ApiDouble, souvenir: Run, capsys: Capture, status: int
) -> None:
    """What the API refuses is its one line on stderr, also with `--json`, and stdout stays empty."""
    api.says("POST /v1/turns", {"error": {"code": "x", "message": "The disk\nis full."}}, status=status)
    assert souvenir("ask", "Why?", "--json") == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "souvenir: The disk is full.\n")


def test_a_failure_without_a_reason_still_has_a_line(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """A server that answers with something else than the contract's error is reported as such."""
    api.says("POST /v1/turns", "<h1>Oops</h1>", status=500)
    assert souvenir("ask", "Why?") == 1
    assert capsys.readouterr().err.startswith("souvenir: the server answered 500")


def test_another_program_on_the_port_is_recognised(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """An answer that is not JSON leads to one line."""
    api.says("POST /v1/turns", "hello")
    assert souvenir("ask", "Why?") == 1
    assert "not JSON" in capsys.readouterr().err


def test_a_server_that_is_gone_is_one_line(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Nobody listens at the owner's address any more."""
    api.base_url = "http://127.0.0.1:9"  # the discard port: nobody is there
    assert souvenir("ask", "Why?") == 1
    assert "run the same command again" in capsys.readouterr().err


def test_a_document_cannot_drive_the_terminal(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Escape sequences in what documents and models say are not obeyed, nor rich's markup."""
    evil = {**SOURCE, "quote": "\x1b]0;owned\x07 [red]x[/red] \u202egnp.exe", "title": "\x9b2Jtitle"}
    api.says("POST /v1/turns", {**ANSWER, "answer": "a\x1b[2Jb [bold]c", "sources": [evil]})
    souvenir("ask", "Why?")
    shown = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    assert "[red]x[/red]" in shown
    assert "[bold]c" in shown


@pytest.mark.parametrize(
    "arguments", [("ask",), ("ask", "a", "--nope"), ("nope",), ("recall", "x", "--limit", "0")]
)
def test_wrong_usage_is_one_line_and_exit_2(
    souvenir: Run, capsys: Capture, arguments: tuple[str, ...]
) -> None:
    """A command typed wrongly leads to one line that names the help to read."""
    assert souvenir(*arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "--help" in shown.err
