"""What happens to a test whose server cannot be run."""

from __future__ import annotations

import pytest

from tests.services.missing import Missing, give_up


def test_it_is_skipped_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """On somebody's own machine."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no `redis-server`"):
        give_up(Missing("no `redis-server` on the PATH"))


def test_it_fails_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    """There everything is installed: a skipped test would go unnoticed."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no `redis-server`"):
        give_up(Missing("no `redis-server` on the PATH"))
