"""What Ollama says of its models (/api/tags, /api/ps, /api/show), and fetching one (/api/pull)."""

import hashlib
from collections.abc import Collection

from tests.ollama_double.chat import CREATED
from tests.ollama_double.script import Json
from tests.ollama_double.shelf import Model, Shelf, full_name
from tests.ollama_double.steps import Act, Step, document, stream

VERSION = "0.12.6"
_PARTS = 4  # progress lines of a download


def tags(shelf: Shelf) -> list[Step]:
    """Return the installed models."""
    models = [_entry(name, model) | {"modified_at": CREATED} for name, model in shelf.models().items()]
    return document({"models": models})


def running(shelf: Shelf) -> list[Step]:
    """Return the models in memory."""
    models = [
        _entry(name, model)
        | {"expires_at": model.expires_at, "size_vram": model.size if shelf.on_card(name) else 0}
        | {"context_length": model.context_length}
        for name, model in shelf.loaded().items()
    ]
    return document({"models": models})


def show(model: Model) -> list[Step]:
    """Return what is known of one model."""
    family = _family(model)
    return document(
        {
            "modelfile": f"FROM {model.name}",
            "parameters": "",
            "template": "{{ .Prompt }}",
            "details": _details(model),
            "model_info": {
                "general.architecture": family,
                f"{family}.context_length": model.context_length,
                f"{family}.embedding_length": model.dimension,
            },
            "capabilities": list(model.can()),
            "modified_at": CREATED,
        }
    )


def pull(shelf: Shelf, request: Json, pullable: Collection[str] | None) -> list[Step]:
    """Install a model, with a download's progress lines; one that the registry lacks ends on an error."""
    name = str(request.get("model") or request.get("name") or "")
    frames: list[Json] = [{"status": "pulling manifest"}]
    if pullable is not None and full_name(name) not in {full_name(one) for one in pullable}:
        return stream([*frames, {"error": "pull model manifest: file does not exist"}])
    model = shelf.get(name) or Model(name)
    digest = _digest(name)
    layer = {"status": f"pulling {digest[:12]}", "digest": f"sha256:{digest}", "total": model.size}
    frames += [layer | {"completed": model.size * part // _PARTS} for part in range(1, _PARTS + 1)]
    frames += [{"status": s} for s in ("verifying sha256 digest", "writing manifest", "success")]
    steps = stream(frames) if request.get("stream", True) else document(frames[-1])
    return [*steps, Act(lambda: shelf.install(model))]


def _entry(name: str, model: Model) -> Json:
    same = {"size": model.size, "digest": _digest(name), "details": _details(model)}
    return {"name": name, "model": name, **same}


def _details(model: Model) -> Json:
    family = _family(model)
    return {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": model.name.rpartition(":")[2].upper(),
        "quantization_level": "Q4_K_M",
    }


def _family(model: Model) -> str:
    if model.architecture is not None:
        return model.architecture
    if "embedding" not in model.can():
        return "llama"
    return "nomic-bert" if "nomic" in model.name else "bert"


def _digest(name: str) -> str:
    return hashlib.sha256(full_name(name).encode()).hexdigest()
