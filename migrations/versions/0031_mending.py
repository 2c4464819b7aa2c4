"""Threads about suspected harm: for those alone who follow mandatory reports."""

import sqlalchemy as sa
from alembic import op

revision = "0031_mending"
down_revision = "0028_networks"
TABLES = ("alarm", "alarm_rule", "correspondence_thread")


def upgrade() -> None:
    op.add_column(
        "correspondence_thread",
        sa.Column("is_confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        UPDATE correspondence_thread AS thread SET is_confidential = true
        FROM alarm JOIN alarm_rule AS rule ON rule.district_id = alarm.district_id AND rule.id = alarm.rule_id
        WHERE alarm.district_id = thread.district_id AND alarm.id = thread.alarm_id
            AND rule.kind = 'mandatory_report'
        """
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
