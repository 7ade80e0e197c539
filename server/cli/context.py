"""What the commands need from the rest of Souvenir, passed in by construction.

Everything heavy is imported when it is first called, so that `souvenir --help` stays quick.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from server.cli.errors import CliError

if TYPE_CHECKING:
    from server.settings import Settings

Progress = Callable[[int, int], None]  # (done, total)


class Address(Protocol):
    """Where a live owner of the data folder listens, and the token that proves we may ask."""

    @property
    def base_url(self) -> str:
        """The root of the API, like `http://127.0.0.1:8000`."""

    @property
    def token(self) -> str:
        """The owner's token; never shown."""


class Evaluate(Protocol):
    """The evaluation of retrieval, on a store of its own."""

    def __call__(
        self, settings: Settings, documents: Path, questions: Path, run: Path | None, progress: Progress
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        """Measure, and return the object of the contract."""


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    """Hold the data folder's lock, with its engines closed.

    Raises:
        CliError: somebody else holds it.
    """
    from memory.archive.errors import ArchiveError
    from server import owner

    try:
        with owner.hold(settings):
            yield
    except owner.FolderBusy as error:
        raise CliError(str(error)) from error
    except ArchiveError as error:
        raise CliError(error.say(settings.lang)) from error


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Address]:
    """Reach the owner of the data folder, or own it for the time being.

    Raises:
        CliError: somebody holds the folder without serving it, or the memory in it cannot be opened.
    """
    from server import connecting

    try:
        async with connecting.connect(settings) as connection:
            yield connection
    except CliError:
        raise
    except (
        Exception
    ) as error:  # Broad because the names are costly to import; what is not among them goes on.
        from server.startup import STARTUP_ERRORS, startup_line

        if not isinstance(error, STARTUP_ERRORS):
            raise
        raise CliError(startup_line(error, settings)) from error


def load_settings(**overrides: object) -> Settings:
    """Read the settings; what is None is left to the environment.

    Raises:
        CliError: a setting cannot be used.
    """
    from server import settings

    try:
        return settings.load_settings(
            **{name: value for name, value in overrides.items() if value is not None}
        )
    except settings.SettingsError as error:
        raise CliError(str(error)) from error


def serve(settings: Settings) -> int | None:
    """Run the server until it is stopped; the exit code, if it has one to give."""
    from server.serve import run

    return run(settings)


async def evaluate(
    settings: Settings, documents: Path, questions: Path, run: Path | None, progress: Progress
) -> dict[str, Any]:
    """Measure retrieval (see `server.evaluation`).

    Raises:
        CliError: a file is not what it should be, or the embedder stopped on the way.
    """
    from graphs.models.routes import RoutesError
    from memory.long_term.errors import EmbedderUnavailable
    from server.evaluation import EvaluationError, evaluate_retrieval

    try:
        return await evaluate_retrieval(settings, documents, questions, run, progress)
    except (EvaluationError, RoutesError, EmbedderUnavailable) as error:
        raise CliError(str(error)) from error


@dataclass(frozen=True)
class CliContext:
    """The doors that the commands go through; tests pass their own."""

    connect: Callable[[Settings], AbstractAsyncContextManager[Address]] = connect
    hold: Callable[[Settings], AbstractContextManager[None]] = hold
    load_settings: Callable[..., Settings] = load_settings
    serve: Callable[[Settings], int | None] = serve
    evaluate: Evaluate = evaluate
