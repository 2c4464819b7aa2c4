"""duties: being written."""

revision = "0015_duties"
down_revision = "0014_care_practices"


def upgrade() -> None:
    pass
