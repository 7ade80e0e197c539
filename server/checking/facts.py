"""What is known of a model of the routes without asking it anything."""

from dataclasses import dataclass
from typing import Any

from graphs.models.chat import ChatModel
from graphs.models.checking.names import nearly
from graphs.models.servers import full_name
from server.checking.places import Spec, place_of, server_of
from server.composition import Services


@dataclass(frozen=True, slots=True)
class Facts:
    """None stands for what only its server would know."""

    model: str
    place: dict[str, Any]
    installed: bool | None = None
    loaded: bool | None = None
    size: int | None = None
    """In bytes, on disk."""
    near: str | None = None
    """What is installed under almost its name, when it is not."""
    unreachable: str | None = None
    """Why its server does not answer."""
    left_alone: str | None = None
    last_error: str | None = None


def facts(services: Services, spec: Spec, model: ChatModel | None = None) -> Facts:
    """Return the facts as of the last look at the servers; an embedder is no `model` of the router's."""
    left_alone = services.router.why_not(model) if model else None
    last_error = services.router.last_error(model.spec) or None if model else None
    place = place_of(services, spec)
    server = server_of(services, spec)
    if server is None:
        return Facts(spec.model, place, left_alone=left_alone, last_error=last_error)
    shelf = server.shelf
    if not shelf.reachable:
        why = shelf.why
        return Facts(spec.model, place, unreachable=why, left_alone=left_alone, last_error=last_error)
    size = shelf.installed.get(full_name(spec.name))
    return Facts(
        spec.model,
        place,
        installed=size is not None,
        loaded=server.is_loaded(spec.name),
        size=size,
        near=nearly(spec.name, shelf.installed),
        left_alone=left_alone,
        last_error=last_error,
    )
