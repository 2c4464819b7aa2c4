"""Rooms and duty of the children's home, photos to show, the love corner, the parents' school."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0027_activities"
down_revision = "0026_organisation"

ENTERED = (
    "home_room", "home_item", "home_duty", "corner_entry", "parents_school_member", "parents_school_teacher",
    "parents_school_money", "parents_school_material", "family_event",
)  # fmt: skip
LISTED = ("activity_invitation", "event_invitation", "event_attendance", "shown_photo_child")
PROTECTIONS = (
    *(
        Protection(table, school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE"}, allocates=Login.SCHOOL)
        for table in ENTERED
    ),
    # Who was there is kept as it is on the form: ticked off again, the row goes.
    *(Protection(table, school_rows(), {Login.SCHOOL: "SELECT, INSERT, DELETE"}) for table in LISTED),
    Protection("shown_photo", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}),
)


def upgrade() -> None:
    add_tables()
    add_columns()
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)


def add_columns() -> None:
    """What was counted already gets what its pages need; what it means stays."""
    op.add_column("home_opening", sa.Column("words", sa.Text()))
    op.add_column("activity", sa.Column("plan", sa.Text()))
    op.add_column("parents_session", sa.Column("teacher_name", sa.Text()))
    # A family was there when somebody of it was: who, and perhaps several of them.
    op.add_column("session_attendance", sa.Column("guardian_id", sa.BigInteger()))
    op.create_foreign_key(
        op.f("fk_session_attendance_school_id_guardian_id_guardian"),
        "session_attendance", "guardian", ["school_id", "guardian_id"], ["school_id", "id"],
    )  # fmt: skip
    op.drop_constraint("uq_session_attendance_school_id_session_id_pupil_id", "session_attendance")
    op.create_unique_constraint(
        op.f("uq_session_attendance_who"),
        "session_attendance",
        ["school_id", "session_id", "pupil_id", "guardian_id"],
        postgresql_nulls_not_distinct=True,
    )


def add_tables() -> None:
    op.create_table(
        "home_room",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("seats", sa.SmallInteger(), nullable=True),
        sa.Column("keeper_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("seats between 1 and 1000", name=op.f("ck_home_room_seats")),
        sa.ForeignKeyConstraint(
            ["school_id", "keeper_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_room_school_id_keeper_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_room_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_home_room_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_home_room")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_home_room_school_id_client_key")),
    )
    op.create_table(
        "home_item",
        sa.Column("home_room_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "condition in ('good', 'worn', 'broken', 'missing')", name=op.f("ck_home_item_condition")
        ),
        sa.CheckConstraint(
            "kind in ('telephone', 'computer', 'television', 'books', 'sport', 'games', 'music', 'furniture',"
            " 'other')",
            name=op.f("ck_home_item_kind"),
        ),
        sa.CheckConstraint("quantity between 1 and 100000", name=op.f("ck_home_item_quantity")),
        sa.ForeignKeyConstraint(
            ["school_id", "home_room_id"],
            ["home_room.school_id", "home_room.id"],
            name=op.f("fk_home_item_school_id_home_room_id_home_room"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_item_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_home_item_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_home_item")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_home_item_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_home_item_school_id_home_room_id"), "home_item", ["school_id", "home_room_id"], unique=False
    )
    op.create_table(
        "home_duty",
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.Column("first_staff_id", sa.BigInteger(), nullable=False),
        sa.Column("second_staff_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_home_duty_order")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_home_duty_days")),
        sa.CheckConstraint("weekday between 1 and 7", name=op.f("ck_home_duty_weekday")),
        sa.ForeignKeyConstraint(
            ["school_id", "first_staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_duty_school_id_first_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_duty_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "second_staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_home_duty_school_id_second_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_home_duty_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_home_duty")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_home_duty_school_id_client_key")),
    )
    op.create_table(
        "activity_invitation",
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "activity_id"],
            ["activity.school_id", "activity.id"],
            name=op.f("fk_activity_invitation_school_id_activity_id_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_activity_invitation_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_activity_invitation_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_activity_invitation")),
        sa.UniqueConstraint(
            "school_id",
            "activity_id",
            "pupil_id",
            name=op.f("uq_activity_invitation_school_id_activity_id_pupil_id"),
        ),
    )
    op.create_index(
        op.f("ix_activity_invitation_school_id_pupil_id"),
        "activity_invitation",
        ["school_id", "pupil_id"],
        unique=False,
    )
    op.create_table(
        "shown_photo",
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("is_faceless", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "activity_id"],
            ["activity.school_id", "activity.id"],
            name=op.f("fk_shown_photo_school_id_activity_id_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "attachment_id"],
            ["attachment.school_id", "attachment.id"],
            name=op.f("fk_shown_photo_school_id_attachment_id_attachment"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "decided_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_shown_photo_school_id_decided_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_shown_photo_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_shown_photo")),
        sa.UniqueConstraint(
            "school_id", "attachment_id", name=op.f("uq_shown_photo_school_id_attachment_id")
        ),
    )
    op.create_index(
        op.f("ix_shown_photo_school_id_activity_id"),
        "shown_photo",
        ["school_id", "activity_id"],
        unique=False,
    )
    op.create_table(
        "shown_photo_child",
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "photo_id"],
            ["shown_photo.school_id", "shown_photo.id"],
            name=op.f("fk_shown_photo_child_school_id_photo_id_shown_photo"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_shown_photo_child_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_shown_photo_child_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_shown_photo_child")),
        sa.UniqueConstraint(
            "school_id", "photo_id", "pupil_id", name=op.f("uq_shown_photo_child_school_id_photo_id_pupil_id")
        ),
    )
    op.create_index(
        op.f("ix_shown_photo_child_school_id_pupil_id"),
        "shown_photo_child",
        ["school_id", "pupil_id"],
        unique=False,
    )
    op.create_table(
        "corner_entry",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_line", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="submitted", nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "author in ('child', 'family', 'school', 'friend')", name=op.f("ck_corner_entry_author")
        ),
        sa.CheckConstraint(
            "kind in ('message', 'writing', 'drawing', 'craft', 'photo', 'other')",
            name=op.f("ck_corner_entry_kind"),
        ),
        sa.CheckConstraint(
            "state in ('submitted', 'approved', 'hidden')", name=op.f("ck_corner_entry_state")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_corner_entry_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_corner_entry_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_corner_entry_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_corner_entry")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_corner_entry_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_corner_entry_school_id_made_on"), "corner_entry", ["school_id", "made_on"], unique=False
    )
    op.create_index(
        op.f("ix_corner_entry_school_id_pupil_id"), "corner_entry", ["school_id", "pupil_id"], unique=False
    )
    op.create_table(
        "parents_school_member",
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "position in ('head', 'deputy', 'member')", name=op.f("ck_parents_school_member_position")
        ),
        sa.CheckConstraint("side in ('leading', 'committee')", name=op.f("ck_parents_school_member_side")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_parents_school_member_days")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_parents_school_member_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_parents_school_member_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_parents_school_member")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_parents_school_member_school_id_client_key")
        ),
    )
    op.create_table(
        "parents_school_teacher",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind in ('retired_teacher', 'own_staff', 'outside_expert', 'successful_parent')",
            name=op.f("ck_parents_school_teacher_kind"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_parents_school_teacher_days")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_parents_school_teacher_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_parents_school_teacher_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_parents_school_teacher")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_parents_school_teacher_school_id_client_key")
        ),
    )
    op.create_table(
        "parents_school_money",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind in ('budget', 'spending')", name=op.f("ck_parents_school_money_kind")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_parents_school_money_amount")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_parents_school_money_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_parents_school_money_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_parents_school_money")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_parents_school_money_school_id_client_key")
        ),
    )
    op.create_index(
        op.f("ix_parents_school_money_school_id_on_day"),
        "parents_school_money",
        ["school_id", "on_day"],
        unique=False,
    )
    op.create_table(
        "parents_school_material",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("copies", sa.BigInteger(), nullable=False),
        sa.Column("got_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind in ('textbook', 'handout', 'video', 'other')", name=op.f("ck_parents_school_material_kind")
        ),
        sa.CheckConstraint("copies between 1 and 100000", name=op.f("ck_parents_school_material_copies")),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_parents_school_material_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_parents_school_material_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_parents_school_material")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_parents_school_material_school_id_client_key")
        ),
    )
    op.create_table(
        "family_event",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind in ('parents_meeting', 'open_day', 'visit_day', 'other')", name=op.f("ck_family_event_kind")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_family_event_school_id_class_id_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_family_event_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_family_event_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_family_event")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_family_event_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_family_event_school_id_held_on"), "family_event", ["school_id", "held_on"], unique=False
    )
    op.create_table(
        "event_invitation",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "event_id"],
            ["family_event.school_id", "family_event.id"],
            name=op.f("fk_event_invitation_school_id_event_id_family_event"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_event_invitation_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_event_invitation_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_event_invitation")),
        sa.UniqueConstraint(
            "school_id", "event_id", "pupil_id", name=op.f("uq_event_invitation_school_id_event_id_pupil_id")
        ),
    )
    op.create_index(
        op.f("ix_event_invitation_school_id_pupil_id"),
        "event_invitation",
        ["school_id", "pupil_id"],
        unique=False,
    )
    op.create_table(
        "event_attendance",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "event_id"],
            ["family_event.school_id", "family_event.id"],
            name=op.f("fk_event_attendance_school_id_event_id_family_event"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "guardian_id"],
            ["guardian.school_id", "guardian.id"],
            name=op.f("fk_event_attendance_school_id_guardian_id_guardian"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_event_attendance_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_event_attendance_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_event_attendance")),
        sa.UniqueConstraint(
            "school_id",
            "event_id",
            "pupil_id",
            "guardian_id",
            name="uq_event_attendance_who",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_event_attendance_school_id_pupil_id"),
        "event_attendance",
        ["school_id", "pupil_id"],
        unique=False,
    )
