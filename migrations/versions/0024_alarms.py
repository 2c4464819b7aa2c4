"""To be filled."""

revision = "0024_alarms"
down_revision = "0023_outbox"


def upgrade() -> None:
    pass
