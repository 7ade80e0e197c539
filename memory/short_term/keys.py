"""How a thread is named in the checkpoints: scoped by its user, so that equal ids never meet."""

from urllib.parse import quote


def thread_key(user: str, thread_id: str) -> str:
    """Return the checkpointer's `thread_id` of a user's thread."""
    return f"{quote(user, safe='')}/{thread_id}"
