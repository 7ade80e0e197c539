"""Asking the ledger for work: the statements, put together once, for that takes longer than to run them."""

import math
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, case

from memory.archive.columns import UtcDateTime
from memory.archive.entities import LedgerEntry
from memory.archive.tables import insert_in, ledger

ENTRY: Final = [ledger.c[field.name] for field in fields(LedgerEntry)]
KEY: Final = [ledger.c.user, ledger.c.kind, ledger.c.subject_id, ledger.c.projection]
RESTING: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The claim of a row that rests: nobody holds it, and nobody may take it."""

_HELD: Final = (ledger.c.claimed_until > bindparam("now", type_=UtcDateTime)) & (
    ledger.c.claimed_until < RESTING
)
STILL_CLAIMED: Final = case((ledger.c.claimed_until < RESTING, ledger.c.claimed_until), else_=None)


def asked_again() -> dict[str, Any]:
    """Return what a row becomes when its work is asked for; whoever holds it still does."""
    return {
        "state": "pending",
        "reason": None,
        "updated_at": bindparam("now", type_=UtcDateTime),
        "revision": ledger.c.revision + 1,
    }


@cache
def enqueueing(dialect: str, *, claims: bool) -> Any:  # noqa: ANN401  # an INSERT of one dialect or the other
    """Return the statement that asks for work.

    With `claims` it takes the row at once, unless somebody holds it, and returns it.
    """
    bound: dict[str, Any] = {
        name: bindparam(name) for name in ("user", "kind", "subject_id", "projection", "action")
    }
    asked = asked_again() | {"action": bound["action"]}
    until = bindparam("until", type_=UtcDateTime)
    first = {"attempts": 1, "claimed_until": until} if claims else {"attempts": 0, "claimed_until": None}
    again = {
        "attempts": case((_HELD, 0), else_=1) if claims else 0,
        "claimed_until": case((_HELD, ledger.c.claimed_until), else_=until) if claims else STILL_CLAIMED,
    }
    new = insert_in(dialect, ledger).values(**(asked | bound | first | {"revision": 1}))
    names = [column.name for column in KEY]
    query = new.on_conflict_do_update(index_elements=names, set_=asked | again)
    return query.returning(*ENTRY) if claims else query


def until(now: datetime, lease_seconds: float) -> datetime | None:
    """Return when a claim ends that lasts so long: None for no time, never for an infinite one."""
    if lease_seconds == math.inf:
        return RESTING
    return now + timedelta(seconds=lease_seconds) if lease_seconds else None
