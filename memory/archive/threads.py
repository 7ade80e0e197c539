"""Conversations and their turns, as one user sees them."""

import builtins
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive import failures
from memory.archive import thread_statements as statements
from memory.archive.batches import in_batches
from memory.archive.entities import Thread, Turn
from memory.archive.tables import threads, turn_references, turns
from memory.archive.thread_statements import ANY_REVISION

TITLE_LENGTH: Final = 80  # characters

Asked = dict[str, Any]


class ThreadRepository:
    """What the archive knows about the conversations of a user; the user comes first in every call."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Work inside the transaction of `connection`."""
        self._connection = connection

    @staticmethod
    def _of(user: str, table: Table = turns) -> ColumnElement[bool]:
        """Return the condition that every statement here carries."""
        return table.c.user == user

    async def add_turn(self, turn: Turn, after: int = ANY_REVISION) -> bool:
        """Keep a turn, and its thread if this is the first; False, and nothing changes, when it is there.

        `after` is the revision of the thread on which the turn was made: raises StaleTurn, and nothing
        changes, when the thread was continued since.
        """
        there = await self._connection.execute(statements.IS_THERE, {"by": turn.user, "turn": turn.id})
        if there.first() is not None:
            return False
        dialect = self._connection.dialect.name
        async with self._connection.begin_nested():
            touched = await self._connection.execute(
                statements.touch(dialect), {**_thread_of(turn), "after": after}
            )
            if touched.rowcount == 0:
                raise failures.stale()
            values = {column.name: getattr(turn, column.name) for column in statements.TURN}
            added = await self._connection.execute(statements.keep(dialect), values)
            if added.rowcount > 0:
                await self._refer(turn.user, turn.id, turn.references)
        return added.rowcount > 0

    async def turn(self, user: str, turn_id: str) -> Turn | None:
        """Return a turn, or None."""
        return next(iter(await self._read(user, statements.BY_ID, {"by": user, "ids": [turn_id]})), None)

    async def turns(self, user: str, thread_id: str, *, last: int | None = None) -> builtins.list[Turn]:
        """Return the turns of a thread in the order in which they were kept.

        Or only the `last` ones, and then without their references: every turn asks for them.
        """
        asked = {"by": user, "thread": thread_id}
        if last is None:
            return await self._read(user, statements.IN_ORDER, asked)
        rows = await self._connection.execute(statements.NEWEST, {**asked, "last": max(0, last)})
        return [_light(row) for row in rows][::-1]

    async def turns_by_id(self, user: str, turn_ids: Sequence[str]) -> dict[str, Turn]:
        """Return the turns that exist among `turn_ids`, without their references."""
        found = {}
        for batch in in_batches(turn_ids):
            for row in await self._connection.execute(statements.BY_ID, {"by": user, "ids": batch}):
                found[row.id] = _light(row)
        return found

    async def asked_before(self, user: str, turn_ids: Sequence[str]) -> dict[str, str]:
        """Return, for each of these turns that has one, the question of the turn before it in its thread."""
        found: dict[str, str] = {}
        for batch in in_batches(turn_ids):
            rows = await self._connection.execute(statements.BEFORE, {"by": user, "ids": batch})
            found.update({turn: asked for turn, asked in rows if asked})
        return found

    async def revision(self, user: str, thread_id: str) -> int:
        """Return how often a thread was continued; 0 when there is none."""
        return (
            await self._connection.execute(statements.REVISION, {"by": user, "thread": thread_id})
        ).scalar() or 0

    async def get(self, user: str, thread_id: str) -> Thread | None:
        """Return a thread, or None."""
        row = (await self._connection.execute(self._threads(user, threads.c.id == thread_id))).one_or_none()
        return None if row is None else Thread(*row)

    async def known(self, user: str, thread_ids: Iterable[str]) -> set[str]:
        """Return those of `thread_ids` that there are."""
        found: set[str] = set()
        for batch in in_batches(thread_ids):
            found.update(
                (await self._connection.execute(statements.KNOWN, {"by": user, "ids": batch})).scalars()
            )
        return found

    async def list(self, user: str) -> builtins.list[Thread]:
        """Return the user's threads, the most recent first."""
        return [Thread(*row) for row in await self._connection.execute(self._threads(user))]

    async def delete(self, user: str, thread_id: str) -> builtins.list[str]:
        """Delete a thread and return the ids of the turns that went with it, in their order."""
        query = select(turns.c.id).where(self._of(user), turns.c.thread_id == thread_id)
        ids = builtins.list((await self._connection.execute(query.order_by(turns.c.seq))).scalars())
        await self._connection.execute(
            delete(threads).where(self._of(user, threads), threads.c.id == thread_id)
        )
        return ids

    async def referring(self, user: str, subject_id: str) -> builtins.list[Turn]:
        """Return the turns of which the references hold `subject_id`, in the order they were kept."""
        saw = select(turn_references.c.turn_id).where(
            self._of(user, turn_references), turn_references.c.subject_id == subject_id
        )
        return await self._read(user, self._turns(user).where(turns.c.id.in_(saw)).order_by(turns.c.seq))

    async def redact(
        self,
        user: str,
        turn_id: str,
        *,
        answer: str,
        sources: builtins.list[dict[str, Any]],
        references: builtins.list[str],
    ) -> None:
        """Replace what a turn says of something forgotten; a turn that is not there is left so."""
        async with self._connection.begin_nested():
            mine = self._of(user) & (turns.c.id == turn_id)
            change = update(turns).where(mine).values(answer=answer, sources=sources)
            if (await self._connection.execute(change)).rowcount > 0:
                old = self._of(user, turn_references) & (turn_references.c.turn_id == turn_id)
                await self._connection.execute(delete(turn_references).where(old))
                await self._refer(user, turn_id, references)

    def _turns(self, user: str) -> Select[Any]:
        return select(*statements.TURN).where(self._of(user))

    def _threads(self, user: str, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Return the query for threads, with the number of their turns."""
        joined = (turns.c.user == threads.c.user) & (turns.c.thread_id == threads.c.id)
        columns = [threads.c[name] for name in ("id", "user", "title", "created_at", "updated_at")]
        return (
            select(*columns, func.count(turns.c.seq))
            .outerjoin_from(threads, turns, joined)
            .where(self._of(user, threads), *conditions)
            .group_by(threads.c.user, threads.c.id)
            .order_by(threads.c.updated_at.desc(), func.max(turns.c.seq).desc(), threads.c.id)
        )

    async def _read(self, user: str, query: Select[Any], asked: Asked | None = None) -> builtins.list[Turn]:
        """Run a query for turns and give each its references."""
        rows = [row._asdict() for row in await self._connection.execute(query, asked)]
        references: dict[str, builtins.list[str]] = {row["id"]: [] for row in rows}
        for batch in in_batches(references):
            found = await self._connection.execute(statements.REFERENCES, {"by": user, "ids": batch})
            for turn_id, subject_id in found:
                references[turn_id].append(subject_id)
        return [Turn(**row, references=references[row["id"]]) for row in rows]

    async def _refer(self, user: str, turn_id: str, references: Iterable[str]) -> None:
        rows = [
            {"user": user, "turn_id": turn_id, "position": position, "subject_id": subject_id}
            for position, subject_id in enumerate(references)
        ]
        for batch in in_batches(rows):
            await self._connection.execute(statements.REFER, batch)


def _light(row: Row[Any]) -> Turn:
    """Return a turn without its references: each would be a row more to read."""
    return Turn(**row._asdict(), references=[])


def _thread_of(turn: Turn) -> Asked:
    return {
        "user": turn.user,
        "id": turn.thread_id,
        "title": title_of(turn.question),
        "created_at": turn.started_at,
        "updated_at": turn.finished_at,
        "revision": 1,
    }


def title_of(question: str) -> str:
    """Return the start of `question` on one line, cut at a word, for a list of threads."""
    line = " ".join(question[: TITLE_LENGTH * 4].split())
    if len(line) <= TITLE_LENGTH:
        return line
    head = line[:TITLE_LENGTH]
    return head.rsplit(" ", 1)[0] + "…"
