"""Reaching a Redis server, its sentinels or its cluster: when it is needed, and never for long."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError

from memory.short_term.redis.hashes import Client, Hashes
from memory.short_term.redis.saver import RedisSaver
from memory.short_term.redis.store import RedisSessions
from memory.short_term.redis.url import Address, read_address

CONNECT_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 2.0
CONNECTIONS: Final = 64
"""The most that are open at once; who wants another waits, as long as for an answer."""
_CHECK_SECONDS: Final = 30
"""A connection that was idle for longer is asked whether it lives before it is used."""


@asynccontextmanager
async def open_redis(
    url: str,
    *,
    ttl_seconds: float | None,
    connect_seconds: float = CONNECT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
    connections: int = CONNECTIONS,
) -> AsyncIterator[RedisSessions]:
    """Give the sessions on a server, which need not run yet: it is connected to when it is first asked.

    Raises `RedisUrlRefused`.
    """
    address = read_address(url)
    async with AsyncExitStack() as stack:
        options = _options(address, connect_seconds, answer_seconds)
        client = _client(address, options, connections, stack)
        stack.push_async_callback(client.aclose)
        yield RedisSessions(RedisSaver(Hashes(client, address.place, ttl_seconds)))


def _options(address: Address, connect_seconds: float, answer_seconds: float) -> dict[str, Any]:
    return {
        "username": address.username,
        "password": address.password,
        "socket_connect_timeout": connect_seconds,
        "socket_timeout": answer_seconds,
        "health_check_interval": _CHECK_SECONDS,
        # Once more at most, for a connection that went stale: whatever is written can be written twice.
        # Not where no answer came in time: the client asks again at every step, and these times multiply.
        "retry": Retry(NoBackoff(), 1, (ConnectionError,)),
        "protocol": 2,
        "decode_responses": False,
    }


def _client(address: Address, options: dict[str, Any], connections: int, stack: AsyncExitStack) -> Client:
    if address.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in address.hosts]
        return RedisCluster(
            startup_nodes=nodes,
            ssl=address.tls,
            max_connections=connections,
            **options,
        )
    options["db"] = address.database
    if address.kind == "sentinel":
        return _by_sentinels(address, options, connections, stack)
    pool = BlockingConnectionPool(
        max_connections=connections, timeout=options["socket_timeout"], **_place(address), **options
    )
    return Redis.from_pool(pool)


def _place(address: Address) -> dict[str, Any]:
    if address.kind == "socket":
        return {"connection_class": UnixDomainSocketConnection, "path": address.path}
    [(host, port)] = address.hosts
    return {"connection_class": SSLConnection if address.tls else Connection, "host": host, "port": port}


def _by_sentinels(
    address: Address, options: dict[str, Any], connections: int, stack: AsyncExitStack
) -> Client:
    timeouts = {name: value for name, value in options.items() if name.startswith("socket_")}
    asking = {**timeouts, "retry": Retry(NoBackoff(), 0), "protocol": 2, "ssl": address.tls}
    sentinels = Sentinel(list(address.hosts), sentinel_kwargs=asking)  # type: ignore[no-untyped-call]  # the library has no types here
    for one in sentinels.sentinels:
        stack.push_async_callback(one.aclose)
    master: Client = sentinels.master_for(
        address.service, ssl=address.tls, max_connections=connections, **options
    )
    return master
