"""The log of the calls of models: how each ended and what it took, without any text of people."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, Final, get_args

from sqlalchemy import ColumnElement, Executable, Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive.batches import in_batches
from memory.archive.call_figures import Measured, percentiles
from memory.archive.entities import CallOutcome, CallStats, ModelCall
from memory.archive.tables import insert_in, model_calls

MOST_CALLS: Final = 10_000  # that percentiles are taken of, or that are listed
REASON_LENGTH: Final = 200  # characters
_LARGEST: Final = 2**31 - 1  # that every backend keeps, and can add up

_CALL: Final = [model_calls.c[field.name] for field in fields(ModelCall)]
_NUMBERS: Final = ("prompt_tokens", "answer_tokens", "load_ms", "first_token_ms", "total_ms")
_BY: Final = (model_calls.c.task, model_calls.c.model)
_LATEST_FIRST: Final = (model_calls.c.at.desc(), model_calls.c.id.desc())


class CallRepository:
    """What the calls of models took; scoped by user, or by nobody for who keeps the house."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Work inside the transaction of `connection`."""
        self._connection = connection

    @staticmethod
    def _of(user: str | None, since: datetime | None = None) -> ColumnElement[bool]:
        """Return the condition on the user (None: everybody) and on the time."""
        mine = model_calls.c.user.is_not(None) if user is None else model_calls.c.user == user
        return mine if since is None else mine & (model_calls.c.at >= since)

    async def add(self, calls: Iterable[ModelCall]) -> None:
        """Keep calls, all or none; one that the user has under its id already stays as it was.

        A reason is cut to one line of `REASON_LENGTH` characters, and a number that cannot be (below 0, past
        31 bits) becomes None: whatever a model's server says, the log goes on.
        """
        async with self._connection.begin_nested():
            for batch in in_batches(calls):
                rows = [_row(call) for call in batch]
                await self._connection.execute(_keep(self._connection.dialect.name), rows)

    async def recent(self, user: str | None, limit: int) -> list[ModelCall]:
        """Return up to `limit` calls (and `MOST_CALLS`), the latest first."""
        rows = await self._connection.execute(_latest(_CALL, self._of(user), limit))
        return [ModelCall(*row) for row in rows]

    async def stats(self, user: str | None, since: datetime | None = None) -> list[CallStats]:
        """Return how each model did at each task from `since` on, in the order of their names.

        Counts, sums and last errors are over the whole window, percentiles over its latest `MOST_CALLS`.
        Thousands of rows may be read: ask through `look`, beside the event loop.
        """
        window = self._of(user, since)
        measured = await self._measured(window)
        errors = {tuple(row[:2]): row[2:] for row in await self._connection.execute(_last_errors(window))}
        found = []
        for row in await self._connection.execute(_counted(window)):
            reason, at = errors.get((row.task, row.model), (None, None))
            figures = percentiles(measured[row.task, row.model])
            found.append(CallStats(**row._asdict(), **figures, last_error=reason, last_error_at=at))
        return found

    async def prune(self, before: datetime) -> int:
        """Delete everybody's calls from before a moment, and return how many."""
        return (await self._connection.execute(delete(model_calls).where(model_calls.c.at < before))).rowcount

    async def _measured(self, window: ColumnElement[bool]) -> dict[tuple[str, str], list[Measured]]:
        columns = [*_BY, *(model_calls.c[name] for name in Measured._fields)]
        found: dict[tuple[str, str], list[Measured]] = defaultdict(list)
        for task, model, *numbers in await self._connection.execute(_latest(columns, window, MOST_CALLS)):
            found[task, model].append(Measured(*numbers))
        return found


@cache
def _keep(dialect: str) -> Executable:
    return insert_in(dialect, model_calls).on_conflict_do_nothing(index_elements=["user", "id"])


def _latest(columns: list[Any], window: ColumnElement[bool], limit: int) -> Select[Any]:
    few = min(max(0, limit), MOST_CALLS)
    return select(*columns).where(window).order_by(*_LATEST_FIRST).limit(few)


def _counted(window: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the counts and the sums, named as in `CallStats`."""
    outcomes = [
        func.count().filter(model_calls.c.outcome == name).label(name) for name in get_args(CallOutcome)
    ]
    tokens = [
        func.coalesce(func.sum(model_calls.c[name]), 0).label(name)
        for name in ("prompt_tokens", "answer_tokens")
    ]
    query = select(*_BY, func.count().label("calls"), *outcomes, *tokens)
    return query.where(window).group_by(*_BY).order_by(*_BY)


def _last_errors(window: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the last failed call of each model at each task: its reason and its time."""
    place = func.row_number().over(partition_by=_BY, order_by=_LATEST_FIRST).label("place")
    columns = (*_BY, model_calls.c.reason, model_calls.c.at)
    failed = select(*columns, place).where(window, model_calls.c.outcome == "failed").subquery()
    return select(*(failed.c[column.name] for column in columns)).where(failed.c.place == 1)


def _row(call: ModelCall) -> dict[str, Any]:
    row = {column.name: getattr(call, column.name) for column in _CALL}
    numbers = {name: row[name] if _possible(row[name]) else None for name in _NUMBERS}
    return row | numbers | {"reason": short_reason(call.reason)}


def _possible(number: int | None) -> bool:
    return number is not None and 0 <= number <= _LARGEST


def short_reason(reason: str) -> str:
    """Return `reason` on one line, cut to `REASON_LENGTH`; half a character becomes a question mark."""
    head = reason[: REASON_LENGTH * 4].encode("utf-8", "replace").decode("utf-8")
    line = " ".join(head.split())
    return line if len(line) <= REASON_LENGTH else line[: REASON_LENGTH - 1] + "…"
