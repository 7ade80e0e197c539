"""A scripted Ollama behind a real loopback socket, for tests and for trying Souvenir without a model.

    async with ollama_double("llama3.1:8b", "nomic-embed-text") as double:
        double.reply("llama3.1:8b", Reply(when="invoice", text="It is due on Friday [1]."))
        double.fault("llama3.1:8b", Fault("cut_mid_stream", calls=1))
        ...  # let the client talk to double.url
        assert double.requests("/api/chat")[-1].options["num_ctx"] == 8192

From a shell: `python -m tests.ollama_double --port 11500 --model llama3.1:8b --script script.json`.
"""

from tests.ollama_double.answers import UNKNOWN, count_tokens, default_answer
from tests.ollama_double.double import DEFAULT_MODEL, OllamaDouble, ollama_double
from tests.ollama_double.journal import Received, State
from tests.ollama_double.script import Fault, FaultKind, Reply, ScriptError, ToolCall
from tests.ollama_double.shelf import Model
from tests.ollama_double.vectors import embed

__all__ = [
    "DEFAULT_MODEL",
    "UNKNOWN",
    "Fault",
    "FaultKind",
    "Model",
    "OllamaDouble",
    "Received",
    "Reply",
    "ScriptError",
    "State",
    "ToolCall",
    "count_tokens",
    "default_answer",
    "embed",
    "ollama_double",
]
