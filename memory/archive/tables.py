"""The tables of the archive, for the queries; `migrations/` creates them and a test keeps the two equal."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive.columns import UnicodeText, UtcDateTime

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("user", UnicodeText, primary_key=True),
    Column("id", UnicodeText, primary_key=True),
    Column("uri", UnicodeText, nullable=False),
    Column("title", UnicodeText, nullable=False),
    Column("media_type", UnicodeText, nullable=False),
    Column("lang", UnicodeText, nullable=False),
    Column("content_hash", UnicodeText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("chunk_count", Integer, nullable=False),
    # Last, so that SQLite reads a list of documents without walking through their text.
    Column("text", UnicodeText, nullable=False),
    Index("ix_documents_user_uri", "user", "uri", unique=True),
)

chunks = Table(
    "chunks",
    metadata,
    Column("user", UnicodeText, primary_key=True),
    Column("id", UnicodeText, primary_key=True),
    Column("document_id", UnicodeText, nullable=False),
    Column("position", Integer, nullable=False),
    Column("locator", UnicodeText, nullable=False),
    Column("lang", UnicodeText, nullable=False),
    Column("text", UnicodeText, nullable=False),
    ForeignKeyConstraint(["user", "document_id"], ["documents.user", "documents.id"], ondelete="CASCADE"),
    Index("ix_chunks_user_document_position", "user", "document_id", "position", unique=True),
)

threads = Table(
    "threads",
    metadata,
    Column("user", UnicodeText, primary_key=True),
    Column("id", UnicodeText, primary_key=True),
    Column("title", UnicodeText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # How many turns were added: a turn that was made on an older conversation is told by it.
    Column("revision", BigInteger, nullable=False, server_default="0"),
)

turns = Table(
    "turns",
    metadata,
    # The order of insertion; SQLite counts by itself only in a plain INTEGER, and never reuses a number.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("user", UnicodeText, nullable=False),
    Column("id", UnicodeText, nullable=False),
    Column("thread_id", UnicodeText, nullable=False),
    Column("question", UnicodeText, nullable=False),
    Column("answer", UnicodeText, nullable=False),
    Column("served_by", UnicodeText, nullable=False),
    Column("degraded", JSON, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("status", UnicodeText, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("timings_ms", JSON, nullable=False),
    Column("lang", UnicodeText, nullable=False),
    ForeignKeyConstraint(["user", "thread_id"], ["threads.user", "threads.id"], ondelete="CASCADE"),
    Index("ix_turns_user_id", "user", "id", unique=True),
    Index("ix_turns_user_thread_seq", "user", "thread_id", "seq"),
    sqlite_autoincrement=True,
)

turn_references = Table(
    "turn_references",
    metadata,
    Column("user", UnicodeText, primary_key=True),
    Column("turn_id", UnicodeText, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("subject_id", UnicodeText, nullable=False),
    ForeignKeyConstraint(["user", "turn_id"], ["turns.user", "turns.id"], ondelete="CASCADE"),
    Index("ix_turn_references_user_subject", "user", "subject_id"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("user", UnicodeText, primary_key=True),
    Column("kind", UnicodeText, primary_key=True),
    Column("subject_id", UnicodeText, primary_key=True),
    Column("projection", UnicodeText, primary_key=True),
    Column("action", UnicodeText, nullable=False),
    Column("state", UnicodeText, nullable=False),
    Column("reason", UnicodeText),
    Column("attempts", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("claimed_until", UtcDateTime),
    Index("ix_ledger_projection_state_updated", "projection", "state", "updated_at"),
)

# What models read in chunks: it goes with them.
extractions = Table(
    "extractions",
    metadata,
    Column("user", UnicodeText, primary_key=True),
    Column("chunk_id", UnicodeText, primary_key=True),
    Column("digest", UnicodeText, nullable=False),
    Column("extractor", UnicodeText, nullable=False),
    Column("value", JSON, nullable=False),
    ForeignKeyConstraint(["user", "chunk_id"], ["chunks.user", "chunks.id"], ondelete="CASCADE"),
)

# It refers to nothing, for it holds no text of people: the figures stay true when something is forgotten.
model_calls = Table(
    "model_calls",
    metadata,
    Column("user", UnicodeText, primary_key=True),
    Column("id", UnicodeText, primary_key=True),
    Column("task", UnicodeText, nullable=False),
    Column("model", UnicodeText, nullable=False),
    Column("outcome", UnicodeText, nullable=False),
    Column("reason", UnicodeText, nullable=False),
    Column("prompt_tokens", Integer),
    Column("answer_tokens", Integer),
    Column("load_ms", Integer),
    Column("first_token_ms", Integer),
    Column("total_ms", Integer),
    Column("abroad", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_model_calls_user_at", "user", "at"),
)


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT into `table` that knows ON CONFLICT, in the words of the connection's backend."""
    return insert_in(connection.dialect.name, table)


def insert_in(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the like of `insert` for a backend by its name."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
