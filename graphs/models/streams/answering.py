"""One answer from its first sign of life to its proper end, the same for every provider."""

import contextlib
from collections.abc import Callable

from langchain_core.messages import AIMessageChunk

from graphs.models.chat import ModelFailed
from graphs.models.streams.meter import Meter
from graphs.models.streams.phases import Stream


async def answered(chunks: Stream, meter: Meter, is_last: Callable[[AIMessageChunk], bool]) -> Stream:
    """Pass on the chunks that hold something; raises `ModelFailed` at the end of what was no answer."""
    finished = spoken = False
    async with contextlib.aclosing(chunks):
        async for chunk in chunks:
            finished = finished or is_last(chunk)
            if not spoken and _speaks(chunk):
                spoken = True
                meter.spoke()
            if chunk.content or chunk.tool_call_chunks or chunk.usage_metadata or chunk.response_metadata:
                yield chunk
    if not finished:
        raise ModelFailed("the stream ended before the answer was complete")
    if not spoken:
        raise ModelFailed("the answer was empty")


def _speaks(chunk: AIMessageChunk) -> bool:
    return bool(chunk.tool_call_chunks or str(chunk.text).strip())
