"""What LangGraph asks of every checkpointer, asked of each backend by LangGraph's own suite."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import validate
from langgraph.checkpoint.conformance.capabilities import ALL_CAPABILITIES
from langgraph.checkpoint.conformance.initializer import RegisteredCheckpointer

from memory.short_term.protocol import SessionStore


@pytest.mark.parametrize("capability", sorted(one.value for one in ALL_CAPABILITIES))
async def test_every_clause_of_a_capability_holds(sessions: SessionStore, capability: str) -> None:
    """Each backend has all capabilities, and no clause of any fails."""

    async def opened() -> AsyncGenerator[BaseCheckpointSaver[Any], None]:
        yield sessions.saver

    report = await validate(RegisteredCheckpointer("ours", opened), capabilities={capability})
    result = report.results[capability]
    assert result.detected
    assert result.failures == []
    assert result.tests_passed >= 5
