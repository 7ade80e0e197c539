"""Put on PYTHONPATH, this is imported by every Python before anything else: it writes down all sockets.

An audit hook (PEP 578) sees what any library asks of `socket`, before it is done, and cannot be removed.
One line for each in the file that `SOUVENIR_TEST_SOCKETS` names: process, event, address.
"""

import json
import os
import sys

WITH_SOCKET = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})
NAMES = ("getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")
WATCHED = WITH_SOCKET | {f"socket.{name}" for name in NAMES}


def _open() -> int:
    return os.open(os.environ["SOUVENIR_TEST_SOCKETS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _watch() -> None:
    log = _open()
    busy = False

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal busy
        if event in WATCHED and not busy:
            busy = True
            address = arguments[1 if event in WITH_SOCKET else 0]
            os.write(log, f"{json.dumps([os.getpid(), event, address], default=str)}\n".encode())
            busy = False

    sys.addaudithook(hook)


_watch()
