"""Embedding a question: at once, whatever else is embedded, and never by another model unnoticed."""

from __future__ import annotations

import asyncio
import time

import pytest

from graphs.models.embedding.ollama import VERIFIED_SECONDS, OllamaEmbedder
from graphs.models.routes import EmbeddingSpec
from memory.long_term.embedding import cosine
from memory.long_term.errors import EmbedderUnavailable
from tests.graphs.models.embedding.conftest import NAME, Open
from tests.ollama_double import Fault, Model, OllamaDouble, embed

EMBED = "/api/embed"


class Watch:
    """A clock of seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


async def test_a_question_has_its_own_prefix(embedder: OllamaEmbedder) -> None:
    """What is looked for is not embedded as what is found."""
    space, vector = await embedder.embed_question("Who pilots the ship?")
    assert cosine(vector, tuple(embed("search_query: Who pilots the ship?", 64))) > 0.999
    assert space == embedder.space


async def test_a_question_asked_again_costs_nothing(double: OllamaDouble, embedder: OllamaEmbedder) -> None:
    """It is remembered, and answered even while the model is away."""
    first = await embedder.embed_question("Who?")
    calls = len(double.requests(EMBED))
    double.stop()
    assert await embedder.embed_question("Who?") == first
    double.start()
    assert len(double.requests(EMBED)) == calls


async def test_a_question_does_not_wait_behind_documents(double: OllamaDouble, opened: Open) -> None:
    """Two batches hang, hundreds wait: the question has its answer."""
    async with opened() as embedder:
        await embedder.embed_documents([])
        double.fault(NAME, Fault("hang_before_headers", when="crane", on=EMBED))
        documents = asyncio.create_task(embedder.embed_documents(["crane"] * 5000))
        await double.wait_for(EMBED, "hanging", count=2)
        async with asyncio.timeout(10):
            await embedder.embed_question("Who?")
        documents.cancel()
        with pytest.raises(asyncio.CancelledError):
            await documents


async def test_after_a_refused_connection_questions_fail_fast(
    double: OllamaDouble, embedder: OllamaEmbedder
) -> None:
    """Not every turn pays for trying; documents, in the background, find out when it is back."""
    double.stop()
    with pytest.raises(EmbedderUnavailable, match="connection refused"):
        await embedder.embed_question("Who?")
    started = time.monotonic()
    with pytest.raises(EmbedderUnavailable, match="connection refused"):
        await embedder.embed_question("Who?")
    assert time.monotonic() - started < 0.05
    double.start()
    await embedder.embed_documents(["text"])
    await embedder.embed_question("Who?")


async def test_giving_up_on_a_question_ends_cleanly(double: OllamaDouble, opened: Open) -> None:
    """The deadline is the caller's; the first contact goes on, for the next question to find it made."""
    async with opened() as embedder:
        double.fault(NAME, Fault("hang_before_headers", on=EMBED, calls=1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await embedder.embed_question("Who?")
        double.release()
        await embedder.embed_question("Who?")
        double.fault(NAME, Fault("hang_before_headers", on=EMBED, calls=1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await embedder.embed_question("What?")
        await double.wait_for(EMBED, "client_closed")


@pytest.mark.parametrize("model", [Model(NAME, dimension=32), Model(NAME, dimension=64, seed=3)])
async def test_a_model_replaced_is_noticed_by_questions_too(double: OllamaDouble, model: Model) -> None:
    """At once by its dimension; else once the last proof is half a minute old."""
    watch = Watch()
    embedder = OllamaEmbedder(EmbeddingSpec(), double.url, monotonic=watch)
    before, _ = await embedder.embed_question("Who?")
    double.install(model)
    watch.now += VERIFIED_SECONDS + 1
    with pytest.raises(EmbedderUnavailable, match=r"instead of|another model"):
        await embedder.embed_question("What?")
    after, _ = await embedder.embed_question("Who?")
    assert before.difference(after), "what was remembered of the old model is forgotten"
    await embedder.aclose()


async def test_a_failure_that_passes_is_not_noticed(double: OllamaDouble, embedder: OllamaEmbedder) -> None:
    """One bad answer, and the question is asked again."""
    await embedder.embed_documents([])
    double.fault(NAME, Fault("status", on=EMBED, calls=1))
    await embedder.embed_question("Who?")
