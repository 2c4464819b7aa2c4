"""Care records that are changed and withdrawn; their details, photos, letters, family phone, form times."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0013_care_records"
down_revision = "0012_archive"

WRITTEN = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
REPLACED = {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}
PROTECTIONS = (
    Protection("care_detail", school_rows(), REPLACED),
    Protection("care_file", school_rows(), {Login.SCHOOL: "SELECT, INSERT, DELETE"}),
    Protection("form_timing", school_rows(), {Login.SCHOOL: "SELECT, INSERT"}),
    Protection("letter_template", school_rows(), WRITTEN, allocates=Login.SCHOOL),
    Protection("phone_booking", school_rows(), WRITTEN, allocates=Login.SCHOOL),
)


def upgrade() -> None:
    op.add_column("care_record", sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("care_record", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_care_record_day", "care_record")
    op.create_index(
        "ix_care_record_day", "care_record", ["school_id", "occurred_on"],
        postgresql_include=["pupil_id", "kind"], postgresql_where=sa.text("withdrawn_at is null"),
    )  # fmt: skip
    # What is withdrawn counts nowhere, so counting must see that it is.
    op.execute("GRANT SELECT (withdrawn_at) ON care_record TO lx_aggregator")
    op.create_table(
        "form_timing",
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("elapsed_ms", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_form_timing_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_form_timing")),
    )
    op.create_index(
        op.f("ix_form_timing_school_id_on_day"), "form_timing", ["school_id", "on_day"], unique=False
    )
    op.create_table(
        "letter_template",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_letter_template_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_letter_template_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_letter_template")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_letter_template_school_id_client_key")),
    )
    op.create_table(
        "care_detail",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("care_record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.SmallInteger(), nullable=True),
        sa.Column("means", sa.SmallInteger(), nullable=True),
        sa.Column("item", sa.SmallInteger(), nullable=True),
        sa.Column("giver", sa.SmallInteger(), nullable=True),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.Column("tags", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("minutes between 1 and 600", name=op.f("ck_care_detail_minutes")),
        sa.CheckConstraint("tags between 0 and 15", name=op.f("ck_care_detail_tags")),
        sa.ForeignKeyConstraint(
            ["school_id", "care_record_id"],
            ["care_record.school_id", "care_record.id"],
            name=op.f("fk_care_detail_school_id_care_record_id_care_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("school_id", "care_record_id", name=op.f("pk_care_detail")),
    )
    op.create_table(
        "care_file",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("care_record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "attachment_id"],
            ["attachment.school_id", "attachment.id"],
            name=op.f("fk_care_file_school_id_attachment_id_attachment"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "care_record_id"],
            ["care_record.school_id", "care_record.id"],
            name=op.f("fk_care_file_school_id_care_record_id_care_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("school_id", "care_record_id", "attachment_id", name=op.f("pk_care_file")),
    )
    op.create_index(
        op.f("ix_care_file_school_id_attachment_id"),
        "care_file",
        ["school_id", "attachment_id"],
        unique=False,
    )
    op.create_table(
        "phone_booking",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("party", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=True),
        sa.Column("care_record_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(outcome is not distinct from 1) = (care_record_id is not null)",
            name=op.f("ck_phone_booking_record"),
        ),
        sa.CheckConstraint("outcome in (1, 2)", name=op.f("ck_phone_booking_outcome")),
        sa.ForeignKeyConstraint(
            ["school_id", "care_record_id"],
            ["care_record.school_id", "care_record.id"],
            name=op.f("fk_phone_booking_school_id_care_record_id_care_record"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_phone_booking_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_phone_booking_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_phone_booking_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_phone_booking")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_phone_booking_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_phone_booking_school_id_on_day"), "phone_booking", ["school_id", "on_day"], unique=False
    )
    op.create_index(
        "ix_phone_booking_slot",
        "phone_booking",
        ["school_id", "pupil_id", "on_day", "at"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
