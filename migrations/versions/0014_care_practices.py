"""care_practices: being written."""

revision = "0014_care_practices"
down_revision = "0013_care_records"


def upgrade() -> None:
    pass
