"""A final summary keeps its document: a later release may lay out the product's own template otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0036_summary_document"
down_revision = "0035_final_summary"


def upgrade() -> None:
    # Of those that are final already it stays empty, for nothing of them changes any more.
    op.add_column("annual_summary", sa.Column("document", sa.LargeBinary(), nullable=True))
    # Word documents are zip archives already.
    op.execute("ALTER TABLE annual_summary ALTER COLUMN document SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_column("annual_summary", "document")
