"""To be filled."""

revision = "0028_networks"
down_revision = "0027_activities"


def upgrade() -> None:
    pass
