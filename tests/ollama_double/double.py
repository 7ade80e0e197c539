"""The double as a test holds it: a context manager around a server, its script and its journal."""

import asyncio
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from tests.ollama_double.journal import Journal, Received, State
from tests.ollama_double.listener import Listener
from tests.ollama_double.routes import Api
from tests.ollama_double.script import Fault, Reply
from tests.ollama_double.shelf import Model, Shelf

DEFAULT_MODEL = "llama3.1:8b"


class OllamaDouble:
    """A scripted Ollama on a loopback port (0: chosen by the system, then kept across `stop` and `start`).

    Models are names or `Model`s. The graphics card holds `capacity` of them (None: no card): loading one
    more unloads the one used least recently, unless the request asks for the processor (`num_gpu` 0). The
    script may change at any time, from any thread. As a context manager it starts and closes, and raises at
    the end what a callable of the script raised.
    """

    def __init__(
        self,
        *models: str | Model,
        port: int = 0,
        dimension: int = 768,
        pullable: Collection[str] | None = None,
        capacity: int | None = None,
    ) -> None:
        named = models or (DEFAULT_MODEL,)
        self._dimension = dimension
        self.shelf = Shelf((self._model(one) for one in named), capacity)
        self.journal = Journal()
        self.port = port
        self._api = Api(self.shelf, pullable)
        self._listener: Listener | None = None
        self._reserved: socket.socket | None = None
        self.problems: list[Exception] = []

    @property
    def url(self) -> str:
        """The address, such as `http://127.0.0.1:41234`; known once started."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before; nothing happens when it listens already.

        Raises:
            OSError: the port is taken.
        """
        if self._listener is not None:
            return
        if self._reserved is None and sys.platform == "linux":
            self._reserved = _reserve(self.port)
            self.port = self._reserved.getsockname()[1]
        bound = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.port = bound.getsockname()[1]
        self._listener = Listener(bound, self._api, self.journal)
        self._listener.problems = self.problems
        self._listener.start()

    def stop(self) -> None:
        """Close the port and every connection within a second; the next connections are refused."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        listener.stop()

    def close(self) -> None:
        """Stop, and give the port back to the system."""
        self.stop()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None

    def release(self) -> None:
        """Let every answer that hangs now go on as if nothing had happened."""
        if self._listener is not None:
            self._listener.release()

    def refuse_connections(self, calls: int) -> None:
        """Close the next connections as soon as they are accepted."""
        if self._listener is not None:
            self._listener.refusals = calls

    def reply(self, model: str, *replies: Reply) -> None:
        """Replace the reply rules of a model; none means the default answer."""
        self.shelf.reply(model, *replies)

    def fault(self, model: str, *faults: Fault) -> None:
        """Replace the faults of a model, used up in order; none means that all is well."""
        self.shelf.fault(model, *faults)

    def install(self, model: str | Model) -> None:
        """Install a model."""
        self.shelf.install(self._model(model))

    def remove(self, model: str) -> None:
        """Uninstall a model: it answers 404 from now on."""
        self.shelf.remove(model)

    def requests(
        self, path: str | None = None, *, model: str | None = None, in_background: bool = False
    ) -> list[Received]:
        """Return what was received so far, in order: what somebody waits for, or what is done beside it."""
        found = self.journal.requests(path, model=model)
        return [one for one in found if one.in_background == in_background]

    def embedded(self) -> Counter[str]:
        """Return how often each text was answered with vectors, right or wrong."""
        return self.shelf.embedded()

    def loads(self) -> Counter[str]:
        """Return how often each model was put in memory, by its full name."""
        return self.shelf.loads()

    async def wait_for(
        self, path: str | None, state: State | None = None, *, count: int = 1, within: float = 5.0
    ) -> list[Received]:
        """Wait until `count` requests of a path are in a state (None: received), and return them.

        Raises:
            TimeoutError: it did not happen `within` seconds.
        """
        return await asyncio.to_thread(self.journal.wait, path, state, count, within)

    def _model(self, model: str | Model) -> Model:
        return Model(model, dimension=self._dimension) if isinstance(model, str) else model

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()
        if self.problems and error is None:
            raise self.problems[0]


def _reserve(port: int) -> socket.socket:
    """Bind a port without listening, so that nobody takes it while the double is stopped.

    Linux lets a second socket bind and listen there, as both allow it with SO_REUSEADDR (socket(7)).
    """
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", port))
    except OSError:
        reserved.close()
        raise
    return reserved


@asynccontextmanager
async def ollama_double(
    *models: str | Model,
    port: int = 0,
    dimension: int = 768,
    pullable: Collection[str] | None = None,
    capacity: int | None = None,
) -> AsyncIterator[OllamaDouble]:
    """Run a double while the block runs; see `OllamaDouble`.

    Raises:
        OSError: the port is taken.
        Exception: what a callable of the script raised, at the end of a block that ended well.
    """
    double = OllamaDouble(*models, port=port, dimension=dimension, pullable=pullable, capacity=capacity)
    with double:  # starting and stopping take a few milliseconds of the test's loop
        yield double
