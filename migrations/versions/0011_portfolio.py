"""Exams, their results and thresholds; entries of the growth portfolio."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0011_portfolio"
down_revision = "0010_counselling"

WRITES = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
DELETES = {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}
COUNTED_EXAM = "SELECT (school_id, id, class_id, taken_on, withdrawn_at)"
COUNTED_RESULT = "SELECT (school_id, exam_id, pupil_id, total_tenths, is_empty)"
PROTECTIONS = (
    Protection("exam", school_rows(), WRITES | {Login.AGGREGATOR: COUNTED_EXAM}, allocates=Login.SCHOOL),
    Protection("exam_subject", school_rows(), DELETES),
    Protection("exam_result", school_rows(), WRITES | {Login.AGGREGATOR: COUNTED_RESULT}),
    Protection("exam_score", school_rows(), DELETES),
    Protection("exam_rule", school_rows(), WRITES),
    Protection("portfolio_entry", school_rows(), WRITES, allocates=Login.SCHOOL),
)


def upgrade() -> None:
    op.create_table(
        "exam_rule",
        sa.Column("fall_points", sa.SmallInteger(), nullable=False),
        sa.Column("fall_places", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("fall_places between 1 and 100", name=op.f("ck_exam_rule_fall_places")),
        sa.CheckConstraint("fall_points between 1 and 100", name=op.f("ck_exam_rule_fall_points")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_exam_rule_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_exam_rule")),
        sa.UniqueConstraint("school_id", name=op.f("uq_exam_rule_school_id")),
    )
    op.create_table(
        "exam",
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_exam_school_id_class_id_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_exam_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_exam_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_exam")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_exam_school_id_client_key")),
    )
    op.create_index(
        "ix_exam_same",
        "exam",
        ["school_id", "class_id", "taken_on", "name"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "exam_result",
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("total_tenths", sa.BigInteger(), nullable=True),
        sa.Column("is_empty", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("fall_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "entered_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_exam_result_school_id_entered_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "exam_id"],
            ["exam.school_id", "exam.id"],
            name=op.f("fk_exam_result_school_id_exam_id_exam"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_exam_result_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_exam_result_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_exam_result")),
        sa.UniqueConstraint(
            "school_id", "exam_id", "pupil_id", name=op.f("uq_exam_result_school_id_exam_id_pupil_id")
        ),
    )
    op.create_index(
        op.f("ix_exam_result_school_id_pupil_id"), "exam_result", ["school_id", "pupil_id"], unique=False
    )
    op.create_table(
        "exam_subject",
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_marks", sa.SmallInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("full_marks between 1 and 1000", name=op.f("ck_exam_subject_full_marks")),
        sa.ForeignKeyConstraint(
            ["school_id", "exam_id"],
            ["exam.school_id", "exam.id"],
            name=op.f("fk_exam_subject_school_id_exam_id_exam"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_exam_subject_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_exam_subject")),
        sa.UniqueConstraint(
            "school_id", "exam_id", "name", name=op.f("uq_exam_subject_school_id_exam_id_name")
        ),
    )
    op.create_table(
        "portfolio_entry",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind in ('conduct', 'mood', 'evaluation', 'work', 'photo')", name=op.f("ck_portfolio_entry_kind")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_portfolio_entry_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_portfolio_entry_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_portfolio_entry_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_portfolio_entry")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_portfolio_entry_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_portfolio_entry_school_id_pupil_id_occurred_on"),
        "portfolio_entry",
        ["school_id", "pupil_id", "occurred_on"],
        unique=False,
    )
    op.create_table(
        "exam_score",
        sa.Column("result_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("tenths", sa.BigInteger(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("tenths between 0 and 10000", name=op.f("ck_exam_score_tenths")),
        sa.ForeignKeyConstraint(
            ["school_id", "result_id"],
            ["exam_result.school_id", "exam_result.id"],
            name=op.f("fk_exam_score_school_id_result_id_exam_result"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"],
            ["exam_subject.school_id", "exam_subject.id"],
            name=op.f("fk_exam_score_school_id_subject_id_exam_subject"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_exam_score_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_exam_score")),
        sa.UniqueConstraint(
            "school_id", "result_id", "subject_id", name=op.f("uq_exam_score_school_id_result_id_subject_id")
        ),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
