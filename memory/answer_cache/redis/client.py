"""The client of Redis that the cache of answers uses: short limits, nothing tried twice."""

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from memory.answer_cache.errors import AnswerCacheMisconfigured


def client_of(url: str, seconds: float) -> Redis:
    """Return a client that connects when it is first used, and waits for `seconds` each time.

    Raises `AnswerCacheMisconfigured` for an address that cannot be one.
    """
    try:
        return Redis.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            # By default a server may tell its clients to go to another one.
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
    except ValueError:
        raise AnswerCacheMisconfigured(
            "the address of Redis cannot be used: it is like redis://127.0.0.1:6379/0, rediss://… or unix://…"
        ) from None  # theirs may quote it, and with it a password


def command(client: Any, *parts: str) -> Any:  # noqa: ANN401  # redis-py types neither what it takes nor gives
    """Ask Redis for a command that redis-py has no method for."""
    return client.execute_command(*parts)
