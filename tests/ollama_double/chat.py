"""POST /api/chat: the frames of an answer (https://github.com/ollama/ollama/blob/main/docs/api.md)."""

from dataclasses import dataclass, replace

from tests.ollama_double.answers import count_tokens, default_answer, pieces
from tests.ollama_double.script import Fault, Json, Reply, in_background
from tests.ollama_double.shelf import Model, Shelf
from tests.ollama_double.steps import Act, Step, document, error, stream

CREATED = "2025-01-01T00:00:00Z"  # the double has no clock: the same request gives the same bytes
_NANOSECONDS = 1_000_000_000
_LONGEST_LOOP = 2000  # words of a repetition that nothing stops
_LOOPED = "and then the same thing happened again "


@dataclass(frozen=True, slots=True)
class _Plan:
    """What will be said: the rule, its words, and the counts of the last frame."""

    model: str
    reply: Reply
    words: list[str]
    prompt_tokens: int
    load_seconds: float = 0.001


def chat(shelf: Shelf, model: Model, request: Json, fault: Fault | None) -> list[Step]:
    """Return the steps of an answer; without messages the model is loaded, or unloaded (`keep_alive` 0)."""
    can, streamed = model.can(), request.get("stream", True)
    if "completion" not in can:
        return error(400, f'"{model.name}" does not support chat')
    if request.get("tools") and "tools" not in can:
        return error(400, f"registry.ollama.ai/library/{model.name} does not support tools")
    name = str(request.get("model"))
    keep = request.get("keep_alive") not in (0, "0", "0s")
    num_gpu = (request.get("options") or {}).get("num_gpu")
    load = Act(lambda: shelf.load(model, keep=keep, num_gpu=num_gpu))
    if not request.get("messages") or (fault and fault.kind == "load_only"):
        reason = "load" if keep or fault else "unload"
        frame = _frame(name, "") | {"done": True, "done_reason": reason}
        return [load, *(stream([frame]) if streamed else document(frame))]
    plan = _plan(shelf, name, request, fault)
    frames = [*_frames(plan), _last(plan)]
    return [load, *(stream(frames, plan.reply.pause()) if streamed else document(_merged(frames)))]


def _plan(shelf: Shelf, name: str, request: Json, fault: Fault | None) -> _Plan:
    reply, options = shelf.next_reply(name, request), request.get("options") or {}
    words = pieces(_text(reply, request), reply.chunk)
    limit = options.get("num_predict") or -1
    if fault and fault.kind == "empty":
        reply, words = Reply(), []
    if fault and fault.kind == "repetition":
        limit = limit if limit > 0 else _LONGEST_LOOP
        reply, words = replace(reply, tool_calls=()), pieces(_LOOPED * limit, "words")
    if 0 < limit < len(words):
        reply, words = replace(reply, done_reason="length"), words[:limit]
    sent = count_tokens(request)
    seen = sent // 2 if fault and fault.kind == "prompt_cut" else min(sent, options.get("num_ctx") or 4096)
    plan = _Plan(name, reply, words, seen)
    return replace(plan, load_seconds=fault.seconds) if fault and fault.kind == "slow_load" else plan


def _text(reply: Reply, request: Json) -> str:
    if callable(reply.text):
        return reply.text(request)
    if reply.text is None:
        if in_background(request):
            return "{}"
        return "" if reply.tool_calls else default_answer(request)
    return reply.text


def _frames(plan: _Plan) -> list[Json]:
    thoughts = pieces(plan.reply.thinking, plan.reply.chunk)
    frames = [_frame(plan.model, "", thinking=thought) for thought in thoughts]
    frames += [_frame(plan.model, piece) for piece in plan.words]
    calls = [{"function": {"name": c.name, "arguments": dict(c.arguments)}} for c in plan.reply.tool_calls]
    return [*frames, _frame(plan.model, "", tool_calls=calls)] if calls else frames


def _frame(model: str, content: str, **more: object) -> Json:
    message = {"role": "assistant", "content": content, **more}
    return {"model": model, "created_at": CREATED, "message": message, "done": False}


def _last(plan: _Plan) -> Json:
    tokens = max(1, len(_frames(plan)))
    spoken = int(tokens * (plan.reply.pause() or 0.001) * _NANOSECONDS)
    read, loaded = plan.prompt_tokens * 100_000, int(plan.load_seconds * _NANOSECONDS)
    return _frame(plan.model, "") | {
        "done": True,
        "done_reason": plan.reply.done_reason,
        "total_duration": loaded + read + spoken,
        "load_duration": loaded,
        "prompt_eval_count": plan.prompt_tokens,
        "prompt_eval_duration": read,
        "eval_count": tokens,
        "eval_duration": spoken,
    }


def _merged(frames: list[Json]) -> Json:
    """Return the one object of an answer which is not streamed."""
    message: Json = {"role": "assistant", "content": "".join(f["message"]["content"] for f in frames)}
    if thinking := "".join(f["message"].get("thinking", "") for f in frames):
        message["thinking"] = thinking
    if calls := [call for f in frames for call in f["message"].get("tool_calls", [])]:
        message["tool_calls"] = calls
    return frames[-1] | {"message": message}
