"""The log of the calls of models: how each ended and what it took, without any text of people."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing that was there is touched."""
    op.create_table(
        "model_calls",
        *_text("user", "id", "task", "model", "outcome", "reason"),
        *_number("prompt_tokens", "answer_tokens", "load_ms", "first_token_ms", "total_ms"),
        sa.Column("abroad", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user", "id"),
    )
    op.create_index("ix_model_calls_user_at", "model_calls", ["user", "at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("model_calls")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer()) for name in names]
