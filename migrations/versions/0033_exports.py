"""Exports that a worker makes: the ledger, the pieces of the file."""

revision = "0033_exports"
down_revision = "0032_document_templates"


def upgrade() -> None:
    """Filled on its branch."""


def downgrade() -> None:
    """Filled on its branch."""
