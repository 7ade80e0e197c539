"""Threads of different users never meet in the checkpoints, whatever their ids."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from memory.short_term.keys import thread_key

IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text("a/%2F", max_size=6)


@given(IDS, IDS, IDS, IDS)
@example("a", "b/c", "a/b", "c")
@example("a/b", "c", "a%2Fb", "c")
@example("", "/a", "/", "a")
def test_different_threads_have_different_keys(user: str, thread: str, other: str, other_thread: str) -> None:
    """Slashes, percent signs and empty ids among them."""
    same = (user, thread) == (other, other_thread)
    assert (thread_key(user, thread) == thread_key(other, other_thread)) is same
