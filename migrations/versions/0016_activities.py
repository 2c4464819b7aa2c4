"""The children's home, activities, the parents' school."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0016_activities"
down_revision = "0015_organisation"

ENTERED = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
# Who was there is kept as it is on the form: ticked off again, the row goes.
LISTED = {Login.SCHOOL: "SELECT, INSERT, DELETE"}
COUNTED = {
    "home_opening": "school_id, id, opened_on, withdrawn_at",
    "activity": "school_id, id, kind, held_on, withdrawn_at",
    "parents_session": "school_id, id, held_on, minutes, notice_on, withdrawn_at",
    "home_opening_staff": "school_id, id, opening_id, staff_id",
    "activity_participant": "school_id, id, activity_id, pupil_id",
    "session_attendance": "school_id, id, session_id, pupil_id",
}
PROTECTIONS = (
    *(
        Protection(
            table,
            school_rows(),
            ENTERED | {Login.AGGREGATOR: f"SELECT ({COUNTED[table]})"},
            allocates=Login.SCHOOL,
        )
        for table in ("home_opening", "activity", "parents_session")
    ),
    *(
        Protection(
            table,
            school_rows(),
            LISTED | ({Login.AGGREGATOR: f"SELECT ({COUNTED[table]})"} if table in COUNTED else {}),
        )
        for table in ("home_opening_staff", "home_visitor", "activity_participant", "session_attendance")
    ),
)


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind in ('theme_class', 'symposium', 'hand_in_hand', 'festival', 'contest', 'donation',"
            " 'lecture', 'birthday', 'other')",
            name=op.f("ck_activity_kind"),
        ),
        sa.CheckConstraint("cost_cents >= 0", name=op.f("ck_activity_cost")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_activity_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_activity_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_activity")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_activity_school_id_client_key")),
    )
    op.create_index(op.f("ix_activity_school_id_held_on"), "activity", ["school_id", "held_on"], unique=False)
    op.create_table(
        "home_opening",
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("calls", sa.SmallInteger(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("calls >= 0", name=op.f("ck_home_opening_calls")),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_home_opening_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_opening_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_home_opening_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_home_opening")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_home_opening_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_home_opening_school_id_opened_on"), "home_opening", ["school_id", "opened_on"], unique=False
    )
    op.create_table(
        "parents_session",
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("teacher", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=True),
        sa.Column("cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "teacher in ('retired_teacher', 'own_staff', 'outside_expert', 'successful_parent')",
            name=op.f("ck_parents_session_teacher"),
        ),
        sa.CheckConstraint("cost_cents >= 0", name=op.f("ck_parents_session_cost")),
        sa.CheckConstraint("minutes between 1 and 600", name=op.f("ck_parents_session_minutes")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_parents_session_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_parents_session_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_parents_session")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_parents_session_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_parents_session_school_id_held_on"),
        "parents_session",
        ["school_id", "held_on"],
        unique=False,
    )
    op.create_table(
        "activity_participant",
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "activity_id"],
            ["activity.school_id", "activity.id"],
            name=op.f("fk_activity_participant_school_id_activity_id_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_activity_participant_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_activity_participant_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_activity_participant")),
        sa.UniqueConstraint(
            "school_id",
            "activity_id",
            "pupil_id",
            name=op.f("uq_activity_participant_school_id_activity_id_pupil_id"),
        ),
    )
    op.create_index(
        op.f("ix_activity_participant_school_id_pupil_id"),
        "activity_participant",
        ["school_id", "pupil_id"],
        unique=False,
    )
    op.create_table(
        "home_opening_staff",
        sa.Column("opening_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "opening_id"],
            ["home_opening.school_id", "home_opening.id"],
            name=op.f("fk_home_opening_staff_school_id_opening_id_home_opening"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_opening_staff_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_home_opening_staff_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_home_opening_staff")),
        sa.UniqueConstraint(
            "school_id",
            "opening_id",
            "staff_id",
            name=op.f("uq_home_opening_staff_school_id_opening_id_staff_id"),
        ),
    )
    op.create_table(
        "home_visitor",
        sa.Column("opening_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "opening_id"],
            ["home_opening.school_id", "home_opening.id"],
            name=op.f("fk_home_visitor_school_id_opening_id_home_opening"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_home_visitor_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_home_visitor_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_home_visitor")),
        sa.UniqueConstraint(
            "school_id", "opening_id", "pupil_id", name=op.f("uq_home_visitor_school_id_opening_id_pupil_id")
        ),
    )
    op.create_index(
        op.f("ix_home_visitor_school_id_pupil_id"), "home_visitor", ["school_id", "pupil_id"], unique=False
    )
    op.create_table(
        "session_attendance",
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_session_attendance_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "session_id"],
            ["parents_session.school_id", "parents_session.id"],
            name=op.f("fk_session_attendance_school_id_session_id_parents_session"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_session_attendance_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_session_attendance")),
        sa.UniqueConstraint(
            "school_id",
            "session_id",
            "pupil_id",
            name=op.f("uq_session_attendance_school_id_session_id_pupil_id"),
        ),
    )
    op.create_index(
        op.f("ix_session_attendance_school_id_pupil_id"),
        "session_attendance",
        ["school_id", "pupil_id"],
        unique=False,
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
