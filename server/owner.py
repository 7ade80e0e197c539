"""The owner rule: one process owns a data folder, the others are its clients.

The owner holds a lock on the folder and writes its address and a token to `owner.json` there
(readable by its user only); `server.connecting` is how the others find it.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from memory.archive import failures
from server.settings import Settings

Kind = Literal["serve", "command", "studio"]


class FolderBusy(Exception):
    """The folder is owned by a process that one cannot speak to; the message is one line for people."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the folder, and how to reach it (`url` is empty for Studio)."""

    kind: Kind
    url: str
    token: str
    pid: int


def new_token() -> str:
    """Return a fresh owner token."""
    return secrets.token_urlsafe(32)


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    """Hold the folder's lock; the system frees it when the process dies, however it dies.

    Raises `FolderBusy` when another process holds it, `ArchiveReadOnly` or `ArchiveFull` where nothing
    can be written.
    """
    folder = settings.data_dir
    lock = FileLock(folder / "owner.lock", timeout=0, mode=0o600)
    umask = os.umask(0o077)  # every file made while the folder is held is for this account alone
    try:
        with failures.named(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout:
                raise busy(settings) from None
        try:
            yield
        finally:
            _owner_file(folder).unlink(missing_ok=True)
            lock.release()
    finally:
        os.umask(umask)


def announce(folder: Path, owner: Owner) -> None:
    """Write `owner.json` at once and wholly, for this user's eyes only."""
    draft = folder / f"owner.{owner.pid}.tmp"
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib opens no descriptors
        json.dump(asdict(owner), file)
    draft.replace(_owner_file(folder))


def find_owner(folder: Path) -> Owner | None:
    """Return who says to own the folder; it may be dead."""
    try:
        return Owner(**json.loads(_owner_file(folder).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


async def is_live(owner: Owner) -> bool:
    """Tell whether the owner answers, and is the one that wrote the file."""
    import httpx

    headers = {"Authorization": f"Bearer {owner.token}"}
    try:
        async with httpx.AsyncClient(base_url=owner.url, trust_env=False, timeout=2.0) as client:
            return (await client.get("/v1/owner", headers=headers)).status_code == 200
    except httpx.HTTPError:
        return False


def _owner_file(folder: Path) -> Path:
    return folder / "owner.json"


_STUDIO = {
    "en": "LangGraph Studio is using this memory{who}: stop it first, "
    "or set SOUVENIR_DATA_DIR to another folder.",
    "fr": "LangGraph Studio utilise cette mémoire{who} : arrêtez-le d'abord, "
    "ou donnez un autre dossier par SOUVENIR_DATA_DIR.",
}
_RUNNING = {
    "en": "Souvenir already runs on this memory{who}: use it, stop it, "
    "or set SOUVENIR_DATA_DIR to another folder.",
    "fr": "Souvenir tourne déjà sur cette mémoire{who} : utilisez-le, arrêtez-le, "
    "ou donnez un autre dossier par SOUVENIR_DATA_DIR.",
}


def busy(settings: Settings) -> FolderBusy:
    """Return the error that says who owns the folder and what to do."""
    owner = find_owner(settings.data_dir)
    if owner is None:
        return FolderBusy(_RUNNING[settings.lang].format(who=""))
    place = f", {owner.url}" if owner.url else ""
    lines = _STUDIO if owner.kind == "studio" else _RUNNING
    return FolderBusy(lines[settings.lang].format(who=f" (process {owner.pid}{place})"))
