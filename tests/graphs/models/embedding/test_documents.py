"""Embedding documents: what is sent, what comes back, and what is never used."""

from __future__ import annotations

import asyncio
import math

import pytest

from graphs.models.embedding.calls import OllamaCalls
from graphs.models.embedding.ollama import OllamaEmbedder
from graphs.models.routes import EmbeddingSpec
from memory.long_term.embedding import cosine
from memory.long_term.errors import EmbedderUnavailable
from tests.graphs.models.embedding.conftest import NAME, Open
from tests.ollama_double import Fault, Model, OllamaDouble, Received, embed

EMBED = "/api/embed"


def sent(double: OllamaDouble) -> list[Received]:
    """The calls since the first contact, each with more than the canaries."""
    return [one for one in double.requests(EMBED) if len(one.json["input"]) > 3]


async def failure(embedder: OllamaEmbedder, *texts: str) -> str:
    """Why the texts have no vectors."""
    with pytest.raises(EmbedderUnavailable) as raised:
        await embedder.embed_documents(texts)
    return str(raised.value)


async def test_vectors_come_in_the_order_of_the_texts(embedder: OllamaEmbedder) -> None:
    """One for each, of length 1, whatever batch it travelled in."""
    texts = [f"crane number {number}" for number in range(100)]
    embedded = await embedder.embed_documents(texts)
    assert embedded.refused == {}
    for text, vector in zip(texts, embedded.vectors, strict=True):
        assert vector is not None
        assert math.isclose(math.hypot(*vector), 1, rel_tol=1e-5)
        assert cosine(vector, tuple(embed(f"search_document: {text}", 64))) > 0.999


async def test_the_space_is_learned_from_the_model(embedder: OllamaEmbedder) -> None:
    """Its dimension is what it gives, its prefixes what its family was trained with."""
    space = (await embedder.embed_documents(["text"])).space
    assert (space.model, space.dimension) == (f"ollama:{NAME}", 64)
    assert (space.query_prefix, space.document_prefix) == ("search_query: ", "search_document: ")
    assert embedder.languages == {"en"}
    assert await embedder.ping() == f"{NAME}, 64 dimensions"


async def test_the_server_knows_better_than_the_name(double: OllamaDouble, opened: Open) -> None:
    """Another architecture under the name: no prefixes; but what is set always wins."""
    double.install(Model(NAME, dimension=64, architecture="bert"))
    async with opened() as embedder, opened(query_prefix="Q: ", document_prefix="") as told:
        assert embedder.languages == {"en"}, "until it is asked, its name is all there is"
        space = (await embedder.embed_documents([])).space
        assert (space.query_prefix, space.document_prefix) == ("", "")
        assert embedder.languages == frozenset()
        assert (await told.embed_documents([])).space.query_prefix == "Q: "


@pytest.mark.parametrize("kind", ["status", "missing"])
async def test_without_more_to_go_on_the_name_is_believed(
    double: OllamaDouble, embedder: OllamaEmbedder, kind: str
) -> None:
    """A server that cannot say what its models are."""
    double.fault(NAME, Fault(kind, on="/api/show"))  # type: ignore[arg-type]  # one of its kinds
    assert (await embedder.embed_documents([])).space.query_prefix == "search_query: "


async def test_batches_have_their_size_and_travel_at_once(double: OllamaDouble, opened: Open) -> None:
    """So many texts between the canaries, two calls under way, never more."""
    async with opened(batch_size=10) as embedder:
        await embedder.embed_documents([])
        double.fault(NAME, Fault("hang_before_headers", on=EMBED, calls=2))
        working = asyncio.create_task(embedder.embed_documents([f"text {n}" for n in range(35)]))
        await double.wait_for(EMBED, "hanging", count=2)
        assert len(sent(double)) == 2
        double.release()
        assert len((await working).vectors) == 35
    assert sorted(len(one.json["input"]) for one in sent(double)) == [7, 12, 12, 12]


async def test_a_long_text_is_cut_and_travels_with_few_others(
    double: OllamaDouble, embedder: OllamaEmbedder
) -> None:
    """A call has a bounded length, however long the texts are."""
    await embedder.embed_documents(["word " * 20_000] * 10)
    assert max(sum(map(len, one.json["input"])) for one in sent(double)) < 100_000


async def test_a_dimension_that_is_set_is_asked_for(double: OllamaDouble, opened: Open) -> None:
    """Asked of the model; refused when it gives another."""
    async with opened(dimension=32) as embedder:
        assert (await embedder.embed_documents(["text"])).space.dimension == 32
        assert double.requests(EMBED)[-1].json["dimensions"] == 32
    double.fault(NAME, Fault("dimension", dimension=64))
    async with opened(dimension=32) as embedder:
        assert "vectors of 64 numbers" in await failure(embedder, "text")


