"""What registers share: versions of rows, files; and the children assigned to staff."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0007_registers"
down_revision = "0006_reports"

PROTECTIONS = (
    Protection("pupil_assignment", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE"}),
    Protection("row_version", school_rows(), {Login.SCHOOL: "SELECT, INSERT"}, allocates=Login.SCHOOL),
    Protection("attachment", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE"}, allocates=Login.SCHOOL),
    Protection("attachment_content", school_rows(), {Login.SCHOOL: "SELECT, INSERT, DELETE"}),
)


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "media_type in ('image/jpeg', 'application/pdf')", name=op.f("ck_attachment_media_type")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "uploaded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_attachment_school_id_uploaded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_attachment_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_attachment_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_attachment_school_id_subject_subject_id"),
        "attachment",
        ["school_id", "subject", "subject_id"],
        unique=False,
    )
    op.create_table(
        "row_version",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("values_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("change in ('edited', 'withdrawn')", name=op.f("ck_row_version_change")),
        sa.ForeignKeyConstraint(
            ["school_id", "ended_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_row_version_school_id_ended_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_row_version_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_row_version")),
        sa.UniqueConstraint(
            "school_id",
            "subject",
            "subject_id",
            "version",
            name=op.f("uq_row_version_school_id_subject_subject_id_version"),
        ),
    )
    op.create_table(
        "attachment_content",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("variant in ('whole', 'small')", name=op.f("ck_attachment_content_variant")),
        sa.ForeignKeyConstraint(
            ["school_id", "attachment_id"],
            ["attachment.school_id", "attachment.id"],
            name=op.f("fk_attachment_content_school_id_attachment_id_attachment"),
        ),
        sa.PrimaryKeyConstraint("school_id", "attachment_id", "variant", name=op.f("pk_attachment_content")),
    )
    op.create_table(
        "pupil_assignment",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pupil_assignment_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_pupil_assignment_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_pupil_assignment_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_pupil_assignment_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_pupil_assignment")),
        sa.UniqueConstraint(
            "school_id",
            "subject",
            "subject_id",
            name=op.f("uq_pupil_assignment_school_id_subject_subject_id"),
        ),
    )
    op.create_index(
        op.f("ix_pupil_assignment_school_id_staff_id"),
        "pupil_assignment",
        ["school_id", "staff_id"],
        unique=False,
    )
    # ### end Alembic commands ###
    # Sealed bytes do not compress.
    op.execute("ALTER TABLE attachment_content ALTER COLUMN content_sealed SET STORAGE EXTERNAL")
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
