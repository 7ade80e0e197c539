"""Every fault of Ollama has its words and its time, whether the model was loaded or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from graphs.models.chat import Usage
from tests.graphs.models.streams.calling import NAME, SHORT, chat, failure, said
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID = Reply("It is the blue door on the left.", thinking="Let me see.")
STOPPED = "Ollama answered an error: the model runner has stopped unexpectedly"
FIRST = {False: "no first token within 0.5 s, loading included", True: "no first token within 0.3 s"}
FURTHER = "no further token within 0.3 s"
FAULTS: dict[str, tuple[Fault, str | dict[bool, str]]] = {
    "reset": (Fault("refuse"), "the connection broke"),
    "missing": (Fault("missing"), f"the model is not installed: ollama pull {NAME}"),
    "status 500": (Fault("status"), STOPPED),
    "hang before headers": (Fault("hang_before_headers"), FIRST),
    "hang before first token": (Fault("hang_before_first_token"), FIRST),
    "hang in its thoughts": (Fault("hang_mid_stream", after=2), FURTHER),
    "hang mid stream": (Fault("hang_mid_stream", after=6), FURTHER),
    "cut mid stream": (Fault("cut_mid_stream"), "the connection broke"),
    "no done": (Fault("no_done"), "the stream ended before the answer was complete"),
    "garbage": (Fault("garbage"), "the answer was not understood"),
    "error line": (Fault("error_line"), STOPPED),
    "load only": (Fault("load_only"), "the model was loaded but did not answer"),
    "slow load": (Fault("slow_load", seconds=5), FIRST),
    "empty": (Fault("empty"), "the answer was empty"),
    "repetition": (Fault("repetition"), "the answer went round in circles"),
}
"""By name: what goes wrong, and the reason that people read, by whether the model was loaded."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def double() -> AsyncIterator[OllamaDouble]:
    """One Ollama for the whole table."""
    async with ollama_double(NAME) as one:
        yield one


@pytest.mark.parametrize("loaded", [False, True], ids=["from disk", "loaded"])
@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault_has_its_words_and_its_time(name: str, loaded: bool, double: OllamaDouble) -> None:
    """What goes wrong is said, within the budget; the call's length is known, and the next call is fine."""
    fault, reason = FAULTS[name]
    double.reply(NAME, SAID)
    double.fault(NAME, fault)
    usage = Usage()
    async with chat(double.url, SHORT) as model:
        words, seconds = await failure(model, loaded=loaded, usage=usage)
        double.fault(NAME)
        assert (await said(model, loaded=loaded)).text == SAID.text
    assert words == (reason if isinstance(reason, str) else reason[loaded])
    assert seconds < SHORT.total + 1
    assert usage.total_ms is not None
    assert usage.total_ms <= seconds * 1000


async def test_a_server_that_is_not_there(double: OllamaDouble) -> None:
    """A port that nobody listens on is told at once."""
    double.stop()
    async with chat(double.url, SHORT) as model:
        words, seconds = await failure(model)
    double.start()
    assert (words, seconds < 1) == ("connection refused", True)


@pytest.mark.parametrize("line", [b"[]", b'"yes"', b"7", b"null", b'{"message": 5}', b'{"error": {"a": 1}}'])
async def test_what_is_json_but_no_frame(line: bytes) -> None:
    """Any other program that answers on that port is not taken for a model."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b\n" % (len(line) + 1, line))
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, chat(url, SHORT) as model:
        assert (await failure(model))[0] == "the answer was not understood"
