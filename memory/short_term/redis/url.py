"""The address of a Redis server, read strictly: what is wrong is said in one line that quotes no secret."""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from memory.short_term.errors import RedisUrlRefused

Kind = Literal["server", "socket", "sentinel", "cluster"]

_SCHEMES: Final[dict[str, tuple[Kind, bool]]] = {
    "redis": ("server", False),
    "rediss": ("server", True),
    "unix": ("socket", False),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
_PORTS: Final = {"sentinel": 26379}
_DEFAULT_PORT: Final = 6379
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^:\[\]@,]+))(?::(.*))?")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, or its sentinels, or some of its cluster; and how to log in."""

    kind: Kind
    tls: bool
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    service: str = ""
    database: int = 0
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Say where it is, without the name and the password."""
        return f"Address({self.place!r})"

    @property
    def place(self) -> str:
        """What people may know the server by: the address without its name and password."""
        if self.kind == "socket":
            return f"unix://{self.path}"
        scheme = ("rediss" if self.tls else "redis") + ("" if self.kind == "server" else f"+{self.kind}")
        hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        service = f"/{self.service}" if self.service else ""
        return f"{scheme}://{hosts}{service}" + ("" if self.kind == "cluster" else f"/{self.database}")


def read_address(url: str) -> Address:
    """Return what an address says; raises `RedisUrlRefused`."""
    scheme, mark, _ = url.partition("://")
    if not mark or scheme.lower() not in _SCHEMES:
        raise _refused(f"it must begin with one of {', '.join(f'{name}://' for name in _SCHEMES)}")
    kind, tls = _SCHEMES[scheme.lower()]
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _refused("the brackets around its host do not match") from None
    if parts.fragment or (kind != "socket" and parts.query):
        raise _refused("it has a part after '?' or '#'; in a password these are written %3F and %23")
    login, _, places = parts.netloc.rpartition("@")
    username, password = _login(login)
    if kind == "socket":
        return _socket(parts.path, parts.query, username, password)
    hosts = tuple(_host(place, _PORTS.get(kind, _DEFAULT_PORT)) for place in places.split(","))
    if kind == "server" and len(hosts) > 1:
        raise _refused("it names several hosts: say redis+cluster:// or redis+sentinel://")
    service, database = _path(kind, parts.path)
    return Address(kind, tls, hosts, "", service, database, username, password)


def _login(login: str) -> tuple[str | None, str | None]:
    username, _, password = login.partition(":")
    return unquote(username) or None, unquote(password) or None


def _socket(path: str, query: str, username: str | None, password: str | None) -> Address:
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if asked.keys() - {"db"}:
        raise _refused("of a socket only the database can be said after '?', as in ?db=0")
    if not path.strip("/"):
        raise _refused("it names no socket: unix:///path/of/the/socket")
    database = _database(asked.get("db", "0"))
    return Address("socket", False, (), unquote(path), "", database, username, password)


def _host(place: str, port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(place)
    if found is None:
        raise _refused("it names no host; in a password '/' is written %2F and '@' %40")
    said = found[3]
    if said is not None and not (said.isdecimal() and said.isascii() and 0 < int(said) < 65536):
        raise _refused("its port is not a number from 1 to 65535; in a password '/' is written %2F")
    return str(found[1] or found[2]), int(said) if said else port


def _path(kind: Kind, path: str) -> tuple[str, int]:
    """Return the service's name, of sentinels, and the database."""
    parts = [unquote(part) for part in path.removeprefix("/").split("/")]
    service = parts.pop(0) if kind == "sentinel" else ""
    if kind == "sentinel" and not service:
        raise _refused("it names no service: redis+sentinel://host:port/service/database")
    if len(parts) > 1:
        raise _refused("it has more parts than a database after the host")
    database = _database(parts[0] if parts and parts[0] else "0")
    if kind == "cluster" and database:
        raise _refused("a cluster has only database 0")
    return service, database


def _database(said: str) -> int:
    if not (said.isdecimal() and said.isascii() and len(said) < 10):
        raise _refused("its database is not a number")
    return int(said)


def _refused(why: str) -> RedisUrlRefused:
    return RedisUrlRefused(f"the address of Redis cannot be used: {why}")
