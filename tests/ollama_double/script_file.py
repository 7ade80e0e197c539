"""Read a script from JSON: `{"models": {NAME: {"replies": […], "faults": […], "dimension": 768, …}}}`.

The keys are those of `Reply`, `Fault`, `ToolCall` and `Model`; `when` is a regular expression.
"""

import json
import re
from pathlib import Path
from typing import Any

from tests.ollama_double.script import Fault, Json, Reply, ScriptError, ToolCall
from tests.ollama_double.shelf import Model, Shelf


def load_script(path: Path, shelf: Shelf) -> None:
    """Install the models of a script file on the shelf, with their replies and faults.

    Raises:
        ScriptError: the file cannot be read, is not JSON, or holds what the double does not know.
    """
    try:
        models = json.loads(path.read_text(encoding="utf-8"))["models"]
        for name, parts in models.items():
            _install(name, dict(parts), shelf)
    except (OSError, UnicodeDecodeError) as problem:
        raise ScriptError(f"{path}: {problem}") from problem
    except json.JSONDecodeError as problem:
        raise ScriptError(f"{path}, line {problem.lineno}: {problem.msg}") from problem
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as problem:
        raise ScriptError(f"{path}: {problem}") from problem


def _install(name: str, parts: Json, shelf: Shelf) -> None:
    replies = [_reply(dict(one)) for one in parts.pop("replies", [])]
    faults = [Fault(**one) for one in parts.pop("faults", [])]
    if "capabilities" in parts:
        parts["capabilities"] = tuple(parts["capabilities"])
    shelf.install(Model(name, **parts))
    shelf.reply(name, *replies)
    shelf.fault(name, *faults)


def _reply(parts: dict[str, Any]) -> Reply:
    calls = tuple(ToolCall(**call) for call in parts.pop("tool_calls", []))
    if isinstance(when := parts.get("when"), str):
        parts["when"] = re.compile(when, re.IGNORECASE)  # a bad one is told now, not at the first call
    return Reply(tool_calls=calls, **parts)
