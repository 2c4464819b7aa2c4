"""Accounts, sessions and invitations; audit, change log, data keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0002_accounts"
down_revision = "0001_schools"

SCHOOL_WRITES = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
DISTRICT_WRITES = {Login.DISTRICT: "SELECT, INSERT, UPDATE"}
PROTECTIONS = (
    Protection("staff", school_rows(), SCHOOL_WRITES),
    Protection("staff_session", school_rows(), SCHOOL_WRITES),
    Protection("staff_invitation", school_rows(), SCHOOL_WRITES),
    Protection("class_teacher", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}),
    Protection(
        "district_staff",
        district_rows(),
        DISTRICT_WRITES | {Login.AGGREGATOR: "SELECT (district_id, id, roles, email, language, is_active)"},
    ),
    Protection("district_session", district_rows(), DISTRICT_WRITES),
    Protection("district_invitation", district_rows(), DISTRICT_WRITES),
    Protection("audit_entry", school_rows(), {Login.SCHOOL: "SELECT, INSERT"}),
    Protection("district_audit_entry", district_rows(), {Login.DISTRICT: "SELECT, INSERT"}),
    Protection("school_key", school_rows(), {Login.SCHOOL: "SELECT, INSERT, DELETE"}),
    Protection(
        "change_log", school_rows(), {Login.SCHOOL: "SELECT, INSERT", Login.AGGREGATOR: "SELECT, DELETE"}
    ),
)


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "roles <@ array['principal','homeroom_teacher','teacher','counsellor','archivist']"
            " and cardinality(roles) > 0",
            name=op.f("ck_staff_roles"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_staff_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_staff")),
        sa.UniqueConstraint("school_id", "username", name=op.f("uq_staff_school_id_username")),
    )
    op.create_table(
        "staff_session",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_staff_session_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_staff_session_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("school_id", "token_hash", name=op.f("uq_staff_session_school_id_token_hash")),
    )
    op.create_index(
        op.f("ix_staff_session_school_id_staff_id"), "staff_session", ["school_id", "staff_id"], unique=False
    )
    op.create_table(
        "staff_invitation",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "invited_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_staff_invitation_school_id_invited_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_staff_invitation_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_staff_invitation_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_staff_invitation")),
        sa.UniqueConstraint("school_id", "token_hash", name=op.f("uq_staff_invitation_school_id_token_hash")),
    )
    op.create_index(
        op.f("ix_staff_invitation_school_id_staff_id"),
        "staff_invitation",
        ["school_id", "staff_id"],
        unique=False,
    )
    op.create_table(
        "class_teacher",
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("class_id"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_class_teacher_days",
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_class_teacher_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_class_teacher_school_id_class_id_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_class_teacher_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_class_teacher_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_class_teacher")),
    )
    op.create_index(
        op.f("ix_class_teacher_school_id_staff_id"), "class_teacher", ["school_id", "staff_id"], unique=False
    )
    op.create_table(
        "district_staff",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "roles <@ array['officer','analyst'] and cardinality(roles) > 0",
            name=op.f("ck_district_staff_roles"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_staff_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_district_staff")),
        sa.UniqueConstraint("district_id", "username", name=op.f("uq_district_staff_district_id_username")),
    )
    op.create_table(
        "district_session",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "staff_id"],
            ["district_staff.district_id", "district_staff.id"],
            name=op.f("fk_district_session_district_id_staff_id_district_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_session_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_district_session")),
        sa.UniqueConstraint(
            "district_id", "token_hash", name=op.f("uq_district_session_district_id_token_hash")
        ),
    )
    op.create_index(
        op.f("ix_district_session_district_id_staff_id"),
        "district_session",
        ["district_id", "staff_id"],
        unique=False,
    )
    op.create_table(
        "district_invitation",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "invited_by"],
            ["district_staff.district_id", "district_staff.id"],
            name=op.f("fk_district_invitation_district_id_invited_by_district_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "staff_id"],
            ["district_staff.district_id", "district_staff.id"],
            name=op.f("fk_district_invitation_district_id_staff_id_district_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_invitation_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_district_invitation")),
        sa.UniqueConstraint(
            "district_id", "token_hash", name=op.f("uq_district_invitation_district_id_token_hash")
        ),
    )
    op.create_index(
        op.f("ix_district_invitation_district_id_staff_id"),
        "district_invitation",
        ["district_id", "staff_id"],
        unique=False,
    )
    op.create_table(
        "audit_entry",
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_audit_entry_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_school_id_at"), "audit_entry", ["school_id", "at"], unique=False)
    op.create_table(
        "district_audit_entry",
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_audit_entry_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_district_audit_entry")),
    )
    op.create_index(
        op.f("ix_district_audit_entry_district_id_at"),
        "district_audit_entry",
        ["district_id", "at"],
        unique=False,
    )
    op.create_table(
        "school_key",
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_key_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_school_key")),
    )
    op.create_table(
        "change_log",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_change_log_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_change_log")),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
