"""To be filled."""

revision = "0022_report_subscriptions"
down_revision = "0021_watch_all"


def upgrade() -> None:
    pass
