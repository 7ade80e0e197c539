"""POST /api/embed: vectors that depend on the words, and what can be wrong with them."""

import math
import time

from tests.ollama_double.answers import count_tokens
from tests.ollama_double.script import Fault, Json
from tests.ollama_double.shelf import Model, Shelf
from tests.ollama_double.steps import Act, Pause, Step, document, error
from tests.ollama_double.vectors import embed

_DIGITS = 4
"""The processor rounds otherwise than the graphics card."""


def embeddings(shelf: Shelf, model: Model, request: Json, fault: Fault | None) -> list[Step]:
    """Return the vectors of the texts, in their order but for a fault.

    A NaN is written as the word `NaN`, which is not JSON but which Python reads.
    """
    begun = time.monotonic()
    given = request.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return error(400, "invalid input type")
    keep = request.get("keep_alive") not in (0, "0", "0s")
    asked = request.get("dimensions") or model.dimension
    wrong = fault is not None and fault.kind == "dimension"
    dimension = (fault.dimension or asked - 1) if fault and wrong else asked
    num_gpu = (request.get("options") or {}).get("num_gpu")
    vectors = [embed(text, dimension, model.seed) for text in texts]
    if num_gpu == 0:
        vectors = [[round(number, _DIGITS) for number in vector] for vector in vectors]
    answer = {
        "model": request.get("model"),
        "embeddings": _harmed(vectors, fault),
        "total_duration": 2_000_000,
        "load_duration": 1_000_000,
        "prompt_eval_count": count_tokens(request),
    }
    steps = document(answer)
    left = max(0.0, model.embed_seconds - (time.monotonic() - begun))
    load = Act(lambda: shelf.load(model, keep=keep, num_gpu=num_gpu))
    return [load, Pause(left), Act(lambda: shelf.embed(texts)), *steps]


def _harmed(vectors: list[list[float]], fault: Fault | None) -> list[list[float]]:
    if fault and fault.kind == "short":
        return vectors[:-1]
    if fault and fault.kind == "reordered":
        return vectors[::-1]
    if fault and fault.kind == "nan":
        return [[math.nan, *vector[1:]] for vector in vectors]
    return vectors
