"""registers: being written."""

revision = "0007_registers"
down_revision = "0006_reports"


def upgrade() -> None:
    pass
