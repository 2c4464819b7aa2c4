"""What a night needs to count and publish only what changed."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.scope import Login

revision = "0020_counting"
down_revision = "0019_reports"

FIGURES = ("school_indicator", "district_indicator")
COUNTED = "indicator_run_period"
LEDGER = ("indicator_run", "indicator_unit", COUNTED)
BIRTHDAY = "cast(extract(month from born_on) * 100 + extract(day from born_on) as smallint)"


def upgrade() -> None:
    op.add_column("change_log", sa.Column("about", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_change_log_about"), "change_log", "about in ('care_record')")
    op.add_column("indicator_standing", sa.Column("few_change_on", sa.Date(), nullable=True))
    # Every night writes the rows of running periods anew: room on the page spares their index entries.
    for table in FIGURES:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 70)")
    # The index on extract(…) was of no use: under row security an index serves only what leaks nothing.
    op.drop_index("ix_pupil_birthday", table_name="pupil")
    op.add_column("pupil", sa.Column("birthday", sa.SmallInteger(), sa.Computed(BIRTHDAY, persisted=True)))
    op.create_index(op.f("ix_pupil_school_id_birthday"), "pupil", ["school_id", "birthday"])
    op.execute(f"GRANT SELECT (birthday) ON pupil TO {Login.AGGREGATOR}")
    count_running_runs_again()
    note_each_claim()


def count_running_runs_again() -> None:
    """What a run at work has counted until now does not say of which schools: no publication."""
    # Rows of every school are changed here, in no school's scope: row security steps aside.
    for table in LEDGER:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"DELETE FROM {COUNTED}")
    op.execute("""
        UPDATE indicator_unit SET state = 'pending', attempts = 0, finished_at = NULL WHERE state = 'done'
            AND run_id IN (SELECT id FROM indicator_run WHERE state = 'running')
    """)
    for table in LEDGER:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def note_each_claim() -> None:
    """A row for what a claim counted together, gone when its run is published."""
    op.drop_constraint("pk_indicator_run_period", COUNTED)
    op.drop_column(COUNTED, "period")
    op.add_column(COUNTED, sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False))
    op.add_column(COUNTED, sa.Column("codes", sa.ARRAY(sa.Text()), nullable=False))
    op.add_column(COUNTED, sa.Column("school_ids", sa.ARRAY(sa.BigInteger()), nullable=False))
    op.create_primary_key(op.f("pk_indicator_run_period"), COUNTED, ["district_id", "id"])
    op.create_index(op.f("ix_indicator_run_period_district_id_run_id"), COUNTED, ["district_id", "run_id"])
    op.execute(f"GRANT DELETE ON {COUNTED} TO {Login.AGGREGATOR}")
