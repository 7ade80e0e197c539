"""One call to Ollama's embedding API, and every way for it to fail, told apart by what to do next."""

import asyncio
import math
from collections.abc import Callable, Sequence
from contextvars import ContextVar

import httpx
import ollama
import orjson
from langchain_ollama import OllamaEmbeddings

from graphs.models.embedding.vectors import Unusable, unit_vectors
from graphs.models.routes import EmbeddingSpec
from graphs.models.routes.spec import keep_seconds
from graphs.models.streams.failures import inert_error
from graphs.models.transport import Trouble, transport, trouble_of
from memory.long_term.embedding import Vector

_STEPS_TO_SEND = 3
"""Rounds of the loop in which who gets the slot is woken, makes its request, and writes it."""


class CallFailed(Exception):
    """A call gave no vectors; the message is the reason, in words for people."""

    def __init__(self, reason: str, *, again: bool, alive: bool) -> None:
        super().__init__(reason)
        self.again = again
        """The same call may succeed later."""
        self.alive = alive
        """The model is there: it may be the fault of these very texts."""


def _nothing() -> None:
    """Nobody waits for the answer to arrive."""


_ARRIVED: ContextVar[Callable[[], None]] = ContextVar("arrived", default=_nothing)


class OllamaCalls:
    """The embedding API of one model, through `OllamaEmbeddings`."""

    def __init__(self, spec: EmbeddingSpec, base_url: str) -> None:
        """Connect to nothing yet."""
        self._name = spec.name
        self._budget = spec.budget
        timeout = httpx.Timeout(spec.budget.answer + 1, connect=spec.budget.connect, pool=spec.budget.answer)
        self._model = OllamaEmbeddings(
            model=spec.name,
            base_url=base_url,
            dimensions=spec.dimension,
            num_gpu=spec.num_gpu,
            keep_alive=_whole_seconds(spec.keep_alive),
            client_kwargs={"timeout": timeout, "trust_env": False},
            async_client_kwargs={
                "transport": transport(base_url),
                "event_hooks": {"response": [_read_fast]},
            },
        )

    def leave_the_card(self) -> None:
        """Ask for the processor from the next call on: Ollama then takes the model off the graphics card."""
        self._model.num_gpu = 0

    async def embed(self, texts: Sequence[str], arrived: Callable[[], None] = _nothing) -> list[Vector]:
        """Return the texts' vectors, of length 1 and of one dimension; raises `CallFailed`.

        `arrived` is called when the answer is here and only remains to be read.
        """
        _ARRIVED.set(arrived)
        try:
            async with asyncio.timeout(self._budget.answer):
                answer = await self._model.aembed_documents(list(texts))
            return unit_vectors(answer, len(texts))
        except Exception as error:  # told apart, and raised again, in one place
            raise self._named(error) from error

    async def architecture(self) -> str | None:
        """Return what the server says of the model's architecture; None when it does not say.

        Raises `CallFailed` when the server is not there or may say it later.
        """
        client = self._model._async_client
        assert client is not None  # made with the model
        try:
            async with asyncio.timeout(self._budget.answer):
                info = (await client.show(self._name)).modelinfo or {}
        except Exception as error:  # as above
            failure = self._named(error)
            if failure.again:
                raise failure from error
            return None
        if named := info.get("general.architecture"):
            return str(named)
        lengths = (key for key in info if key.endswith(".embedding_length"))
        return next((key.removesuffix(".embedding_length") for key in lengths), None)

    async def aclose(self) -> None:
        """Close the connections kept for the next call; `OllamaEmbeddings` has no way of its own to do it."""
        assert self._model._client is not None
        assert self._model._async_client is not None
        with self._model._client:
            async with self._model._async_client:
                pass

    def _named(self, error: Exception) -> CallFailed:
        match trouble_of(error):
            case Trouble.NO_CONNECTION:
                return CallFailed(f"no connection within {self._budget.connect:g} s", again=True, alive=False)
            case Trouble.LATE:
                return CallFailed(f"no answer within {self._budget.answer:g} s", again=True, alive=True)
            case Trouble.REFUSED:
                return CallFailed("connection refused", again=True, alive=False)
            case Trouble.BROKEN:
                return CallFailed("the connection broke", again=True, alive=True)
        match error:
            case ollama.ResponseError():
                return self._refusal(error)
            case Unusable():
                return CallFailed(str(error), again=True, alive=True)
            case ValueError() | TypeError() | KeyError():  # not JSON, or none of the right shape
                return CallFailed("the answer was not understood", again=True, alive=True)
        raise error

    def _refusal(self, error: ollama.ResponseError) -> CallFailed:
        said = inert_error(str(error.error)) or f"status {error.status_code}"
        if error.status_code == 404 and said.startswith("model"):
            reason = f"the model is not installed: ollama pull {self._name}"
            return CallFailed(reason, again=False, alive=False)
        later = error.status_code >= 500 or error.status_code == 429
        return CallFailed(f"Ollama answered an error: {said}", again=later, alive=True)


def _whole_seconds(keep_alive: str | int | None) -> int | None:
    """Return what `OllamaEmbeddings` takes; a part of a second is a whole one, since 0 means at once."""
    if keep_alive is None:
        return None
    seconds = keep_seconds(keep_alive)
    return math.ceil(seconds) if seconds > 0 else math.floor(seconds)


async def _read_fast(response: httpx.Response) -> None:
    """Have the answer read by orjson: it is half a megabyte of digits, and everything waits meanwhile.

    Whoever waited for this answer to arrive sends first: the model then works while it is read.
    """
    await response.aread()
    _ARRIVED.get()()
    for _ in range(_STEPS_TO_SEND):
        await asyncio.sleep(0)
    response.json = lambda **_: orjson.loads(response.content)  # type: ignore[method-assign]  # httpx has no other door for a reader of one's own
