"""What a night needs to count and publish only what changed."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.scope import Login

revision = "0020_counting"
down_revision = "0019_reports"

FIGURES = ("school_indicator", "district_indicator")
LEDGER = ("indicator_run", "indicator_unit")


def upgrade() -> None:
    op.add_column("change_log", sa.Column("about", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_change_log_about"), "change_log", "about in ('care_record')")
    op.add_column("indicator_standing", sa.Column("few_change_on", sa.Date(), nullable=True))
    period = "indicator_run_period"
    op.add_column(
        period, sa.Column("school_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False)
    )
    op.alter_column(period, "school_ids", server_default=None)
    op.execute(f"GRANT UPDATE ON {period} TO {Login.AGGREGATOR}")
    # Every night writes the rows of running periods anew: room on the page spares their index entries.
    for table in FIGURES:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 70)")
    count_running_runs_again()


def count_running_runs_again() -> None:
    """What a run at work has counted until now it did not note, and would not publish."""
    # Rows of every school are changed here, in no school's scope: row security steps aside.
    for table in LEDGER:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        UPDATE indicator_unit SET state = 'pending', attempts = 0, finished_at = NULL WHERE state = 'done'
            AND run_id IN (SELECT id FROM indicator_run WHERE state = 'running')
    """)
    for table in LEDGER:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
