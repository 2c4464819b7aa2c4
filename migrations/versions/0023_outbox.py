"""To be filled."""

revision = "0023_outbox"
down_revision = "0022_report_subscriptions"


def upgrade() -> None:
    pass
