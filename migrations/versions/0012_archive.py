"""archive: being written."""

revision = "0012_archive"
down_revision = "0011_portfolio"


def upgrade() -> None:
    pass
