"""What models read in chunks of documents, so that the knowledge graph can be built again without them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing that was there is touched."""
    op.create_table(
        "extractions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("user", "chunk_id", "digest", "extractor")),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user", "chunk_id"),
        sa.ForeignKeyConstraint(["user", "chunk_id"], ["chunks.user", "chunks.id"], ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("extractions")
