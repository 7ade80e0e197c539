"""Whose texts are still to be searched for names that became known: on disk, for work may be cut off."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Unlooked:
    """The users, in a small file; losing it costs a second look, never a fact."""

    file: Path
    _users: set[str] | None = field(default=None, init=False)

    async def users(self) -> set[str]:
        """Return them."""
        if self._users is None:
            self._users = await asyncio.to_thread(self._read)
        return set(self._users)

    async def add(self, user: str) -> None:
        """Note a user, before anything is put into the graph for them."""
        await self._keep(await self.users() | {user})

    async def remove(self, user: str) -> None:
        """Note that their texts were searched."""
        await self._keep(await self.users() - {user})

    async def _keep(self, users: set[str]) -> None:
        if users != self._users:
            self._users = users
            await asyncio.to_thread(self._write, sorted(users))

    def _read(self) -> set[str]:
        with contextlib.suppress(OSError, ValueError):
            return {str(user) for user in json.loads(self.file.read_text("utf-8"))}
        return set()

    def _write(self, users: list[str]) -> None:
        with contextlib.suppress(OSError):  # a full disk: names wait for the next document
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file.write_text(json.dumps(users), "utf-8")
