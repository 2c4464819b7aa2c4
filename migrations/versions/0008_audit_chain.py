"""audit_chain: being written."""

revision = "0008_audit_chain"
down_revision = "0007_registers"


def upgrade() -> None:
    pass
