"""The routes against what is really there, when the server starts: what Ollama has, what the index holds."""

from graphs.models.routes import contradicts, misspelt
from server.composition import Services


async def check_routes(services: Services) -> None:
    """Refuse a model whose name is a slip of an installed one, and a dimension that the index has not.

    An Ollama that does not answer refuses nothing: Souvenir starts without it. Commands are not checked, so
    that `souvenir documents rebuild` can still change the dimension. Raises `RoutesError`.
    """
    shelf = await services.router.servers[services.settings.ollama_url].look()
    if shelf.reachable and (slip := misspelt(services.routes, shelf.installed)):
        raise slip
    held = services.index.space
    if contradiction := contradicts(services.routes, held.dimension if held else None):
        raise contradiction
