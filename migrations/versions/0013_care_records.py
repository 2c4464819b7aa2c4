"""care_records: being written."""

revision = "0013_care_records"
down_revision = "0012_archive"


def upgrade() -> None:
    pass
