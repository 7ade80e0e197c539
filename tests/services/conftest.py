"""The servers that are tested here themselves."""

from tests.services.redis import own_redis, redis_server, redis_stack, valkey

__all__ = ["own_redis", "redis_server", "redis_stack", "valkey"]
