"""The run ledger, the schools' figures and the published ones."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0005_indicators"
down_revision = "0004_care"

COMPUTES = {Login.AGGREGATOR: "SELECT, INSERT, UPDATE, DELETE"}
PROTECTIONS = (
    Protection("indicator_run", district_rows(), COMPUTES | {Login.DISTRICT: "SELECT"}),
    Protection("indicator_unit", school_rows(), COMPUTES),
    Protection("school_indicator", school_rows(), COMPUTES | {Login.SCHOOL: "SELECT"}),
    Protection("district_indicator", district_rows(), COMPUTES | {Login.DISTRICT: "SELECT"}),
)


def upgrade() -> None:
    op.create_table(
        "indicator_run",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("number", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column("schools_expected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("state in ('running', 'done')", name=op.f("ck_indicator_run_state")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_indicator_run_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_indicator_run")),
        sa.UniqueConstraint(
            "district_id", "as_of", "number", name=op.f("uq_indicator_run_district_id_as_of_number")
        ),
    )
    op.create_index(
        op.f("ix_indicator_run_district_id_state"), "indicator_run", ["district_id", "state"], unique=False
    )
    op.create_table(
        "indicator_unit",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('pending', 'claimed', 'done', 'dead')", name=op.f("ck_indicator_unit_state")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_indicator_unit_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "run_id", name=op.f("pk_indicator_unit")),
    )
    op.create_index(
        op.f("ix_indicator_unit_run_id_state"), "indicator_unit", ["run_id", "state"], unique=False
    )
    op.create_table(
        "school_indicator",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("definition_version", sa.SmallInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_indicator_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "indicator", "starts_on", name=op.f("pk_school_indicator")),
    )
    op.create_table(
        "district_indicator",
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("is_suppressed", sa.Boolean(), nullable=False),
        sa.Column("schools_reporting", sa.BigInteger(), nullable=False),
        sa.Column("schools_expected", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "level in ('district', 'township', 'school')", name=op.f("ck_district_indicator_level")
        ),
        sa.CheckConstraint(
            "not is_suppressed or num_nonnulls(numerator, denominator) = 0",
            name=op.f("ck_district_indicator_suppressed"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_indicator_district_id_district")
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "level", "unit_id", "indicator", "starts_on", name=op.f("pk_district_indicator")
        ),
    )
    op.create_index(
        op.f("ix_district_indicator_district_id_indicator_starts_on"),
        "district_indicator",
        ["district_id", "indicator", "starts_on"],
        unique=False,
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
