"""Indicators of terms, targets with their history, what a district is shown of small cells."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, directory_rows, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0017_indicators"
down_revision = "0016_activities"

READ = {Login.SCHOOL: "SELECT", Login.DISTRICT: "SELECT", Login.AGGREGATOR: "SELECT"}
PROTECTIONS = (
    Protection("care_definition_choice", directory_rows("district_id = (select lx_district_id())"), READ),
    # A school sees what its district asks for.
    Protection("indicator_target", district_rows(), READ | {Login.DISTRICT: "SELECT, INSERT, UPDATE"}),
    Protection("indicator_standing", school_rows(), {Login.AGGREGATOR: "SELECT, INSERT, UPDATE"}),
    Protection(
        "term_filing", school_rows(),
        {Login.SCHOOL: "SELECT, INSERT", Login.AGGREGATOR: "SELECT (school_id, id, term, sent_on)"},
    ),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("term", sa.Column("filing_due_on", sa.Date(), nullable=True))
    op.add_column("indicator_run", sa.Column("since", sa.Date(), nullable=True))
    op.add_column("indicator_run", sa.Column("is_full", sa.Boolean(), server_default="false", nullable=False))
    hide_small_cells()
    op.create_index(
        "ix_care_record_seldom", "care_record", ["school_id", "kind", "occurred_on"],
        postgresql_include=["pupil_id"],
        postgresql_where=sa.text("withdrawn_at is null and kind in (4, 11)"),
    )  # fmt: skip
    op.create_index(
        op.f("ix_class_membership_school_id_class_id_starts_on"),
        "class_membership", ["school_id", "class_id", "starts_on"],
    )  # fmt: skip
    op.create_table(
        "care_definition_choice",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_care_definition_choice_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_care_definition_choice")),
        sa.UniqueConstraint(
            "district_id", "starts_on", name=op.f("uq_care_definition_choice_district_id_starts_on")
        ),
    )
    op.create_table(
        "indicator_target",
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("target", sa.SmallInteger(), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("target between 0 and 100", name=op.f("ck_indicator_target_target")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_indicator_target_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_indicator_target")),
        sa.UniqueConstraint(
            "district_id",
            "indicator",
            "starts_on",
            name=op.f("uq_indicator_target_district_id_indicator_starts_on"),
        ),
    )
    op.create_table(
        "indicator_standing",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("changes_on", sa.Date(), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_indicator_standing_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_indicator_standing")),
    )
    op.create_table(
        "term_filing",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_term_filing_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_term_filing")),
    )
    op.create_index(op.f("ix_term_filing_school_id_term"), "term_filing", ["school_id", "term"], unique=False)
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)


def hide_small_cells() -> None:
    """What was hidden until now was hidden whole; the next run of each period says more."""
    table = "district_indicator"
    op.add_column(table, sa.Column("hidden", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("slack", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE district_indicator SET hidden = 'all' WHERE is_suppressed")
    op.drop_constraint(op.f("ck_district_indicator_suppressed"), table)
    op.drop_column(table, "is_suppressed")
    for name, condition in (
        ("hidden", "hidden in ('few', 'most', 'some', 'all')"),
        ("numerator_hidden", "num_nonnulls(hidden, numerator) = 1"),
        ("denominator_hidden", "hidden is distinct from 'all' or denominator is null"),
    ):
        op.create_check_constraint(op.f(f"ck_district_indicator_{name}"), table, condition)
