"""Care records and their notes."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0004_care"
down_revision = "0003_pupils"

EVERYTHING = {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}
COUNTED_RECORD = "SELECT (school_id, id, pupil_id, kind, occurred_on)"
PROTECTIONS = (
    Protection("care_record", school_rows(), EVERYTHING | {Login.AGGREGATOR: COUNTED_RECORD}),
    Protection("care_note", school_rows(), EVERYTHING),
)


def upgrade() -> None:
    op.create_table(
        "care_record",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_care_record_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_care_record_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_care_record_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_care_record")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_care_record_school_id_client_key")),
    )
    op.create_index(
        "ix_care_record_day",
        "care_record",
        ["school_id", "occurred_on"],
        unique=False,
        postgresql_include=["pupil_id", "kind"],
    )
    op.create_index(
        op.f("ix_care_record_school_id_pupil_id_occurred_on"),
        "care_record",
        ["school_id", "pupil_id", "occurred_on"],
        unique=False,
    )
    op.create_table(
        "care_note",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("care_record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "care_record_id"],
            ["care_record.school_id", "care_record.id"],
            name=op.f("fk_care_note_school_id_care_record_id_care_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("school_id", "care_record_id", name=op.f("pk_care_note")),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
