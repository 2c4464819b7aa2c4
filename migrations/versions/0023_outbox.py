"""The outbox: batches in hand, mail that came back; the channel: its pace, and whose turn it is."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import watched

revision = "0023_outbox"
down_revision = "0022_report_subscriptions"

STATES = ("pending", "claimed", "sending", "sent", "retry", "failed", "unknown", "expired", "bounced")


def upgrade() -> None:
    table = "outbox_message"
    op.add_column(table, sa.Column("claimed_by", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_outbox_message_state"), table)
    listed = ", ".join(f"'{state}'" for state in STATES)
    op.create_check_constraint(op.f("ck_outbox_message_state"), table, f"state in ({listed})")
    op.drop_index("ix_outbox_message_due", table)
    op.create_index(
        "ix_outbox_message_due",
        table,
        ["district_id", "next_attempt_at"],
        postgresql_where=sa.text("state in ('pending', 'retry', 'claimed', 'sending')"),
    )
    # A returned mail names its message, not its district.
    op.create_index("ix_outbox_message_message_id", table, ["message_id"])
    for name, kind in (
        ("next_slot_at", sa.DateTime(timezone=True)),
        ("turn_by", sa.Uuid()),
        ("turn_until", sa.DateTime(timezone=True)),
    ):
        op.add_column("mail_channel", sa.Column(name, kind, nullable=True))
    op.execute(watched("report_subscription"))
