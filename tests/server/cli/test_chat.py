"""`souvenir chat`: a conversation in the terminal."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest

from tests.server.cli.api_double import CUT, HANG, ApiDouble
from tests.server.cli.conftest import Start
from tests.server.cli.things import ANSWER

STARTED = {"type": "started", "thread_id": "t1", "turn_id": "u1"}
TOKENS = [{"type": "token", "text": text} for text in ("Three ", "months ", "[1].")]
FINISHED = {"type": "answer", **ANSWER}


def test_a_conversation_stays_on_its_thread(api: ApiDouble, start: Start) -> None:
    """Two turns: tokens are shown once, sources under each, the second on the first's thread."""
    api.says("POST /v1/turns", [STARTED, *TOKENS, FINISHED])
    process = start("chat")
    out, err = process.communicate("How long?\n\nReally?\n/quit\nnot asked\n", timeout=30)
    assert process.returncode == 0, err
    assert out.count("Three months [1].") == 2
    assert out.count("Contrat Lumière · page 3") == 2
    assert [seen.body for seen in api.seen] == [
        {"question": "How long?"},
        {"question": "Really?", "thread_id": "t1"},
    ]
    assert "souvenir chat --thread t1" in err


def test_the_end_of_the_input_ends_the_conversation(api: ApiDouble, start: Start) -> None:
    """Ctrl-D, or the end of a file of questions, is a clean end."""
    api.says("POST /v1/turns", [STARTED, *TOKENS, FINISHED])
    process = start("chat")
    process.communicate("How long?", timeout=30)
    assert process.returncode == 0
    assert len(api.seen) == 1


def test_a_model_that_was_left_is_said(api: ApiDouble, start: Start) -> None:
    """On a restart, people read which model was left and why, and then the whole answer of the next one."""
    restart = {"type": "restart", "component": "ollama:llama3.1:8b", "reason": "the stream was cut"}
    api.says("POST /v1/turns", [STARTED, {"type": "token", "text": "Thr"}, restart, *TOKENS, FINISHED])
    out, _ = start("chat").communicate("How long?\n", timeout=30)
    assert "left ollama:llama3.1:8b (the stream was cut); going on without it" in out
    assert out.index("left ollama") < out.index("Three months [1].")


def test_an_answer_without_tokens_is_shown(api: ApiDouble, start: Start) -> None:
    """An answer from memory comes in one piece."""
    api.says("POST /v1/turns", [STARTED, FINISHED])
    out, _ = start("chat").communicate("How long?\n", timeout=30)
    assert out.count("Three months [1].") == 1


def test_a_refusal_does_not_end_the_conversation(api: ApiDouble, start: Start) -> None:
    """A question that is refused is said on stderr; the next one is answered."""
    api.says("POST /v1/turns", {"error": {"code": "too_long", "message": "Too long."}}, status=422)
    api.says("POST /v1/turns", [STARTED, *TOKENS, FINISHED])
    process = start("chat")
    out, err = process.communicate("aaa\nHow long?\n", timeout=30)
    assert process.returncode == 0
    assert "Too long." in err
    assert "Three months [1]." in out


def test_an_unknown_thread_is_refused_at_once(api: ApiDouble, start: Start) -> None:
    """People learn that the thread does not exist before they type."""
    process = start("chat", "--thread", "a/b")
    _, err = process.communicate("How long?\n", timeout=30)
    assert process.returncode == 1
    assert "souvenir: no such thing: /v1/threads/a%2Fb" in err
    assert len(api.seen) == 1


def test_a_server_that_dies_ends_it(api: ApiDouble, start: Start) -> None:
    """When the server breaks off in an answer, the conversation ends with one line and exit code 1."""
    api.says("POST /v1/turns", [STARTED, TOKENS[0], CUT])
    process = start("chat")
    _, err = process.communicate("How long?\nAnd?\n", timeout=30)
    assert process.returncode == 1
    assert "souvenir: the server stopped before the end" in err


def test_json_is_the_whole_conversation(api: ApiDouble, start: Start) -> None:
    """With `--json`, stdout is one document, and the conversation itself is on stderr."""
    api.says("POST /v1/turns", [STARTED, *TOKENS, FINISHED])
    out, err = start("chat", "--json").communicate("How long?\n", timeout=30)
    assert json.loads(out) == {"thread_id": "t1", "turns": [ANSWER]}
    assert "Three months [1]." in err


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process on Windows")
def test_ctrl_c_stops_an_answer_not_the_conversation(api: ApiDouble, start: Start) -> None:
    """Ctrl-C during an answer stops it, in the server too; the next one is answered on the same thread."""
    api.says(f"POST /v1/turns/{STARTED['turn_id']}/stop", {"turn_id": STARTED["turn_id"]}, status=202)
    api.says("POST /v1/turns", [STARTED, TOKENS[0], HANG])
    api.says("POST /v1/turns", [STARTED, *TOKENS, FINISHED])
    process = start("chat")
    assert process.stdin
    process.stdin.write("How long?\n")
    process.stdin.flush()
    assert api.hanging.wait(30)
    assert process.stdout
    process.stdout.read(1)  # the first word is shown: by now it knows which turn that is
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate("How long?\n", timeout=30)
    assert process.returncode == 0, err
    assert "stopped" in err
    assert "Three months [1]." in out
    assert "Traceback" not in err
    assert [seen.path.rpartition("/")[2] for seen in api.seen] == ["turns", "stop", "turns"]
