"""Alembic's door: runs the revisions on the connection that it is given, inside its transaction.

There is no alembic.ini and no URL here: `memory.archive.upgrade` passes an open connection in the
configuration's attributes (https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing).
"""

from alembic import context

from memory.archive.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by rebuilding it
)
with context.begin_transaction():
    context.run_migrations()
