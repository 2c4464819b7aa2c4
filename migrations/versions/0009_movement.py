"""movement: being written."""

revision = "0009_movement"
down_revision = "0008_audit_chain"


def upgrade() -> None:
    pass
