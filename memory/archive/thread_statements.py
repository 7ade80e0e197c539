"""The statements about conversations, put together once: to put one together takes longer than to ask it."""

from dataclasses import fields
from functools import cache
from typing import Any, Final

from sqlalchemy import BindParameter, Executable, bindparam, case, or_, select
from sqlalchemy import insert as plain_insert

from memory.archive.entities import Turn
from memory.archive.tables import insert_in, threads, turn_references, turns

ANY_REVISION: Final = -1
"""For `touch`: however often the thread was continued meanwhile."""

TURN: Final = [turns.c[field.name] for field in fields(Turn) if field.name != "references"]

_MINE: Final = turns.c.user == bindparam("by")
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
BY_ID: Final = select(*TURN).where(_MINE, turns.c.id.in_(_IDS))
IS_THERE: Final = select(turns.c.seq).where(_MINE, turns.c.id == bindparam("turn"))
_OF_THREAD: Final = select(*TURN).where(_MINE, turns.c.thread_id == bindparam("thread"))
IN_ORDER: Final = _OF_THREAD.order_by(turns.c.seq)
NEWEST: Final = _OF_THREAD.order_by(turns.c.seq.desc()).limit(bindparam("last"))
KNOWN: Final = select(threads.c.id).where(threads.c.user == bindparam("by"), threads.c.id.in_(_IDS))
REVISION: Final = select(threads.c.revision).where(
    threads.c.user == bindparam("by"), threads.c.id == bindparam("thread")
)
REFERENCES: Final = (
    select(turn_references.c.turn_id, turn_references.c.subject_id)
    .where(turn_references.c.user == bindparam("by"), turn_references.c.turn_id.in_(_IDS))
    .order_by(turn_references.c.turn_id, turn_references.c.position)
)
REFER: Final = plain_insert(turn_references)


@cache
def keep(dialect: str) -> Executable:
    """Return the statement that adds a turn, unless it is there."""
    return insert_in(dialect, turns).on_conflict_do_nothing(index_elements=["user", "id"])


@cache
def touch(dialect: str) -> Executable:
    """Return the statement that creates a thread, or moves its date and its revision forward.

    It changes no row of a thread that is not at the revision `after`, unless that is ANY_REVISION.
    """
    new = insert_in(dialect, threads)
    later = case(
        (new.excluded.updated_at > threads.c.updated_at, new.excluded.updated_at),
        else_=threads.c.updated_at,
    )
    return new.on_conflict_do_update(
        index_elements=["user", "id"],
        set_={"updated_at": later, "revision": threads.c.revision + 1},
        where=or_(bindparam("after") == ANY_REVISION, threads.c.revision == bindparam("after")),
    )


_earlier: Final = turns.alias()
_ASKED_BEFORE: Final = (
    select(_earlier.c.question)
    .where(_earlier.c.user == turns.c.user, _earlier.c.thread_id == turns.c.thread_id)
    .where(_earlier.c.seq < turns.c.seq)
    .order_by(_earlier.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
BEFORE: Final = select(turns.c.id, _ASKED_BEFORE).where(_MINE, turns.c.id.in_(_IDS))
