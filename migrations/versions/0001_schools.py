"""Districts, townships, schools, terms, classes, and the functions that verify a signed context."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import CONTEXT_FUNCTIONS, Protection, directory_rows, school_rows
from lxsaas.core.scope import Login

revision = "0001_schools"
down_revision = None

OWN_SCHOOL = (
    "id = any ((select lx_school_ids())::bigint[])"
    " or ((select lx_scope_kind()) in ('district', 'aggregate') and district_id = (select lx_district_id()))"
)
READ = {Login.SCHOOL: "SELECT", Login.DISTRICT: "SELECT", Login.AGGREGATOR: "SELECT"}
PROTECTIONS = (
    Protection("district", directory_rows("id = (select lx_district_id())"), READ),
    Protection("township", directory_rows("district_id = (select lx_district_id())"), READ),
    Protection("school", directory_rows(OWN_SCHOOL), READ),
    Protection("term", directory_rows("district_id = (select lx_district_id())"), READ),
    Protection(
        "school_class",
        school_rows(),
        {Login.SCHOOL: "SELECT, INSERT, UPDATE", Login.AGGREGATOR: "SELECT (school_id, id, grade)"},
    ),
)


def upgrade() -> None:
    for statement in CONTEXT_FUNCTIONS:
        op.execute(statement)
    op.create_table(
        "district",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Asia/Shanghai", nullable=False),
        sa.Column("care_definition", sa.Text(), server_default="state_council_2016_3m", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'", name=op.f("ck_district_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("slug", name=op.f("uq_district_slug")),
    )
    op.create_table(
        "township",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_township_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_township")),
        sa.UniqueConstraint("district_id", "name", name=op.f("uq_township_district_id_name")),
    )
    op.create_table(
        "school",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("township_id", sa.BigInteger(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("register_code", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("register_code ~ '^[0-9]{10}$'", name=op.f("ck_school_register_code")),
        sa.CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'", name=op.f("ck_school_slug")),
        sa.ForeignKeyConstraint(
            ["district_id", "township_id"],
            ["township.district_id", "township.id"],
            name=op.f("fk_school_district_id_township_id_township"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_school_district_id_district")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("register_code", name=op.f("uq_school_register_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_school_slug")),
    )
    op.create_index(op.f("ix_school_district_id"), "school", ["district_id"], unique=False)
    op.create_table(
        "term",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("district_id"), "="),
            (sa.text("daterange(starts_on, ends_on, '[]')"), "&&"),
            using="gist",
            name="ex_term_days",
        ),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_term_order")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_term_district_id_district")),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_term")),
        sa.UniqueConstraint("district_id", "name", name=op.f("uq_term_district_id_name")),
    )
    op.create_table(
        "school_class",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_class_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_school_class")),
        sa.UniqueConstraint("school_id", "code", name=op.f("uq_school_class_school_id_code")),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
