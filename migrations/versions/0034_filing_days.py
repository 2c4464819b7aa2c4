"""Filing and summary between school and district."""

revision = "0034_filing_days"
down_revision = "0033_exports"


def upgrade() -> None:
    """Filled on its branch."""


def downgrade() -> None:
    """Filled on its branch."""
