"""A graphics card with room for one model: it is the chat model that stays there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from graphs.models.embedding.ollama import OllamaEmbedder, open_embedder
from graphs.models.router import Router
from graphs.models.routes import EmbeddingSpec
from memory.long_term.embedding import cosine
from tests.graphs.agent.home import BIG, router_of, routes_file
from tests.graphs.models.embedding.conftest import NAME
from tests.ollama_double import Model, OllamaDouble, ollama_double

FULL = f"{NAME}:latest"


@dataclass(frozen=True)
class Machine:
    """A chat model, an embedding model, and the router that looks after them."""

    double: OllamaDouble
    router: Router
    embedder: OllamaEmbedder

    async def chat(self) -> None:
        """Ask the chat model something, as a turn does."""
        [model] = self.router.chain("chat")
        assert [chunk async for chunk in model.stream([HumanMessage("Hello")], ())]
        self.router.worked(model)

    async def embed(self, text: str = "text") -> None:
        """Embed a document."""
        assert (await self.embedder.embed_documents([text])).refused == {}

    def loads(self) -> tuple[int, int]:
        """How often the chat model and the embedding model were put in memory."""
        loads = self.double.loads()
        return loads[BIG], loads[FULL]


@asynccontextmanager
async def machine(
    folder: Path, capacity: int, chat: Model | None = None, **settings: str
) -> AsyncIterator[Machine]:
    """A machine whose graphics card holds so many models; `settings` are those of the chat model."""
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    async with (
        ollama_double(chat or BIG, NAME, dimension=64, capacity=capacity) as double,
        router_of(routes_file(folder, BIG, each={BIG: more}), double) as router,
        open_embedder(EmbeddingSpec(), double.url) as embedder,
    ):
        router.on_displaced(double.url, embedder.give_way)
        yield Machine(double, router, embedder)


@pytest.mark.parametrize("seen", [True, False], ids=["seen in memory", "known by its answer"])
async def test_with_room_for_one_the_chat_model_stays(tmp_path: Path, seen: bool) -> None:
    """It is pushed out once; then the embedding model goes to the processor, and nothing is loaded again.

    That it was in memory is known from a look, or from its having answered since.
    """
    async with machine(tmp_path, 1) as at:
        await at.router.tend()
        await at.chat()
        if seen:
            await at.router.tend()
        await at.embed()
        assert not at.embedder.gives_way
        await at.router.tend()
        assert at.embedder.gives_way
        await at.embed()
        await at.chat()
        assert at.loads() == (2, 2)
        for number in range(3):
            await at.embed(f"text {number}")
            await at.embedder.embed_question(f"Who is {number}?")
            await at.chat()
            await at.router.tend()
        assert at.loads() == (2, 2)
        assert at.double.requests("/api/embed")[-1].options["num_gpu"] == 0


async def test_with_room_for_two_nothing_changes(tmp_path: Path) -> None:
    """Each is loaded once, and the embedding model stays on the card."""
    async with machine(tmp_path, 2) as at:
        for _ in range(3):
            await at.chat()
            await at.embed()
            await at.router.tend()
        assert at.loads() == (1, 1)
        assert not at.embedder.gives_way
        assert at.double.requests("/api/embed")[-1].options["num_gpu"] is None


async def test_a_model_whose_time_was_over_was_not_pushed_out(tmp_path: Path) -> None:
    """It left by itself: the graphics card may well hold both."""
    async with machine(tmp_path, 1, Model(BIG, expires_at="2020-01-01T00:00:00Z")) as at:
        at.double.install(Model(NAME, dimension=64, expires_at="2020-01-01T00:00:00Z"))
        await at.chat()
        await at.router.tend()
        await at.embed()
        await at.router.tend()
        assert not at.embedder.gives_way


@pytest.mark.parametrize(("keep_alive", "gives_way"), [("30m", True), ("-1", True), ("5s", False)])
async def test_what_the_routes_say_of_its_time_counts(
    tmp_path: Path, keep_alive: str, gives_way: bool
) -> None:
    """Who lets a chat model go after seconds does not miss it."""
    async with machine(tmp_path, 1, keep_alive=keep_alive) as at:
        await at.chat()
        await at.embed()
        await at.router.tend()
        assert at.embedder.gives_way is gives_way


async def test_what_another_program_pushed_out_is_not_laid_to_the_embedding_model(tmp_path: Path) -> None:
    """Both were in memory at the last look: so they fit."""
    async with machine(tmp_path, 2) as at:
        at.double.install("somebody-elses:70b")
        await at.chat()
        await at.embed()
        await at.router.tend()
        await at.embed()
        at.double.shelf.load(Model("somebody-elses:70b"))
        assert BIG not in at.double.shelf.loaded()
        await at.router.tend()
        assert not at.embedder.gives_way


async def test_an_embedding_model_that_is_not_on_the_card_pushes_nothing_off_it(tmp_path: Path) -> None:
    """It would help nobody if it went to the processor, where it is."""
    async with machine(tmp_path, 1) as at:
        await at.chat()
        await at.router.tend()
        at.double.shelf.load(Model(NAME, dimension=64), num_gpu=0)
        at.double.shelf.load(Model(BIG), keep=False)
        await at.router.tend()
        assert not at.embedder.gives_way


async def test_a_server_that_was_away_says_nothing_of_memory(tmp_path: Path) -> None:
    """Started again, Ollama has nothing in memory: nobody pushed the chat model out."""
    async with machine(tmp_path, 1) as at:
        await at.chat()
        await at.router.tend()
        await at.chat()
        at.double.stop()
        await at.router.tend()
        at.double.start()
        for name in at.double.shelf.loaded():
            at.double.shelf.load(Model(name), keep=False)
        await at.embed()
        await at.router.tend()
        assert not at.embedder.gives_way


async def test_on_the_processor_it_is_the_same_model(tmp_path: Path) -> None:
    """Its vectors differ by rounding: the space stays, and nothing is made again."""
    async with machine(tmp_path, 1) as at:
        before = await at.embedder.embed_documents(["The crane is green."])
        at.embedder.give_way()
        assert at.double.shelf.on_card(NAME)
        after = await at.embedder.embed_documents(["The crane is green."])
        assert not at.double.shelf.on_card(NAME)
        assert after.space is before.space
        [one], [other] = before.vectors, after.vectors
        assert one is not None and other is not None
        assert one != other
        assert cosine(one, other) > 0.999
        space, _ = await at.embedder.embed_question("Which crane?")
        assert space is before.space


async def test_what_the_routes_say_of_the_card_is_not_changed(tmp_path: Path) -> None:
    """Who set `num_gpu` has decided; `keep_alive` is sent as seconds."""
    async with (
        ollama_double(NAME, dimension=64) as double,
        open_embedder(EmbeddingSpec(num_gpu=20, keep_alive="1h30m"), double.url) as embedder,
    ):
        await embedder.embed_documents(["text"])
        embedder.give_way()
        assert not embedder.gives_way
        await embedder.embed_documents(["text"])
        last = double.requests("/api/embed")[-1]
        assert (last.options["num_gpu"], last.json["keep_alive"]) == (20, 5400)


async def test_a_look_knows_better_than_the_last_answer(tmp_path: Path) -> None:
    """A model that was pushed out after its answer has to be loaded: it gets the time for that."""
    async with machine(tmp_path, 1) as at:
        [model] = at.router.chain("chat")
        await at.chat()
        assert at.router.is_loaded(model)
        await at.embed()
        await at.router.tend()
        assert not at.router.is_loaded(model)
