"""The ledger: what each projection still has to do about each document and turn, and what it did.

Rows are only claimed and marked here; the work is done elsewhere. A claim lasts for a lease, then anyone may
take the row again, so a worker that died is no loss. Asking for the same work again while someone does it
raises the revision: the late result is then not recorded, and the row comes back to be claimed. The old claim
is kept until then, so that two workers are never busy with one subject.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive.batches import in_batches
from memory.archive.entities import Action, Kind, LedgerEntry, Projection, State
from memory.archive.tables import insert, ledger

_ENTRY: Final = [ledger.c[field.name] for field in fields(LedgerEntry)]
_KEY: Final = [ledger.c.user, ledger.c.kind, ledger.c.subject_id, ledger.c.projection]
_ORDER: Final = {"pending": 0, "partial": 1}


class LedgerRepository:
    """What the projections have to do; scoped by user wherever a user asks, by projection for the worker."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], datetime]) -> None:
        """Work inside the transaction of `connection`, with the time from `clock` (aware)."""
        self._connection = connection
        self._clock = clock

    @staticmethod
    def _of(user: str | None) -> ColumnElement[bool]:
        """Return the condition on the user; None, for who keeps the house, means everybody."""
        return ledger.c.user.is_not(None) if user is None else ledger.c.user == user

    @staticmethod
    def _row(entry: LedgerEntry) -> ColumnElement[bool]:
        return (
            (ledger.c.user == entry.user)
            & (ledger.c.kind == entry.kind)
            & (ledger.c.subject_id == entry.subject_id)
            & (ledger.c.projection == entry.projection)
        )

    async def enqueue(
        self, user: str, kind: Kind, subject_id: str, projection: Projection, action: Action = "project"
    ) -> None:
        """Ask for work, or ask for it again: pending, with a higher revision, whatever the row was."""
        asked = self._asked() | {"action": action}
        new = insert(self._connection, ledger).values(
            user=user,
            kind=kind,
            subject_id=subject_id,
            projection=projection,
            **(asked | {"revision": 1}),
        )
        await self._connection.execute(
            new.on_conflict_do_update(index_elements=[column.name for column in _KEY], set_=asked)
        )

    async def claim(
        self, projection: Projection, *, limit: int, lease_seconds: float, include_partial: bool = False
    ) -> list[LedgerEntry]:
        """Take up to `limit` rows to work on for `lease_seconds`: what to erase first, then the oldest.

        Pending rows that nobody holds, with `include_partial` the partial ones after them; never failed ones,
        which wait to be asked for again.
        """
        now = self._clock()
        states: list[State] = ["pending", "partial"] if include_partial else ["pending"]
        taken = await self._connection.execute(
            update(ledger)
            .where(tuple_(*_KEY).in_(self._free(projection, states, now).limit(max(0, limit))))
            .values(claimed_until=now + timedelta(seconds=lease_seconds), attempts=ledger.c.attempts + 1)
            .returning(*_ENTRY)
        )
        entries = [LedgerEntry(*row) for row in taken]
        # RETURNING promises no order.
        return sorted(entries, key=lambda e: (e.action, _ORDER[e.state], e.updated_at, e.subject_id))

    async def mark(self, entry: LedgerEntry, state: State, reason: str | None = None) -> bool:
        """Record what came of a claimed entry and give the claim back; an erasure that is done goes away.

        Returns False, and records nothing, when the work was asked for again or claimed by another since.
        """
        same = (ledger.c.revision == entry.revision) & (ledger.c.attempts == entry.attempts)
        if entry.action == "erase" and state == "done":
            gone = await self._connection.execute(delete(ledger).where(self._row(entry), same))
            applied = gone.rowcount > 0
        else:
            values = {"state": state, "reason": reason, "updated_at": self._clock(), "claimed_until": None}
            marked = await self._connection.execute(
                update(ledger).where(self._row(entry), same).values(**values)
            )
            applied = marked.rowcount > 0
        if not applied:
            await self._let_go(entry)
        return applied

    async def states(
        self, user: str, kind: Kind, subject_ids: Iterable[str]
    ) -> dict[str, dict[str, LedgerEntry]]:
        """Return subject → projection → entry, for the subjects that have any."""
        found: dict[str, dict[str, LedgerEntry]] = {}
        for batch in in_batches(subject_ids):
            query = select(*_ENTRY).where(
                self._of(user), ledger.c.kind == kind, ledger.c.subject_id.in_(batch)
            )
            for row in await self._connection.execute(query):
                entry = LedgerEntry(*row)
                found.setdefault(entry.subject_id, {})[entry.projection] = entry
        return found

    async def counts(self, user: str | None) -> dict[str, dict[str, int]]:
        """Return projection → state → how many rows, for a user or, with None, for everybody."""
        columns = (ledger.c.projection, ledger.c.state)
        query = select(*columns, func.count()).where(self._of(user)).group_by(*columns)
        found: dict[str, dict[str, int]] = {}
        for projection, state, number in await self._connection.execute(query):
            found.setdefault(projection, {})[state] = number
        return found

    async def requeue_all(self, user: str | None, projection: Projection) -> int:
        """Ask for all the work of a projection again, failures included, and return how many rows that is."""
        again = update(ledger).where(self._of(user), ledger.c.projection == projection)
        return (await self._connection.execute(again.values(**self._asked()))).rowcount

    async def release_all(self) -> int:
        """Drop every claim and return how many: for the one owner of the archive, when it starts."""
        held = update(ledger).where(ledger.c.claimed_until.is_not(None))
        return (await self._connection.execute(held.values(claimed_until=None))).rowcount

    def _asked(self) -> dict[str, Any]:
        """Return what a row becomes when its work is asked for; whoever holds it still does."""
        return {
            "state": "pending",
            "reason": None,
            "attempts": 0,
            "updated_at": self._clock(),
            "revision": ledger.c.revision + 1,
        }

    @staticmethod
    def _free(projection: Projection, states: list[State], now: datetime) -> Select[Any]:
        """Return the keys of the rows that may be taken, the first to be taken first."""
        unheld = ledger.c.claimed_until.is_(None) | (ledger.c.claimed_until <= now)
        order = (
            ledger.c.action,  # "erase" sorts before "project": what a person wants gone goes first
            case(_ORDER, value=ledger.c.state),
            ledger.c.updated_at,
            ledger.c.subject_id,
        )
        wanted = (ledger.c.projection == projection, ledger.c.state.in_(states), unheld)
        # SKIP LOCKED is for servers with several writers; SQLite has one, and leaves it out.
        return select(*_KEY).where(*wanted).order_by(*order).with_for_update(skip_locked=True)

    async def _let_go(self, entry: LedgerEntry) -> None:
        """End the claim of a worker that came too late, unless another has taken the row since."""
        newer = (ledger.c.revision > entry.revision) & (ledger.c.attempts == 0)
        await self._connection.execute(
            update(ledger).where(self._row(entry), newer).values(claimed_until=None)
        )
