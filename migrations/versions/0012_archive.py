"""The child's file: family, what is known, temporary guardians, entrustment, consent, corrections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0012_archive"
down_revision = "0011_portfolio"

ENTERED = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
DERIVED = {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}
COUNTED = "SELECT (school_id, id, pupil_id, starts_on, ends_on, is_complete)"
ENTRUSTED = "SELECT (school_id, id, pupil_id, starts_on, ends_on, withdrawn_at)"
WEEKS = "SELECT (school_id, id, pupil_id, week_on, with_child, with_guardian)"
PROTECTIONS = (
    Protection("child_profile", school_rows(), ENTERED, allocates=Login.SCHOOL),
    Protection("known_spell", school_rows(), DERIVED | {Login.AGGREGATOR: COUNTED}),
    Protection("temporary_guardian", school_rows(), ENTERED, allocates=Login.SCHOOL),
    Protection("entrustment", school_rows(), ENTERED | {Login.AGGREGATOR: ENTRUSTED}, allocates=Login.SCHOOL),
    Protection("parent_contact_week", school_rows(), ENTERED | {Login.AGGREGATOR: WEEKS}),
    Protection("consent", school_rows(), ENTERED, allocates=Login.SCHOOL),
    Protection("correction_request", school_rows(), ENTERED, allocates=Login.SCHOOL),
)


def upgrade() -> None:
    _add_columns()
    _create_tables()
    # Erasing what a family asks to have erased reaches the earlier versions of a row too.
    op.execute("GRANT UPDATE (values_sealed, reason_sealed) ON row_version TO lx_school")
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False)


def _add_columns() -> None:
    op.add_column("pupil", sa.Column("phone_digest", sa.LargeBinary(), nullable=True))
    op.add_column("pupil", _version())
    op.create_index(op.f("ix_pupil_school_id_phone_digest"), "pupil", ["school_id", "phone_digest"])
    for name in ("is_own", "is_gone"):
        op.add_column("guardian", sa.Column(name, sa.Boolean(), server_default="false", nullable=False))
    op.add_column("guardian", sa.Column("phone_digest", sa.LargeBinary(), nullable=True))
    op.add_column("guardian", sa.Column("is_at_home", sa.Boolean(), nullable=True))
    op.add_column("guardian", sa.Column("verified_on", sa.Date(), nullable=True))
    op.add_column("guardian", sa.Column("removed_on", sa.Date(), nullable=True))
    op.add_column("guardian", _version())
    op.create_index(op.f("ix_guardian_school_id_phone_digest"), "guardian", ["school_id", "phone_digest"])


def _create_tables() -> None:
    op.create_table(
        "child_profile",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("character_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("interests_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("health_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("history_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("no_history", sa.Boolean(), nullable=False),
        sa.Column("lives_with", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "lives_with in ('parent', 'grandparents', 'relatives', 'others', 'alone')",
            name=op.f("ck_child_profile_lives_with"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_child_profile_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_child_profile_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_child_profile_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_child_profile")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_child_profile_school_id_client_key")),
        sa.UniqueConstraint("school_id", "pupil_id", name=op.f("uq_child_profile_school_id_pupil_id")),
    )
    op.create_table(
        "consent",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("text_version", sa.SmallInteger(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "relation in ('51', '52', '57', '58', '61', '62', '63', '64', '97', '99')",
            name=op.f("ck_consent_relation"),
        ),
        sa.CheckConstraint("revoked_on >= given_on", name=op.f("ck_consent_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_consent_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_consent_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_consent_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_consent")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_consent_school_id_client_key")),
    )
    op.create_index(
        "ix_consent_open",
        "consent",
        ["school_id", "pupil_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null and revoked_on is null"),
    )
    op.create_table(
        "correction_request",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind in ('correct', 'delete')", name=op.f("ck_correction_request_kind")),
        sa.CheckConstraint("outcome in ('accepted', 'refused')", name=op.f("ck_correction_request_outcome")),
        sa.CheckConstraint(
            "relation in ('51', '52', '57', '58', '61', '62', '63', '64', '97', '99')",
            name=op.f("ck_correction_request_relation"),
        ),
        sa.CheckConstraint("decided_on >= asked_on", name=op.f("ck_correction_request_order")),
        sa.CheckConstraint(
            "num_nulls(outcome, decided_on) in (0, 2)", name=op.f("ck_correction_request_decision")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_correction_request_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_correction_request_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_correction_request_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_correction_request")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_correction_request_school_id_client_key")
        ),
    )
    op.create_index(
        op.f("ix_correction_request_school_id_asked_on"),
        "correction_request",
        ["school_id", "asked_on"],
        unique=False,
    )
    op.create_table(
        "entrustment",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("notice_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("cleared", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("child_heard", sa.Boolean(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("child_view_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("pupil_id"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            where=sa.text("withdrawn_at is null"),
            using="gist",
            name="ex_entrustment_days",
        ),
        sa.CheckConstraint(
            "given_by in ('father', 'mother', 'both', 'guardian')", name=op.f("ck_entrustment_given_by")
        ),
        sa.CheckConstraint(
            "relation in ('51', '52', '57', '58', '61', '62', '63', '64', '97', '99')",
            name=op.f("ck_entrustment_relation"),
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_entrustment_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_entrustment_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_entrustment_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_entrustment_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_entrustment")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_entrustment_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_entrustment_school_id_phone_digest"),
        "entrustment",
        ["school_id", "phone_digest"],
        unique=False,
    )
    op.create_table(
        "known_spell",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_version", sa.SmallInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("basics", sa.Boolean(), nullable=False),
        sa.Column("character", sa.Boolean(), nullable=False),
        sa.Column("interests", sa.Boolean(), nullable=False),
        sa.Column("health", sa.Boolean(), nullable=False),
        sa.Column("contacts", sa.Boolean(), nullable=False),
        sa.Column(
            "is_complete",
            sa.Boolean(),
            sa.Computed("basics and character and interests and health and contacts", persisted=True),
            nullable=False,
        ),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("pupil_id"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_known_spell_days",
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_known_spell_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_known_spell_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_known_spell_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_known_spell")),
    )
    op.create_index(
        op.f("ix_known_spell_school_id_starts_on"), "known_spell", ["school_id", "starts_on"], unique=False
    )
    op.create_table(
        "parent_contact_week",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("with_child", sa.Boolean(), nullable=False),
        sa.Column("with_guardian", sa.Boolean(), nullable=False),
        sa.Column("noted_by", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "noted_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_parent_contact_week_school_id_noted_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_parent_contact_week_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_parent_contact_week_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_parent_contact_week")),
        sa.UniqueConstraint(
            "school_id", "pupil_id", "week_on", name=op.f("uq_parent_contact_week_school_id_pupil_id_week_on")
        ),
    )
    op.create_table(
        "temporary_guardian",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "relation in ('51', '52', '57', '58', '61', '62', '63', '64', '97', '99')",
            name=op.f("ck_temporary_guardian_relation"),
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_temporary_guardian_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_temporary_guardian_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_temporary_guardian_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_temporary_guardian_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_temporary_guardian")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_temporary_guardian_school_id_client_key")
        ),
    )
    op.create_index(
        op.f("ix_temporary_guardian_school_id_phone_digest"),
        "temporary_guardian",
        ["school_id", "phone_digest"],
        unique=False,
    )
    op.create_index(
        op.f("ix_temporary_guardian_school_id_pupil_id"),
        "temporary_guardian",
        ["school_id", "pupil_id"],
        unique=False,
    )
