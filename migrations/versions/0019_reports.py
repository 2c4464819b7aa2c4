"""Subscriptions, alarms."""

revision = "0019_reports"
down_revision = "0018_watch"


def upgrade() -> None:
    pass
