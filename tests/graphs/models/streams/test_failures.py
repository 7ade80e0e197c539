"""What Ollama says of an error is passed on as far as it quotes nobody: reasons outlive what is forgotten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.models.checking.client import ollama_client, reason_of
from graphs.models.embedding.calls import CallFailed, OllamaCalls
from graphs.models.routes import EmbeddingSpec
from graphs.models.streams.failures import SAID_CHARS, inert_error
from tests.graphs.models.streams.calling import NAME, chat, failure
from tests.ollama_double import Fault, ollama_double

EMBEDDER = "nomic-embed-text"
SECRET = "Priya Nair hid the key"
NOT_UNDERSTOOD = "the tool call was not understood"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("the model runner has stopped unexpectedly", "the model runner has stopped unexpectedly"),
        ("model 'llama3.1:8b' not found", "model 'llama3.1:8b' not found"),
        (
            'model "hf.co/some-one/a_model:Q4" not found, try pulling it first',
            'model "hf.co/some-one/a_model:Q4" not found, try pulling it first',
        ),
        ("this model can't be loaded,\n it doesn't fit", "this model can't be loaded, it doesn't fit"),
        (f"error parsing tool call: raw='{SECRET}', err=unexpected end of JSON input", NOT_UNDERSTOOD),
        (f"Failed to parse XML tool call {SECRET}", NOT_UNDERSTOOD),
        (f"no grammar for raw={SECRET}", "no grammar for"),
        (f"model 'llama3' refused: \"{SECRET}\"", "model 'llama3' refused"),
        (f"invalid ('{SECRET}", "invalid"),
        ("invalid 'Priya's key'", "invalid"),
        ("invalid b's key'", "invalid b"),
        (f"invalid `{SECRET}`", "invalid"),
        (f"invalid “{SECRET}”", "invalid"),
        (f"invalid « {SECRET} »", "invalid"),
        ("element <Priya> closed by </parameter>", "element"),
        (f"'{SECRET}' is invalid", ""),
        ("word " * 90, ("word " * 40).strip()),
    ],
)
def test_what_cannot_quote_is_kept(said: str, kept: str) -> None:
    """Ollama's own words and the names of models stay; from the first quotation on nothing does."""
    assert inert_error(said) == kept


@given(st.text(max_size=300), st.sampled_from(["'", '"', "`", "“", "«", "raw="]), st.text(max_size=300))
def test_no_sentence_is_quoted(before: str, mark: str, after: str) -> None:
    """Whatever stands around it: a quoted sentence never comes through, nor more than a line."""
    kept = inert_error(f"{before}{mark}{SECRET}{after}")
    assert SECRET not in kept
    assert len(kept) <= SAID_CHARS


@pytest.mark.parametrize("kind", ["status", "error_line"])
@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (f"error parsing tool call: raw='{SECRET}', err=no JSON", NOT_UNDERSTOOD),
        (f'no such thing: "{SECRET}"', "no such thing"),
    ],
)
async def test_a_conversation_keeps_no_quotation(kind: str, message: str, reason: str) -> None:
    """The reason why a model failed does not hold what it wrote."""
    async with ollama_double(NAME) as double, chat(double.url) as model:
        double.fault(NAME, Fault(kind, message=message))  # type: ignore[arg-type]  # one of two
        assert (await failure(model))[0] == f"Ollama answered an error: {reason}"


async def test_nor_does_a_call_that_is_all_quotation() -> None:
    """When nothing may be passed on, the status is told."""
    async with ollama_double(NAME) as double, chat(double.url) as model:
        double.fault(NAME, Fault("status", message=f"'{SECRET}'"))
        assert (await failure(model))[0] == "Ollama answered an error: status 500"


async def test_nor_does_a_check() -> None:
    """Nor does the reason why a model could not be looked at."""
    async with ollama_double(NAME) as double, ollama_client(double.url, 5) as client:
        double.fault(NAME, Fault("status", on="/api/chat", message=f'odd: "{SECRET}"'))
        with pytest.raises(Exception, match="odd") as failed:
            await client.chat(NAME, [])
        assert isinstance(failed.value, Exception)
        assert reason_of(failed.value) == "Ollama answered an error: odd"


async def test_nor_does_a_vector_that_did_not_come() -> None:
    """Nor does the reason why a text has no vector."""
    async with ollama_double(EMBEDDER) as double:
        double.fault(EMBEDDER, Fault("status", on="/api/embed", message=f'odd: "{SECRET}"'))
        calls = OllamaCalls(EmbeddingSpec(model=f"ollama:{EMBEDDER}"), double.url)
        with pytest.raises(CallFailed, match=r"^Ollama answered an error: odd$"):
            await calls.embed([SECRET])
        await calls.aclose()
