"""Documents, chunks, threads, turns with what they refer to, and the ledger.

Types are spelled out here, not taken from `tables`: a revision must not change when the program does.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    _create_documents()
    _create_threads()
    _create_turns()
    _create_ledger()


def downgrade() -> None:
    """Drop the tables, the ones that refer to others first."""
    for table in ("ledger", "turn_references", "turns", "threads", "chunks", "documents"):
        op.drop_table(table)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _create_documents() -> None:
    op.create_table(
        "documents",
        *_text("user", "id", "uri", "title", "media_type", "lang", "content_hash"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        *_text("text"),
        sa.PrimaryKeyConstraint("user", "id"),
    )
    op.create_index("ix_documents_user_uri", "documents", ["user", "uri"], unique=True)
    op.create_table(
        "chunks",
        *_text("user", "id", "document_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_text("locator", "lang", "text"),
        sa.PrimaryKeyConstraint("user", "id"),
        sa.ForeignKeyConstraint(
            ["user", "document_id"], ["documents.user", "documents.id"], ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_chunks_user_document_position", "chunks", ["user", "document_id", "position"], unique=True
    )


def _create_threads() -> None:
    op.create_table(
        "threads",
        *_text("user", "id", "title"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user", "id"),
    )


def _create_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
        *_text("user", "id", "thread_id", "question", "answer", "served_by"),
        sa.Column("degraded", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        *_text("status"),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=False),
        sa.Column("timings_ms", sa.JSON(), nullable=False),
        *_text("lang"),
        sa.ForeignKeyConstraint(["user", "thread_id"], ["threads.user", "threads.id"], ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_turns_user_id", "turns", ["user", "id"], unique=True)
    op.create_index("ix_turns_user_thread_seq", "turns", ["user", "thread_id", "seq"])
    op.create_table(
        "turn_references",
        *_text("user", "turn_id"),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        *_text("subject_id"),
        sa.PrimaryKeyConstraint("user", "turn_id", "position"),
        sa.ForeignKeyConstraint(["user", "turn_id"], ["turns.user", "turns.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_turn_references_user_subject", "turn_references", ["user", "subject_id"])


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        *_text("user", "kind", "subject_id", "projection", "action", "state"),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("claimed_until", _MOMENT),
        sa.PrimaryKeyConstraint("user", "kind", "subject_id", "projection"),
    )
    op.create_index("ix_ledger_projection_state_updated", "ledger", ["projection", "state", "updated_at"])
