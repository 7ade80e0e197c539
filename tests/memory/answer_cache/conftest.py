"""The servers that the cache of answers is tested on."""

from tests.services.redis import own_redis, redis_server, redis_stack, valkey

__all__ = ["own_redis", "redis_server", "redis_stack", "valkey"]
