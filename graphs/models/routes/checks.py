"""The routes against what is known at start. Pure: the caller asks Ollama, the environment and the index."""

import re
from collections.abc import Callable, Collection

from graphs.models.routes.addresses import host_of
from graphs.models.routes.chains import Routes
from graphs.models.routes.errors import RoutesError, refusal
from graphs.models.routes.providers import OLLAMA, PROVIDERS
from graphs.models.routes.spec import TAKES_AN_ADDRESS, ModelSpec

_NUMBER = re.compile(r"\d+(\.\d+)*")


def refuse_abroad(
    routes: Routes,
    *,
    offline: bool,
    has_key: Callable[[str], bool],
    installed_package: Callable[[str], bool],
    ollama_url: str = "",
) -> None:
    """Refuse models that would send what is said abroad while `offline`, or that lack what they need.

    `has_key` is asked for environment variables, `installed_package` for distributions (`langchain-openai`).
    A server on the host of `ollama_url` was chosen in the settings, so it is never abroad.

    Raises:
        RoutesError: the first such model, with its place and what to do.
    """
    for task, index, spec in routes.entries():
        place = routes.place(task, index, "model")
        if offline and not stays_home(spec, ollama_url):
            raise _abroad(place, spec)
        if spec.provider != OLLAMA:
            _refuse_unready(place, spec, has_key, installed_package)


def stays_home(spec: ModelSpec, ollama_url: str) -> bool:
    """Tell whether what is said to a model reaches only this machine and the configured Ollama."""
    if spec.local:
        return True
    # Others' clients are not known to go where `base_url` says, and nowhere else.
    trusted = spec.provider in TAKES_AN_ADDRESS and not spec.hosted
    return trusted and bool(spec.base_url) and host_of(spec.base_url or "") == host_of(ollama_url)


def misspelt(routes: Routes, installed: Collection[str]) -> RoutesError | None:
    """Return the error for the first model of the file that Ollama has under almost that name only.

    Names that differ in numbers only (`qwen3:4b` and `qwen3:8b`, `llama3.1` and `llama3.2`) are choices.
    """
    held = sorted({_full(name) for name in installed})
    for place, name in _asked_of_ollama(routes):
        close = [other for other in held if _like(_full(name), other)]
        if close and _full(name) not in held:
            meant = min(close, key=lambda other: _distance(_full(name), other)).removesuffix(":latest")
            instead = f"write {OLLAMA}:{meant}, or install it with `ollama pull {name}`"
            return refusal(place, f"{OLLAMA}:{name} is not installed, but {OLLAMA}:{meant} is", instead)
    return None


def contradicts(routes: Routes, held_dimension: int | None) -> RoutesError | None:
    """Return the error for a dimension that is not the one of the vectors that the index holds."""
    asked = routes.embedding.dimension if routes.embedding else None
    if asked is None or held_dimension in (None, asked):
        return None
    wrong = f"embedding.dimension is {asked}, but the index holds vectors of {held_dimension}"
    place = routes.place("embedding", key="dimension")
    return refusal(
        place,
        wrong,
        f"write {held_dimension}, or run `souvenir documents rebuild` to have the index made with {asked}",
    )


def _abroad(place: str, spec: ModelSpec) -> RoutesError:
    there = "ollama.com" if spec.hosted else host_of(spec.base_url or "") or "its provider"
    wrong = f"{spec.model} would send what you say to {there}, and SOUVENIR_OFFLINE is on"
    return refusal(place, wrong, "remove it, or set SOUVENIR_OFFLINE=false")


def _refuse_unready(
    place: str, spec: ModelSpec, has_key: Callable[[str], bool], installed_package: Callable[[str], bool]
) -> None:
    provider = PROVIDERS[spec.provider]
    if not installed_package(provider.package):
        wrong = f"{spec.model} needs {provider.package}, which is not installed"
        raise refusal(place, wrong, f"run `{provider.install}`")
    if provider.keys and not spec.local and not any(map(has_key, provider.keys)):
        raise refusal(place, f"{spec.model} needs a key", f"set {provider.keys[0]} in the environment")


def _asked_of_ollama(routes: Routes) -> list[tuple[str, str]]:
    """Return the place and name of each model that the file wants of the configured Ollama."""
    asked = [
        (routes.place(task, index, "model"), spec.name)
        for task, index, spec in routes.entries()
        if spec.provider == OLLAMA and spec.base_url is None and routes.line(task, index)
    ]
    if routes.embedding and routes.line("embedding", key="model"):
        asked.append((routes.place("embedding", key="model"), routes.embedding.name))
    return asked


def _full(name: str) -> str:
    """Return a name with its tag: the last part of it may have one, the registry's port is none."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _like(name: str, other: str) -> bool:
    """Tell whether one name is a slip of the other: at most two letters, and one in a very short name."""
    short = len(min(name, other, key=len).partition(":")[0]) < 5
    return _NUMBER.sub("", name) != _NUMBER.sub("", other) and _distance(name, other) <= (1 if short else 2)


def _distance(one: str, other: str) -> int:
    """Return how many letters must be put in, left out or changed (Levenshtein)."""
    row = list(range(len(other) + 1))
    for line, letter in enumerate(one, 1):
        above, row[0] = row[0], line
        for column, against in enumerate(other, 1):
            above, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, above + (letter != against)),
            )
    return row[-1]
