"""The archive: pupils, guardians, absences, spells, register imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0003_pupils"
down_revision = "0002_accounts"

EVERYTHING = {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}
COUNTED_PUPIL = "SELECT (school_id, id, class_id, born_on, enrolled_on, left_on)"
PROTECTIONS = (
    Protection(
        "pupil",
        school_rows(),
        {Login.SCHOOL: "SELECT, INSERT, UPDATE", Login.AGGREGATOR: COUNTED_PUPIL},
        allocates=Login.SCHOOL,
    ),
    Protection("guardian", school_rows(), EVERYTHING, allocates=Login.SCHOOL),
    Protection("parent_absence", school_rows(), EVERYTHING),
    Protection("left_behind_spell", school_rows(), EVERYTHING | {Login.AGGREGATOR: "SELECT"}),
    Protection("register_import", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE"}),
)


def upgrade() -> None:
    op.create_table(
        "pupil",
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("identity_type", sa.Text(), nullable=False),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_digest", sa.LargeBinary(), nullable=True),
        sa.Column("national_number", sa.Text(), nullable=True),
        sa.Column("seat_number", sa.Text(), nullable=True),
        sa.Column("ethnicity", sa.Text(), nullable=True),
        sa.Column("health", sa.Text(), nullable=True),
        sa.Column("disability", sa.Text(), nullable=True),
        sa.Column("is_rural", sa.Boolean(), nullable=True),
        sa.Column("household_place", sa.Text(), nullable=True),
        sa.Column("is_boarding", sa.Boolean(), nullable=True),
        sa.Column("is_orphan", sa.Boolean(), nullable=True),
        sa.Column("needs_aid", sa.Boolean(), nullable=True),
        sa.Column("receives_aid", sa.Boolean(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("register_left_behind", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("sex in ('male', 'female')", name=op.f("ck_pupil_sex")),
        sa.CheckConstraint("left_on >= enrolled_on", name=op.f("ck_pupil_order")),
        sa.CheckConstraint(
            "register_left_behind between 0 and 2", name=op.f("ck_pupil_register_left_behind")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_pupil_school_id_class_id_school_class"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_pupil_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_pupil")),
        sa.UniqueConstraint("school_id", "identity_digest", name=op.f("uq_pupil_school_id_identity_digest")),
    )
    op.create_index(op.f("ix_pupil_school_id_class_id"), "pupil", ["school_id", "class_id"], unique=False)
    op.create_table(
        "guardian",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("relation_note", sa.Text(), nullable=True),
        sa.Column("is_guardian", sa.Boolean(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("workplace", sa.Text(), nullable=True),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_guardian_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_guardian_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_guardian")),
        sa.UniqueConstraint(
            "school_id", "pupil_id", "position", name=op.f("uq_guardian_school_id_pupil_id_position")
        ),
    )
    op.create_table(
        "parent_absence",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("start_is_estimated", sa.Boolean(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("pupil_id"), "="),
            (sa.column("parent"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_parent_absence_days",
        ),
        sa.CheckConstraint(
            "parent in ('father', 'mother', 'unknown')", name=op.f("ck_parent_absence_parent")
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_parent_absence_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_parent_absence_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_parent_absence_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_parent_absence")),
    )
    op.create_table(
        "left_behind_spell",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("definition_version", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("pupil_id"), "="),
            (sa.column("definition"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_left_behind_spell_days",
        ),
        sa.CheckConstraint("kind in ('both', 'one')", name=op.f("ck_left_behind_spell_kind")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_left_behind_spell_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_left_behind_spell_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_left_behind_spell_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_left_behind_spell")),
    )
    op.create_index(
        op.f("ix_left_behind_spell_school_id_definition_starts_on"),
        "left_behind_spell",
        ["school_id", "definition", "starts_on"],
        unique=False,
    )
    op.create_table(
        "register_import",
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="uploaded", nullable=False),
        sa.Column("rows_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("preview_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("failure", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state in ('uploaded', 'reading', 'previewed', 'applying', 'applied', 'failed', 'discarded')",
            name=op.f("ck_register_import_state"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "uploaded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_register_import_school_id_uploaded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_register_import_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_register_import")),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
