"""Whether a model is on its server."""

from graphs.models.checking.findings import Finding
from graphs.models.checking.names import nearly
from graphs.models.servers import OllamaServer, full_name


def present(server: OllamaServer, name: str) -> Finding:
    """Return whether `server` had a model when it was asked last."""
    shelf = server.shelf
    if not shelf.reachable:
        return Finding("installed", "failed", "unreachable", {"why": shelf.why})
    size = shelf.installed.get(full_name(name))
    if size is not None:
        return Finding("installed", "ok", "installed", {"size": size})
    near = nearly(name, shelf.installed)
    code = "not_installed_near" if near else "not_installed"
    return Finding("installed", "failed", code, {"name": name, "near": near})
