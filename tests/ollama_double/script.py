"""What a test tells the double to do: replies, tool calls and faults, as frozen values.

The same values are read from a JSON file by `tests.ollama_double.script_file`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Json = dict[str, Any]
"""A decoded JSON object: the body of a request, or a frame of an answer."""

When = str | re.Pattern[str] | Callable[[Json], bool] | None
"""A regular expression for the last user message (case ignored), or a test on the request; None: always."""

TransportFault = Literal[
    "refuse",  # the connection is reset once the request is read, without a byte of answer
    "status",  # an HTTP error (`status`, 500 by default) with Ollama's error JSON
    "missing",  # 404, as for a model which is not installed
    "slow_load",  # `seconds` pass before the headers, then all is well
    "hang_before_headers",
    "hang_before_first_token",  # headers, then nothing
    "hang_mid_stream",  # `after` lines, then nothing
    "cut_mid_stream",  # `after` lines, then the connection is closed
    "no_done",  # all but the last line, and a proper end of the HTTP body
    "garbage",  # `after` lines, a line that is not JSON, then the rest
    "error_line",  # `after` lines, an {"error": …} line, and a proper end of the HTTP body
]
"""Faults that any path can have; for an answer which is not streamed, `after` counts for nothing."""

ChatFault = Literal[
    "load_only",  # one frame: no content, done_reason "load"
    "empty",  # one frame: no content, done_reason "stop"
    "repetition",  # the same sentence for ever (until num_predict, or 2000 words), done_reason "length"
    "prompt_cut",  # a normal answer of which prompt_eval_count is half of what was sent
]

EmbedFault = Literal[
    "dimension",  # vectors of `dimension` numbers, one fewer than asked by default
    "nan",  # the first number of every vector is NaN
    "short",  # one vector fewer than texts
    "reordered",  # the vectors in reverse
]

FaultKind = TransportFault | ChatFault | EmbedFault
CHAT, EMBED, PULL, SHOW = "/api/chat", "/api/embed", "/api/pull", "/api/show"


class ScriptError(ValueError):
    """A script that the double cannot play; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answers to the requests that match; the first rule that matches wins.

    `text` None means the default answer (the first passage, cited), or nothing beside tool calls.
    `after_tools` True: only when the last message is a tool's result; False: only when it is not; None: both,
    except that a reply with tool calls then waits for a person's message, so that it cannot loop.
    `calls` is how many requests the rule serves before it is used up. Delays are in seconds;
    `tokens_per_second`, when given, decides `delay_between`. `thinking` is streamed before the text.
    """

    text: str | Callable[[Json], str] | None = None
    when: When = None
    tool_calls: Sequence[ToolCall] = ()
    thinking: str = ""
    after_tools: bool | None = None
    delay_between: float = 0.0
    tokens_per_second: float | None = None
    chunk: Literal["words", "characters", "whole"] = "words"
    done_reason: str = "stop"
    calls: int | None = None
    in_background: bool = False
    """It serves what is asked in the background (reading documents for the graph), and nothing else."""

    def pause(self) -> float:
        """Return the seconds between two pieces."""
        return 1.0 / self.tokens_per_second if self.tokens_per_second else self.delay_between

    def matches(self, request: Json) -> bool:
        """Tell whether this rule serves the request."""
        if self.in_background != in_background(request):
            return False
        wanted = False if self.after_tools is None and self.tool_calls else self.after_tools
        has_results = (request.get("messages") or [{}])[-1].get("role") == "tool"
        return wanted in (None, has_results) and met(self.when, request)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong for one model on one path.

    `calls`: how many times it strikes before all is normal again (None: until cleared). `every`: it strikes
    each `every`-th matching request only. `on` None means the path where the kind belongs (`/api/chat` for
    those of any path). `after` counts the lines let through before a fault in the middle of a stream.
    `seconds` is for `slow_load`, `status` and `message` for the errors.
    """

    kind: FaultKind
    calls: int | None = None
    every: int = 1
    on: str | None = None
    when: When = None
    after: int = 2
    seconds: float = 1.0
    status: int = 500
    message: str = "the model runner has stopped unexpectedly"
    dimension: int | None = None

    def path(self) -> str:
        """Return the path on which this fault strikes.

        Raises:
            ScriptError: the kind is unknown or cannot happen on that path.
        """
        homes = dict.fromkeys(get_args(TransportFault), "")
        homes |= dict.fromkeys(get_args(ChatFault), CHAT) | dict.fromkeys(get_args(EmbedFault), EMBED)
        if self.kind not in homes:
            raise ScriptError(f"unknown fault {self.kind!r}")
        if (home := homes[self.kind]) and self.on not in (None, home):
            raise ScriptError(f"{self.kind} happens on {home} only, not on {self.on}")
        if self.every < 1 or self.after < 0:
            raise ScriptError(f"{self.kind}: `every` starts at 1 and `after` at 0")
        return home or self.on or CHAT


def in_background(request: Json) -> bool:
    """Tell whether nobody waits for the answer: a document is being read for the knowledge graph."""
    schema = request.get("format")
    return isinstance(schema, dict) and schema.get("title") == "Said"


def question(request: Json) -> str:
    """Return the last user message of a chat request, or the texts of an embedding request."""
    if "input" in request:
        texts = request["input"]
        return texts if isinstance(texts, str) else "\n".join(texts)
    messages = request.get("messages") or []
    return next((str(m.get("content") or "") for m in reversed(messages) if m.get("role") == "user"), "")


def met(when: When, request: Json) -> bool:
    """Tell whether a request meets the condition of a rule."""
    if when is None:
        return True
    if callable(when):
        return when(request)
    pattern = when if isinstance(when, re.Pattern) else re.compile(when, re.IGNORECASE)
    return pattern.search(question(request)) is not None
