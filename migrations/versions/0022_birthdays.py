"""Birthdays that an index finds under row security; what a claim has counted, until it is published."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.scope import Login

revision = "0022_birthdays"
down_revision = "0021_watch_all"

LEDGER = ("indicator_run", "indicator_unit", "indicator_run_period")
COUNTED = "indicator_run_period"


def upgrade() -> None:
    # The index on extract(…) was of no use: under row security an index serves only what leaks nothing.
    op.drop_index("ix_pupil_birthday", table_name="pupil")
    birthday = "cast(extract(month from born_on) * 100 + extract(day from born_on) as smallint)"
    op.add_column("pupil", sa.Column("birthday", sa.SmallInteger(), sa.Computed(birthday, persisted=True)))
    op.create_index(op.f("ix_pupil_school_id_birthday"), "pupil", ["school_id", "birthday"])
    op.execute(f"GRANT SELECT (birthday) ON pupil TO {Login.AGGREGATOR}")
    note_each_claim()


def note_each_claim() -> None:
    """What was noted of a run at work names no indicators: its schools are counted again."""
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
    op.drop_constraint("pk_indicator_run_period", COUNTED)
    op.drop_column(COUNTED, "period")
    op.add_column(COUNTED, sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False))
    op.add_column(COUNTED, sa.Column("codes", sa.ARRAY(sa.Text()), nullable=False))
    op.create_primary_key(op.f("pk_indicator_run_period"), COUNTED, ["district_id", "id"])
    op.create_index(op.f("ix_indicator_run_period_district_id_run_id"), COUNTED, ["district_id", "run_id"])
    op.execute(f"REVOKE UPDATE ON {COUNTED} FROM {Login.AGGREGATOR}")
    op.execute(f"GRANT DELETE ON {COUNTED} TO {Login.AGGREGATOR}")
