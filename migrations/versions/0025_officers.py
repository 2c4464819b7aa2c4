"""To be filled."""

revision = "0025_officers"
down_revision = "0024_alarms"


def upgrade() -> None:
    pass
