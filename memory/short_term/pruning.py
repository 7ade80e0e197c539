"""Letting go of checkpoints in SQLite, and copying a thread's: plain statements, in the database's thread."""

import json
from collections.abc import Callable, Sequence, Set

from memory.hops import HopConnection
from memory.short_term.retaining import Id, Kept

Choose = Callable[[Sequence[Kept]], Set[Id]]

_EVERY = (
    "SELECT checkpoint_ns, checkpoint_id, parent_checkpoint_id, metadata FROM checkpoints WHERE thread_id = ?"
)
_ONE = "WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"
_RUN = "SELECT DISTINCT thread_id FROM checkpoints WHERE json_extract(CAST(metadata AS TEXT), '$.run_id') = ?"
_COLUMNS = {
    "checkpoints": "checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata",
    "writes": "checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value",
}


async def keep(connection: HopConnection, thread_id: str, choose: Choose) -> None:
    """Delete what `choose` leaves out of a thread's checkpoints, with its writes."""
    rows = await (await connection.execute(_EVERY, (thread_id,))).fetchall()
    every = [
        Kept(namespace, id_, parent, json.loads(noted or "{}")) for namespace, id_, parent, noted in rows
    ]
    gone = [(thread_id, *one) for one in sorted({one.id for one in every} - choose(every))]
    if gone:
        cursor = connection.cursor()
        for table in _COLUMNS:
            await cursor.executemany(f"DELETE FROM {table} {_ONE}", gone)
        await connection.commit()


async def drop_runs(connection: HopConnection, run_ids: Sequence[str]) -> None:
    """Delete the checkpoints of these runs."""
    wanted = set(run_ids)
    threads: set[str] = set()
    for run_id in wanted:
        rows = await (await connection.execute(_RUN, (run_id,))).fetchall()
        threads |= {thread_id for (thread_id,) in rows}
    for thread_id in sorted(threads):
        await keep(
            connection,
            thread_id,
            lambda every: {one.id for one in every if one.metadata.get("run_id") not in wanted},
        )


async def copy(connection: HopConnection, source: str, target: str) -> None:
    """Put a thread's checkpoints in the place of another's; where there are none, nothing changes."""
    found = await (await connection.execute(_EVERY + " LIMIT 1", (source,))).fetchone()
    if found is None or source == target:
        return
    for table, columns in _COLUMNS.items():
        await connection.execute(f"DELETE FROM {table} WHERE thread_id = ?", (target,))
        copied = (
            f"INSERT INTO {table} (thread_id, {columns}) SELECT ?, {columns} FROM {table} WHERE thread_id = ?"
        )
        await connection.execute(copied, (target, source))
    await connection.commit()
