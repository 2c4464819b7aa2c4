"""To be filled."""

revision = "0026_organisation"
down_revision = "0025_officers"


def upgrade() -> None:
    pass
