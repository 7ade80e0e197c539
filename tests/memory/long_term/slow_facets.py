"""A shard that a test holds up in the middle of a search."""

from __future__ import annotations

import threading
from typing import Any

from qdrant_edge import EdgeShard


class SlowFacets:
    """A shard of which the first `facet` answers only once it may; everything else is the shard's own."""

    def __init__(self, shard: EdgeShard) -> None:
        self._shard = shard
        self.asked, self.may_answer = threading.Event(), threading.Event()

    def facet(self, request: Any) -> Any:
        """Answer with what was true when it was asked."""
        answer = self._shard.facet(request)
        self.asked.set()
        self.may_answer.wait(30)
        return answer

    def __getattr__(self, name: str) -> Any:
        """Everything else."""
        return getattr(self._shard, name)
