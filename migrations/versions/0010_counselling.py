"""counselling: being written."""

revision = "0010_counselling"
down_revision = "0009_movement"


def upgrade() -> None:
    pass
