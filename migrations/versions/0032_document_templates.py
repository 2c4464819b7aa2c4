"""The templates that a school uploads for its documents."""

revision = "0032_document_templates"
down_revision = "0031_mending"


def upgrade() -> None:
    """Filled on its branch."""


def downgrade() -> None:
    """Filled on its branch."""
