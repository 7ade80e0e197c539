"""Routes: for each task, a chain of models to try in order (`models.yaml`).

`spec.py` says what can be set for one model, `chains.py` what a file gives for each task;
`reading.py` reads it, `checks.py` compares it with what is known at start.
"""

from graphs.models.routes.chains import DEFAULTS_OF, TASKS, Routes, Task
from graphs.models.routes.checks import contradicts, misspelt, refuse_abroad
from graphs.models.routes.errors import RoutesError
from graphs.models.routes.providers import PROVIDERS, Provider
from graphs.models.routes.reading import load_routes
from graphs.models.routes.spec import Budget, EmbeddingBudget, EmbeddingSpec, ModelSpec

__all__ = [
    "DEFAULTS_OF",
    "PROVIDERS",
    "TASKS",
    "Budget",
    "EmbeddingBudget",
    "EmbeddingSpec",
    "ModelSpec",
    "Provider",
    "Routes",
    "RoutesError",
    "Task",
    "contradicts",
    "load_routes",
    "misspelt",
    "refuse_abroad",
]
