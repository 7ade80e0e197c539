"""The revision of a conversation: how often it was continued, so that nobody continues an older one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; every conversation that is there begins at zero."""
    op.add_column("threads", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("threads", "revision")