async def test_a_passing_failure_is_nobodys_business(double: OllamaDouble, opened: Open) -> None:
    """Tried again until it works; every other call failing refuses no text."""
    double.fault(NAME, Fault("status", on=EMBED, every=2))
    async with opened(batch_size=10) as embedder:
        embedded = await embedder.embed_documents([f"text {n}" for n in range(200)])
    assert embedded.refused == {}
    assert None not in embedded.vectors


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", when="poison", on=EMBED), "the model runner has stopped unexpectedly"),
        (Fault("status", when="poison", on=EMBED, status=400, message="odd text"), "odd text"),
        (Fault("nan", when="poison"), "not"),
        (Fault("short", when="poison"), "vectors came for"),
    ],
)
async def test_one_text_that_cannot_be_embedded_is_found(
    double: OllamaDouble, embedder: OllamaEmbedder, fault: Fault, reason: str
) -> None:
    """The others get their vectors; it does not, and why is told by its place."""
    double.fault(NAME, fault)
    texts = [f"text {n}" for n in range(40)]
    texts[17] = "poison"
    embedded = await embedder.embed_documents(texts)
    assert list(embedded.refused) == [17]
    assert reason in embedded.refused[17]
    assert [place for place, vector in enumerate(embedded.vectors) if vector is None] == [17]


async def test_a_text_that_is_too_long_is_shortened(double: OllamaDouble, embedder: OllamaEmbedder) -> None:
    """Where the server does not cut it itself."""

    def too_long(request: dict[str, object]) -> bool:
        texts = request["input"]
        return isinstance(texts, list) and any(len(text) > 2000 for text in texts)

    message = "the input length exceeds the context length"
    double.fault(NAME, Fault("status", when=too_long, on=EMBED, status=400, message=message))
    embedded = await embedder.embed_documents(["short", "word " * 1000])
    assert embedded.refused == {}
    assert None not in embedded.vectors


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", on=EMBED), "the model runner has stopped unexpectedly"),
        (Fault("missing", on=EMBED), f"the model is not installed: ollama pull {NAME}"),
        (Fault("refuse", on=EMBED), "the connection broke"),
        (Fault("nan"), "not"),
        (Fault("short"), "vectors came for"),
    ],
)
async def test_when_everything_fails_no_text_is_blamed(
    double: OllamaDouble, embedder: OllamaEmbedder, fault: Fault, reason: str
) -> None:
    """Then it is the model that does not answer: one error, with the reason in words."""
    await embedder.embed_documents([])
    double.fault(NAME, fault)
    assert reason in await failure(embedder, "one", "two", "three")


async def test_a_server_that_is_gone_and_back(double: OllamaDouble, embedder: OllamaEmbedder) -> None:
    """Refused while it is gone, even before it was ever met; it answers when it is back."""
    double.stop()
    assert await failure(embedder, "text") == "connection refused"
    double.start()
    assert (await embedder.embed_documents(["text"])).refused == {}
    double.stop()
    assert await failure(embedder, "text") == "connection refused"
    double.start()
    assert (await embedder.embed_documents(["text"])).refused == {}


async def test_an_answer_that_does_not_come_is_given_up(double: OllamaDouble, opened: Open) -> None:
    """Within the budget of a call, and a few attempts."""
    async with opened(answer=0.2) as embedder:
        await embedder.embed_documents([])
        double.fault(NAME, Fault("hang_before_headers", on=EMBED))
        assert await failure(embedder, "text") == "no answer within 0.2 s"


async def test_vectors_in_another_order_are_never_used(
    double: OllamaDouble, embedder: OllamaEmbedder
) -> None:
    """Noticed at the call itself; the space stays, for it is the same model."""
    before = (await embedder.embed_documents([])).space
    double.fault(NAME, Fault("reordered", calls=1))
    assert "another order" in await failure(embedder, "one", "two")
    after = (await embedder.embed_documents(["one", "two"])).space
    assert before.difference(after) is None


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Model(NAME, dimension=32), "dimension 32 instead of 64"),
        (Model(NAME, dimension=64, seed=7), "another model under the same name"),
    ],
)
async def test_a_model_replaced_under_its_name_is_noticed(
    double: OllamaDouble, embedder: OllamaEmbedder, model: Model, reason: str
) -> None:
    """At the next call, of which nothing is used; from then on the space is that of the new one."""
    before = (await embedder.embed_documents(["text"])).space
    double.install(model)
    assert reason in await failure(embedder, "text")
    after = (await embedder.embed_documents(["text"])).space
    assert embedder.space == after
    assert reason in (before.difference(after) or "")


async def test_the_model_has_its_next_call_before_an_answer_is_read(double: OllamaDouble) -> None:
    """Reading takes milliseconds: whoever waited for the answer to arrive has sent by then."""
    calls = OllamaCalls(EmbeddingSpec(), double.url)
    arrived = asyncio.Event()

    async def following() -> None:
        await arrived.wait()
        await calls.embed(["second"])

    task = asyncio.create_task(following())
    await calls.embed(["first"], arrived.set)
    double.journal.wait(EMBED, None, 2, 5.0)  # blocks the loop: nothing is sent from here on
    await task
    await calls.aclose()


async def test_cancelled_it_hangs_up(double: OllamaDouble, embedder: OllamaEmbedder) -> None:
    """Whoever gives up leaves no call behind."""
    await embedder.embed_documents([])
    double.fault(NAME, Fault("hang_before_headers", on=EMBED))
    working = asyncio.create_task(embedder.embed_documents(["text"] * 100))
    await double.wait_for(EMBED, "hanging", count=2)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    await double.wait_for(EMBED, "client_closed", count=2)
