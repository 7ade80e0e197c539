"""The ledger: what each projection still has to do about each document and turn, and what it did.

Rows are only claimed and marked here; the work is done elsewhere. A claim lasts for a lease, then anyone may
take the row again, so a worker that died is no loss. Asking for the same work again while someone does it
raises the revision: the late result is then not recorded, and the row comes back to be claimed. The old claim
is kept until then, so that two workers are never busy with one subject.

A partial row may rest: what it lacks cannot be had, and nobody takes it until it is asked for again.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    Update,
    bindparam,
    case,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive.batches import in_batches
from memory.archive.entities import Action, Kind, LedgerEntry, Projection, State
from memory.archive.ledger_asking import ENTRY, KEY, RESTING, STILL_CLAIMED, asked_again, enqueueing, until
from memory.archive.tables import ledger

_VERSION: Final = [*KEY, ledger.c.revision, ledger.c.attempts]
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
        await self.enqueue_all(user, kind, [subject_id], [projection], action)

    async def enqueue_all(
        self,
        user: str,
        kind: Kind,
        subject_ids: Iterable[str],
        projections: Sequence[Projection],
        action: Action = "project",
    ) -> None:
        """Ask for the same work on several subjects, by each of the projections."""
        now = self._clock()
        for batch in in_batches(subject_ids):
            rows = [
                {
                    "user": user,
                    "kind": kind,
                    "subject_id": one,
                    "projection": projection,
                    "now": now,
                    "action": action,
                }
                for one in batch
                for projection in projections
            ]
            await self._connection.execute(enqueueing(self._connection.dialect.name, claims=False), rows)

    async def enqueue_claimed(
        self, user: str, kind: Kind, subject_id: str, projection: Projection, lease_seconds: float
    ) -> LedgerEntry | None:
        """Ask for work, as `enqueue` does, and claim it; None when somebody still works on it."""
        now = self._clock()
        row = {"user": user, "kind": kind, "subject_id": subject_id, "projection": projection, "now": now}
        row |= {"action": "project", "until": now + timedelta(seconds=lease_seconds)}
        query = enqueueing(self._connection.dialect.name, claims=True)
        entry = LedgerEntry(*(await self._connection.execute(query, row)).one())
        return entry if entry.attempts else None

    async def claim(
        self,
        projection: Projection,
        *,
        limit: int,
        lease_seconds: float,
        kinds: Collection[Kind] | None = None,
        states: tuple[State, ...] = ("pending",),
    ) -> list[LedgerEntry]:
        """Take up to `limit` rows to work on for `lease_seconds`: what to erase first, then the oldest.

        Rows in one of the `states` (the pending ones before the partial) and of one of the `kinds` (None:
        any) that nobody holds and that do not rest; never failed ones, which wait to be asked for again.
        """
        now = self._clock()
        free = self._free(projection, states, now).limit(max(0, limit))
        if kinds is not None:
            free = free.where(ledger.c.kind.in_(kinds))
        taken = await self._connection.execute(
            update(ledger)
            .where(tuple_(*KEY).in_(free))
            .values(claimed_until=now + timedelta(seconds=lease_seconds), attempts=ledger.c.attempts + 1)
            .returning(*ENTRY)
        )
        entries = [LedgerEntry(*row) for row in taken]
        # RETURNING promises no order.
        return sorted(entries, key=lambda e: (e.action, _ORDER[e.state], e.updated_at, e.subject_id))

    async def mark(self, entry: LedgerEntry, state: State, reason: str | None = None) -> bool:
        """Record what came of one claimed entry; see `mark_all`. Returns False when it came too late."""
        return bool(await self.mark_all([entry], state, reason))

    async def mark_all(
        self,
        entries: Sequence[LedgerEntry],
        state: State,
        reason: str | None = None,
        *,
        lease_seconds: float = 0,
    ) -> list[LedgerEntry]:
        """Record what came of claimed entries; an erasure that is done goes away.

        Their claims end, unless the work goes on for `lease_seconds`; with infinity they rest. Returns those
        that it was recorded of: not the ones whose work was asked for again, or claimed by another, since.
        """
        values = {
            "state": state,
            "reason": reason,
            "updated_at": self._clock(),
            "claimed_until": until(self._clock(), lease_seconds),
        }
        over = [one for one in entries if one.action == "erase" and state == "done"]
        kept = [one for one in entries if not (one.action == "erase" and state == "done")]
        late = await self._change(update(ledger).values(**values), kept)
        for one in over:
            late += await self._change(delete(ledger), [one])
        for entry in late:
            await self._let_go(entry)
        return [entry for entry in entries if entry not in late] if late else list(entries)

    async def _change(self, change: Update | Delete, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """Change the rows that still are what these entries say; return the entries of which none is."""
        if not entries:
            return []
        same = [column == bindparam(f"its_{column.name}") for column in _VERSION]
        rows = [{f"its_{column.name}": getattr(one, column.name) for column in _VERSION} for one in entries]
        changed = await self._connection.execute(change.where(*same), rows)
        if changed.rowcount == len(entries):
            return []
        if len(entries) == 1:
            return list(entries)
        # Some were too late, and the count does not tell which: again, one by one, to the same end.
        return [late for one in entries for late in await self._change(change, [one])]

    async def explain(self, projection: Projection, kinds: Collection[Kind], reason: str) -> None:
        """Say of the partial rows that wait why they do."""
        waits = (ledger.c.state == "partial") & ledger.c.claimed_until.is_(None)
        mine = (ledger.c.projection == projection) & ledger.c.kind.in_(kinds)
        news = ledger.c.reason.is_distinct_from(reason)
        await self._connection.execute(update(ledger).where(mine, waits, news).values(reason=reason))

    async def waiting(self, projection: Projection, kinds: Collection[Kind], state: State) -> bool:
        """Tell whether there is a row to claim."""
        free = self._free(projection, [state], self._clock()).where(ledger.c.kind.in_(kinds)).limit(1)
        return (await self._connection.execute(free)).first() is not None

    async def overtaken(self, projection: Projection, kinds: Collection[Kind]) -> set[tuple[str, Kind, str]]:
        """Return (user, kind, subject) of the rows asked for again while somebody works on them."""
        query = select(ledger.c.user, ledger.c.kind, ledger.c.subject_id).where(
            ledger.c.projection == projection,
            ledger.c.kind.in_(kinds),
            ledger.c.claimed_until > self._clock(),
            ledger.c.attempts == 0,
        )
        return {(user, kind, subject) for user, kind, subject in await self._connection.execute(query)}

    async def states(
        self, user: str, kind: Kind, subject_ids: Iterable[str]
    ) -> dict[str, dict[str, LedgerEntry]]:
        """Return subject → projection → entry, for the subjects that have any."""
        found: dict[str, dict[str, LedgerEntry]] = {}
        for batch in in_batches(subject_ids):
            query = select(*ENTRY).where(
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
        asked = asked_again() | {"attempts": 0, "claimed_until": STILL_CLAIMED}
        return (await self._connection.execute(again.values(**asked), {"now": self._clock()})).rowcount

    async def release_all(self) -> int:
        """Drop every claim and return how many: for the one owner of the archive, when it starts."""
        held = update(ledger).where(ledger.c.claimed_until < RESTING)
        return (await self._connection.execute(held.values(claimed_until=None))).rowcount

    @staticmethod
    def _free(projection: Projection, states: Collection[State], now: datetime) -> Select[Any]:
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
        return select(*KEY).where(*wanted).order_by(*order).with_for_update(skip_locked=True)

    async def _let_go(self, entry: LedgerEntry) -> None:
        """End the claim of a worker that came too late, unless another has taken the row since."""
        newer = (ledger.c.revision > entry.revision) & (ledger.c.attempts == 0)
        await self._connection.execute(
            update(ledger).where(self._row(entry), newer).values(claimed_until=None)
        )
