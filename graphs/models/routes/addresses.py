"""Addresses of servers of models: which are usable, and which stay on this machine."""

import ipaddress
from urllib.parse import urlsplit


def http_url(value: str) -> str:
    """Return the address without a slash at its end.

    Raises ValueError, which never quotes it: it may hold a password.
    """
    url = value.strip().rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ValueError("is not an address: write http:// or https:// and a host")
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and url.isprintable() and " " not in url and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("is not an address: write one such as http://127.0.0.1:11434")
    return url


def host_of(url: str) -> str:
    """Return the host of an address, in small letters; empty when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback(url: str) -> bool:
    """Tell whether an address is of this machine."""
    host = host_of(url)
    try:
        return host == "localhost" or ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False
