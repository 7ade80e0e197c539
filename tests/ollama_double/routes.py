"""Which answer a request gets: the paths of Ollama's API that the `ollama` client uses."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tests.ollama_double.catalogue import VERSION, pull, running, show, tags
from tests.ollama_double.chat import chat
from tests.ollama_double.embeddings import embeddings
from tests.ollama_double.script import CHAT, EMBED, PULL, SHOW, Fault, Json
from tests.ollama_double.shelf import Shelf
from tests.ollama_double.steps import Step, document, error, instead, not_found, spoil


@dataclass(frozen=True, slots=True)
class Api:
    """The API over a shelf of models; `pullable` None means that the registry has every model."""

    shelf: Shelf
    pullable: Collection[str] | None = None

    def answer(self, method: str, path: str, body: Any) -> list[Step]:
        """Return the steps of the answer to a request, with the fault that strikes it."""
        if method in ("GET", "HEAD"):
            return self._get(path) if method == "GET" else self._get(path)[:1]
        if method != "POST" or path not in (CHAT, EMBED, PULL, SHOW):
            return document("404 page not found", 404, "text/plain")
        if not isinstance(body, dict):
            return error(400, "invalid JSON in the request")
        name = str(body.get("model") or body.get("name") or "")
        if not name:
            return error(400, "model is required")
        fault = self.shelf.next_fault(name, path, body)
        if fault and (steps := instead(fault, name)):
            return steps
        steps = self._post(path, name, body, fault)
        return spoil(steps, fault) if fault else steps

    def _get(self, path: str) -> list[Step]:
        if path == "/":
            return document("Ollama is running", 200, "text/plain; charset=utf-8")
        if path == "/api/version":
            return document({"version": VERSION})
        if path == "/api/tags":
            return tags(self.shelf)
        if path == "/api/ps":
            return running(self.shelf)
        return document("404 page not found", 404, "text/plain")

    def _post(self, path: str, name: str, body: Json, fault: Fault | None) -> list[Step]:
        if path == PULL:
            return pull(self.shelf, body, self.pullable)
        if (model := self.shelf.get(name)) is None:
            return not_found(name)
        if path == SHOW:
            return show(model)
        return (chat if path == CHAT else embeddings)(self.shelf, model, body, fault)
