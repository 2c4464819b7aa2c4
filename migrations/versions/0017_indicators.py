"""Indicators of terms, targets with their history, what a district is shown of small cells."""

revision = "0017_indicators"
down_revision = "0016_activities"


def upgrade() -> None:
    pass
