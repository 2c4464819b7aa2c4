"""The children's home, activities, the parents' school."""

revision = "0016_activities"
down_revision = "0015_organisation"


def upgrade() -> None:
    pass
