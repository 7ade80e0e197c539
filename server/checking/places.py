"""Where the models of the routes are."""

from typing import Any, Final
from urllib.parse import urlsplit

from graphs.models.routes import EmbeddingSpec, ModelSpec
from graphs.models.routes.addresses import is_loopback
from graphs.models.servers import OllamaServer
from server.composition import Services
from server.logs import masked

OLLAMA: Final = "ollama"
Spec = ModelSpec | EmbeddingSpec


def url_of(services: Services, spec: Spec) -> str:
    """Return the address of a model's server; empty for one that only its provider knows."""
    if isinstance(spec, EmbeddingSpec):
        return services.settings.ollama_url
    return spec.base_url or (services.settings.ollama_url if spec.provider == OLLAMA else "")


def server_of(services: Services, spec: Spec) -> OllamaServer | None:
    """Return the Ollama that has a model; None for a model of another kind."""
    return services.router.servers.get(url_of(services, spec)) if on_ollama(spec) else None


def on_ollama(spec: Spec) -> bool:
    """Tell whether a model runs under Ollama."""
    return isinstance(spec, EmbeddingSpec) or spec.provider == OLLAMA


def place_of(services: Services, spec: Spec) -> dict[str, Any]:
    """Return where what is said to a model goes: this machine, a host, or a provider; with its name.

    `own_url`: the routes give it an address of its own.
    """
    own_url = isinstance(spec, ModelSpec) and spec.base_url is not None
    if isinstance(spec, ModelSpec) and spec.hosted:
        return {"kind": "provider", "name": "ollama.com", "own_url": own_url}
    url = url_of(services, spec)
    if not url:
        return {"kind": "provider", "name": spec.model.partition(":")[0], "own_url": own_url}
    name = urlsplit(url).netloc.rpartition("@")[2]
    return {"kind": "machine" if is_loopback(url) else "host", "name": name, "own_url": own_url}


def key_of(services: Services, spec: Spec) -> tuple[str, str]:
    """Return what makes two entries of the routes the same model."""
    return spec.model, url_of(services, spec)


def entries_by_model(services: Services) -> dict[tuple[str, str], list[tuple[str, int, ModelSpec]]]:
    """Return the entries of the routes, each under its task, gathered by model, in the order of the file."""
    found: dict[tuple[str, str], list[tuple[str, int, ModelSpec]]] = {}
    for task, index, spec in services.routes.entries():
        found.setdefault(key_of(services, spec), []).append((task, index, spec))
    return found


def specs(services: Services) -> list[Spec]:
    """Return each model of the routes once, the embedder last."""
    chat: list[Spec] = [entries[0][2] for entries in entries_by_model(services).values()]
    return [*chat, services.routes.embedding] if services.routes.embedding else chat


def silent(services: Services, wanted: list[Spec]) -> OllamaServer | None:
    """Return an Ollama that does not answer, when none of those that have these models does."""
    if not all(map(on_ollama, wanted)):
        return None
    servers = [server for spec in wanted if (server := server_of(services, spec))]
    return None if any(server.shelf.reachable for server in servers) else next(iter(servers), None)


def shown(url: str) -> str:
    """Return an address without its password."""
    return masked(url)
