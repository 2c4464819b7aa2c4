"""Counselling: letterbox, room hours, cases with their risk over time, sessions, readers by name."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0010_counselling"
down_revision = "0009_movement"

# Nothing is ever deleted by the application: what was said stays until the key is destroyed.
ENTERED = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
COUNTED = {
    "counselling_case": "school_id, id, pupil_id, risk, risk_since, opened_on, closed_on",
    "case_risk": "school_id, id, case_id, pupil_id, level, starts_on, ends_on",
}
"""For the indicator of high-risk children: days and numbers, no text."""
TABLES = (
    "counselling_case", "case_risk", "counselling_session", "case_reader", "room_hour",
    "letterbox_code", "letterbox_letter", "letterbox_message",
)  # fmt: skip
PROTECTIONS = tuple(
    Protection(
        table,
        school_rows(),
        ENTERED | ({Login.AGGREGATOR: f"SELECT ({COUNTED[table]})"} if table in COUNTED else {}),
        allocates=Login.SCHOOL,
    )
    for table in TABLES
)


def upgrade() -> None:
    op.create_table(
        "letterbox_code",
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "set_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_letterbox_code_school_id_set_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_letterbox_code_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_letterbox_code")),
    )
    op.create_index(
        "ix_letterbox_code_valid",
        "letterbox_code",
        ["school_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "room_hour",
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("counsellor_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_room_hour_order")),
        sa.CheckConstraint("weekday between 1 and 7", name=op.f("ck_room_hour_weekday")),
        sa.ForeignKeyConstraint(
            ["school_id", "counsellor_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_room_hour_school_id_counsellor_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_room_hour_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_room_hour_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_room_hour")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_room_hour_school_id_client_key")),
    )
    op.create_index(
        "ix_room_hour_start",
        "room_hour",
        ["school_id", "counsellor_id", "weekday", "starts_at"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "counselling_case",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("counsellor_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("risk", sa.SmallInteger(), nullable=False),
        sa.Column("risk_since", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_counselling_case_order")),
        sa.CheckConstraint("risk between 1 and 3", name=op.f("ck_counselling_case_risk")),
        sa.ForeignKeyConstraint(
            ["school_id", "counsellor_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_counselling_case_school_id_counsellor_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_counselling_case_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_counselling_case_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_counselling_case_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_counselling_case")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_counselling_case_school_id_client_key")),
    )
    op.create_index(
        "ix_counselling_case_open",
        "counselling_case",
        ["school_id", "pupil_id"],
        unique=True,
        postgresql_where=sa.text("closed_on is null"),
    )
    op.create_index(
        op.f("ix_counselling_case_school_id_counsellor_id"),
        "counselling_case",
        ["school_id", "counsellor_id"],
        unique=False,
    )
    op.create_table(
        "case_reader",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("case_id"), "="),
            (sa.column("staff_id"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_case_reader_days",
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_case_reader_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "case_id"],
            ["counselling_case.school_id", "counselling_case.id"],
            name=op.f("fk_case_reader_school_id_case_id_counselling_case"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "opened_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_case_reader_school_id_opened_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_case_reader_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_case_reader_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_case_reader")),
    )
    op.create_index(
        op.f("ix_case_reader_school_id_staff_id"), "case_reader", ["school_id", "staff_id"], unique=False
    )
    op.create_table(
        "case_risk",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("case_id"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_case_risk_days",
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_case_risk_order")),
        sa.CheckConstraint("level between 1 and 3", name=op.f("ck_case_risk_level")),
        sa.ForeignKeyConstraint(
            ["school_id", "case_id"],
            ["counselling_case.school_id", "counselling_case.id"],
            name=op.f("fk_case_risk_school_id_case_id_counselling_case"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_case_risk_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_case_risk_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_case_risk")),
    )
    op.create_table(
        "counselling_session",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("care_record_id", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("minutes between 1 and 600", name=op.f("ck_counselling_session_minutes")),
        sa.ForeignKeyConstraint(
            ["school_id", "care_record_id"],
            ["care_record.school_id", "care_record.id"],
            name=op.f("fk_counselling_session_school_id_care_record_id_care_record"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "case_id"],
            ["counselling_case.school_id", "counselling_case.id"],
            name=op.f("fk_counselling_session_school_id_case_id_counselling_case"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_counselling_session_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_counselling_session_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_counselling_session_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_counselling_session")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_counselling_session_school_id_client_key")
        ),
    )
    op.create_index(
        op.f("ix_counselling_session_school_id_case_id_held_on"),
        "counselling_session",
        ["school_id", "case_id", "held_on"],
        unique=False,
    )
    op.create_table(
        "letterbox_letter",
        sa.Column("reply_digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "case_id"],
            ["counselling_case.school_id", "counselling_case.id"],
            name=op.f("fk_letterbox_letter_school_id_case_id_counselling_case"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_letterbox_letter_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_letterbox_letter")),
        sa.UniqueConstraint(
            "school_id", "reply_digest", name=op.f("uq_letterbox_letter_school_id_reply_digest")
        ),
    )
    op.create_index(
        op.f("ix_letterbox_letter_school_id_received_at"),
        "letterbox_letter",
        ["school_id", "received_at"],
        unique=False,
    )
    op.create_table(
        "letterbox_message",
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "letter_id"],
            ["letterbox_letter.school_id", "letterbox_letter.id"],
            name=op.f("fk_letterbox_message_school_id_letter_id_letterbox_letter"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_letterbox_message_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_letterbox_message_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_letterbox_message")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_letterbox_message_school_id_client_key")
        ),
    )
    op.create_index(
        op.f("ix_letterbox_message_school_id_letter_id"),
        "letterbox_message",
        ["school_id", "letter_id"],
        unique=False,
    )

    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
