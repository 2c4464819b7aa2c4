"""To be filled."""

revision = "0027_activities"
down_revision = "0026_organisation"


def upgrade() -> None:
    pass
