"""One life of the server: a thread with its own event loop, from a bound socket until it is stopped."""

import asyncio
import contextlib
import socket
import threading

from tests.ollama_double.journal import Journal, State
from tests.ollama_double.routes import Api
from tests.ollama_double.steps import error
from tests.ollama_double.wire import BadRequestError, Request, play, read_request

_STOP_SECONDS = 1.0


class Listener:
    """Serves the API on a listening socket, which it owns, until `stop`, whatever the test does to its loop.

    `problems` holds what went wrong inside the script itself (a callable that raised); the client saw a 500.
    """

    def __init__(self, bound: socket.socket, api: Api, journal: Journal) -> None:
        self.api, self.journal = api, journal
        self.problems: list[Exception] = []
        self.refusals = 0  # connections still to be closed as soon as they are accepted
        self.released = asyncio.Event()
        self._socket = bound
        self._ready, self._stopping = threading.Event(), asyncio.Event()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), name="ollama-double")
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Start the thread; the socket is served when this returns."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Close every connection and join the thread.

        Raises:
            TimeoutError: the thread did not end within a second.
        """
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            raise TimeoutError(f"{self._thread.name} still runs {_STOP_SECONDS} s after its stop")

    def release(self) -> None:
        """Let every answer that hangs now go on."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self.released.set()
        self.released = asyncio.Event()  # the next hang is a new one

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._accept, sock=self._socket)
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task, writer in self._connections.items():
            task.cancel()
            writer.transport.abort()  # a client that does not read would keep a mere close waiting
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusals > 0:
            self.refusals -= 1
            writer.transport.abort()
            return
        # asyncio leaves it off for accepted sockets, which do not name their protocol: 40 ms per answer
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.get_running_loop().create_task(Connection(self, reader, writer).serve())
        self._connections[task] = writer
        task.add_done_callback(self._connections.pop)


class Connection:
    """One client: its requests one after the other, and its leaving noticed at any moment."""

    def __init__(self, owner: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._owner, self._reader, self._writer = owner, reader, writer
        self._spare = b""  # the first byte of the next request, read while watching the client
        self._number: int | None = None
        self.lines = 0

    async def serve(self) -> None:
        """Answer until the client leaves, a fault closes the connection or the double stops."""
        try:
            while request := await read_request(self._reader, self._spare):
                self._spare, self.lines = b"", 0
                self._number = self._owner.journal.open(request.method, request.path, request.body)
                state = await self._answer(request)
                self.mark(state)
                if state != "finished":
                    break
        except BadRequestError as problem:
            self._number = None  # not a request that the journal could hold
            with contextlib.suppress(ConnectionError):
                await play(error(400, str(problem)), self._writer, self)
        finally:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def hang(self) -> None:
        """Wait for the test; the journal says `hanging` meanwhile."""
        released = self._owner.released
        self.mark("hanging")
        await released.wait()
        self.mark("open")

    async def _answer(self, request: Request) -> State:
        playing = asyncio.create_task(self._play(request))
        leaving = asyncio.create_task(self._watch())
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return playing.result() if playing.done() else "client_closed"
        except asyncio.CancelledError:
            self.mark("stopped")
            raise
        finally:
            playing.cancel()
            leaving.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)

    async def _play(self, request: Request) -> State:
        try:
            steps = self._owner.api.answer(request.method, request.path, request.body)
        except Exception as problem:  # a callable of the test may raise anything: told to the test at its end
            self._owner.problems.append(problem)
            steps = error(500, f"the script of the double failed: {problem!r}")
        try:
            return await play(steps, self._writer, self)
        except ConnectionError:
            return "client_closed"

    async def _watch(self) -> None:
        """Return when the client leaves."""
        with contextlib.suppress(ConnectionError):
            self._spare = await self._reader.read(1)
            if self._spare:  # it sent its next request early, and cannot be watched any more
                await asyncio.Event().wait()

    def mark(self, state: State) -> None:
        """Write down in the journal how the request does."""
        if self._number is not None:
            self._owner.journal.mark(self._number, state, self.lines)
