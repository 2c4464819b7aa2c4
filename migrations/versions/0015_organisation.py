"""Leading group, documents and who read them, weekly class activities."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, admitted, school_rows
from lxsaas.core.scope import Login

revision = "0015_organisation"
down_revision = "0014_care_practices"

ENTERED = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
COUNTED = {
    "group_meeting": "school_id, id, held_on, withdrawn_at",
    "plan_document": "school_id, id, kind, published_on, withdrawn_at",
    "class_activity": "school_id, id, class_id, held_on, withdrawn_at",
}
REGISTERS = ("group_member", "group_meeting", "group_decision", "plan_document", "class_activity")
PROTECTIONS = (
    *(
        Protection(
            table,
            school_rows(),
            ENTERED | ({Login.AGGREGATOR: f"SELECT ({COUNTED[table]})"} if table in COUNTED else {}),
            allocates=Login.SCHOOL,
        )
        for table in REGISTERS
    ),
    Protection("group_attendance", school_rows(), {Login.SCHOOL: "SELECT, INSERT, DELETE"}),
    Protection(
        "document_receipt",
        school_rows(),
        ENTERED | {Login.AGGREGATOR: "SELECT (school_id, id, document_id, staff_id, confirmed_on)"},
    ),
)
# Which classes and homeroom teachers a school had on a day.
READ_BY_AGGREGATOR = {
    "class_teacher": "school_id, id, class_id, staff_id, starts_on, ends_on",
    "class_membership": "school_id, id, class_id, pupil_id, starts_on, ends_on",
}


def upgrade() -> None:
    op.create_table(
        "class_activity",
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("planned", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("done", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("extract(isodow from week_on) = 1", name=op.f("ck_class_activity_week")),
        sa.CheckConstraint("held_on between week_on and week_on + 6", name=op.f("ck_class_activity_held")),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_class_activity_school_id_class_id_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_class_activity_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_class_activity_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_class_activity")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_class_activity_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_class_activity_school_id_class_id_held_on"),
        "class_activity",
        ["school_id", "class_id", "held_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_class_activity_school_id_week_on"), "class_activity", ["school_id", "week_on"], unique=False
    )
    op.create_table(
        "group_meeting",
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_group_meeting_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_group_meeting_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_group_meeting")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_group_meeting_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_group_meeting_school_id_held_on"), "group_meeting", ["school_id", "held_on"], unique=False
    )
    op.create_table(
        "group_member",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("position in ('head', 'deputy', 'member')", name=op.f("ck_group_member_position")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_group_member_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_group_member_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_group_member_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_group_member")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_group_member_school_id_client_key")),
    )
    op.create_index(
        "ix_group_member_term",
        "group_member",
        ["school_id", "term", "staff_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "plan_document",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind in ('plan', 'rule', 'other')", name=op.f("ck_plan_document_kind")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_plan_document_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_plan_document_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_plan_document")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_plan_document_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_plan_document_school_id_published_on"),
        "plan_document",
        ["school_id", "published_on"],
        unique=False,
    )
    op.create_table(
        "document_receipt",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "document_id"],
            ["plan_document.school_id", "plan_document.id"],
            name=op.f("fk_document_receipt_school_id_document_id_plan_document"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_document_receipt_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_document_receipt_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_document_receipt")),
        sa.UniqueConstraint(
            "school_id",
            "document_id",
            "staff_id",
            name=op.f("uq_document_receipt_school_id_document_id_staff_id"),
        ),
    )
    op.create_index(
        op.f("ix_document_receipt_school_id_staff_id"),
        "document_receipt",
        ["school_id", "staff_id"],
        unique=False,
    )
    op.create_table(
        "group_attendance",
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "meeting_id"],
            ["group_meeting.school_id", "group_meeting.id"],
            name=op.f("fk_group_attendance_school_id_meeting_id_group_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_group_attendance_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_group_attendance_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_group_attendance")),
        sa.UniqueConstraint(
            "school_id",
            "meeting_id",
            "staff_id",
            name=op.f("uq_group_attendance_school_id_meeting_id_staff_id"),
        ),
    )
    op.create_table(
        "group_decision",
        sa.Column("group_meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "group_meeting_id"],
            ["group_meeting.school_id", "group_meeting.id"],
            name=op.f("fk_group_decision_school_id_group_meeting_id_group_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_group_decision_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_group_decision_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_group_decision_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_group_decision")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_group_decision_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_group_decision_school_id_group_meeting_id"),
        "group_decision",
        ["school_id", "group_meeting_id"],
        unique=False,
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
    for table, columns in READ_BY_AGGREGATOR.items():
        for statement in admitted(table, school_rows(), {Login.AGGREGATOR: f"SELECT ({columns})"}):
            op.execute(statement)
