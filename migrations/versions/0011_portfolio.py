"""portfolio: being written."""

revision = "0011_portfolio"
down_revision = "0010_counselling"


def upgrade() -> None:
    pass
