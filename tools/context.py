"""What belongs to one run of the agent: who asks, on which thread."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnContext:
    """Facts of a run, JSON-safe. Without a user, nothing is read and nothing is done."""

    user: str = ""
    thread_id: str = ""
    notes: tuple[dict[str, str], ...] = ()
    """What was degraded before the turn began: `component` and `reason` of each."""
    effect_key: str = ""
    """In a tool: the key under which to do what cannot be undone (`tools.effects`)."""


class NoUser(Exception):
    """A run came without a user: it is refused."""


def require_user(context: TurnContext | None) -> str:
    """Return the run's user; raises `NoUser` when there is none."""
    if context is None or not context.user:
        raise NoUser("this run has no user: start it through Souvenir, or set `user` in its context")
    return context.user
