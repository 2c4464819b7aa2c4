"""Editions of plans and rules, what came of decisions, and what each part of the year's evaluation weighs."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0026_organisation"
down_revision = "0025_officers"

PROTECTIONS = (
    Protection(
        "evaluation_weight",
        school_rows(),
        {Login.SCHOOL: "SELECT, INSERT, UPDATE"},
        allocates=Login.SCHOOL,
    ),
)


def upgrade() -> None:
    op.add_column("group_decision", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column(
        "plan_document", sa.Column("edition", sa.SmallInteger(), server_default="1", nullable=False)
    )
    op.add_column(
        "plan_document",
        sa.Column("series", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_index(
        "ix_plan_document_edition",
        "plan_document",
        ["school_id", "series", "edition"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "evaluation_weight",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("weight between 0 and 100", name=op.f("ck_evaluation_weight_weight")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_evaluation_weight_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "set_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_evaluation_weight_school_id_set_by_staff"),
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_evaluation_weight")),
        sa.UniqueConstraint(
            "school_id", "year", "part", name=op.f("uq_evaluation_weight_school_id_year_part")
        ),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
