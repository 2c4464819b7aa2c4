"""Pairing, help plans, conduct, must-visits, attendance, aid; and the duty calendar's settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0014_care_practices"
down_revision = "0013_care_records"

ENTERED = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
COUNTED = {
    "pairing": "school_id, id, pupil_id, kind, starts_on, ends_on, withdrawn_at",
    "help_plan": "school_id, id, pupil_id, term, withdrawn_at",
    "must_visit": "school_id, id, pupil_id, raised_on, due_on, closed_on, withdrawn_at",
    "drop_out": "school_id, id, pupil_id, since_on, returned_on, withdrawn_at",
}
REGISTERS = (
    "pairing", "pairing_check", "help_plan", "plan_step", "plan_review", "conduct_case", "must_visit",
    "attendance_event", "drop_out", "drop_out_step", "aid",
)  # fmt: skip
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
    Protection("duty_setting", school_rows(), ENTERED),
    # A school reads what its district has set.
    Protection(
        "district_duty_setting",
        district_rows(),
        {Login.DISTRICT: "SELECT, INSERT, UPDATE", Login.SCHOOL: "SELECT"},
    ),
)


def upgrade() -> None:
    op.create_table(
        "district_duty_setting",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("season", sa.Text(), nullable=False),
        sa.Column("amount", sa.SmallInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("risk in ('any', 'high')", name=op.f("ck_district_duty_setting_risk")),
        sa.CheckConstraint("season in ('term', 'holiday')", name=op.f("ck_district_duty_setting_season")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_district_duty_setting_amount")),
        sa.ForeignKeyConstraint(
            ["district_id", "set_by"],
            ["district_staff.district_id", "district_staff.id"],
            name=op.f("fk_district_duty_setting_district_id_set_by_district_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_duty_setting_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_district_duty_setting")),
        sa.UniqueConstraint(
            "district_id",
            "duty",
            "risk",
            "season",
            name=op.f("uq_district_duty_setting_district_id_duty_risk_season"),
        ),
    )
    op.create_table(
        "duty_setting",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("season", sa.Text(), nullable=False),
        sa.Column("amount", sa.SmallInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("risk in ('any', 'high')", name=op.f("ck_duty_setting_risk")),
        sa.CheckConstraint("season in ('term', 'holiday')", name=op.f("ck_duty_setting_season")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_duty_setting_amount")),
        sa.ForeignKeyConstraint(
            ["school_id", "set_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_duty_setting_school_id_set_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_duty_setting_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_duty_setting")),
        sa.UniqueConstraint(
            "school_id", "duty", "risk", "season", name=op.f("uq_duty_setting_school_id_duty_risk_season")
        ),
    )
    op.create_table(
        "aid",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind in ('boarding', 'nutrition', 'living', 'scholarship', 'donation', 'goods', 'other')",
            name=op.f("ck_aid_kind"),
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_aid_amount")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_aid_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_aid_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_aid_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_aid")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_aid_school_id_client_key")),
    )
    op.create_index(op.f("ix_aid_school_id_pupil_id"), "aid", ["school_id", "pupil_id"], unique=False)
    op.create_table(
        "attendance_event",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_excused", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind in ('absent', 'late', 'left_early')", name=op.f("ck_attendance_event_kind")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_attendance_event_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_attendance_event_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_attendance_event_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_attendance_event")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_attendance_event_school_id_client_key")),
    )
    op.create_index(
        "ix_attendance_event_day",
        "attendance_event",
        ["school_id", "pupil_id", "occurred_on", "kind"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "conduct_case",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("problems", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("agreed_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "outcome in ('mended', 'better', 'unchanged')", name=op.f("ck_conduct_case_outcome")
        ),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_conduct_case_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_conduct_case_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_conduct_case_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_conduct_case_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_conduct_case")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_conduct_case_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_conduct_case_school_id_pupil_id"), "conduct_case", ["school_id", "pupil_id"], unique=False
    )
    op.create_table(
        "drop_out",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
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
            (sa.text("daterange(since_on, returned_on)"), "&&"),
            where=sa.text("withdrawn_at is null"),
            using="gist",
            name="ex_drop_out_days",
        ),
        sa.CheckConstraint(
            "reason in ('unwilling', 'work', 'poverty', 'illness', 'family', 'unknown', 'other')",
            name=op.f("ck_drop_out_reason"),
        ),
        sa.CheckConstraint("returned_on > since_on", name=op.f("ck_drop_out_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_drop_out_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_drop_out_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_drop_out_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_drop_out")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_drop_out_school_id_client_key")),
    )
    op.create_table(
        "help_plan",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("lacks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("priorities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("teacher_id", sa.BigInteger(), nullable=True),
        sa.Column("times", sa.Text(), nullable=True),
        sa.Column("goals_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contents_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("result_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("level in ('usual', 'attention', 'priority')", name=op.f("ck_help_plan_level")),
        sa.CheckConstraint("result in ('reached', 'partly', 'missed')", name=op.f("ck_help_plan_result")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_help_plan_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_help_plan_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "teacher_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_help_plan_school_id_teacher_id_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_help_plan_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_help_plan")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_help_plan_school_id_client_key")),
    )
    op.create_index(
        "ix_help_plan_term",
        "help_plan",
        ["school_id", "pupil_id", "term"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "pairing",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("helper_pupil_id", sa.BigInteger(), nullable=True),
        sa.Column("helper_name", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
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
            (sa.column("helper_pupil_id"), "="),
            (sa.column("kind"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            where=sa.text("withdrawn_at is null and helper_pupil_id is not null"),
            using="gist",
            name="ex_pairing_pupil",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("pupil_id"), "="),
            (sa.column("staff_id"), "="),
            (sa.column("kind"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            where=sa.text("withdrawn_at is null and staff_id is not null"),
            using="gist",
            name="ex_pairing_staff",
        ),
        sa.CheckConstraint(
            "kind in ('teacher', 'pupil', 'acting_parent', 'caring_mother', 'neighbour', 'party_member',"
            " 'volunteer')",
            name=op.f("ck_pairing_kind"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pairing_order")),
        sa.CheckConstraint(
            "num_nonnulls(staff_id, helper_pupil_id, helper_name) = 1", name=op.f("ck_pairing_helper")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "helper_pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_pairing_school_id_helper_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_pairing_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_pairing_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_pairing_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_pairing_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_pairing")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_pairing_school_id_client_key")),
    )
    op.create_index(op.f("ix_pairing_school_id_pupil_id"), "pairing", ["school_id", "pupil_id"], unique=False)
    op.create_index(op.f("ix_pairing_school_id_staff_id"), "pairing", ["school_id", "staff_id"], unique=False)
    op.create_table(
        "drop_out_step",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("drop_out_id", sa.BigInteger(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "means in ('visit', 'call', 'village', 'report', 'other')", name=op.f("ck_drop_out_step_means")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "drop_out_id"],
            ["drop_out.school_id", "drop_out.id"],
            name=op.f("fk_drop_out_step_school_id_drop_out_id_drop_out"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_drop_out_step_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_drop_out_step_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_drop_out_step_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_drop_out_step")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_drop_out_step_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_drop_out_step_school_id_drop_out_id"),
        "drop_out_step",
        ["school_id", "drop_out_id"],
        unique=False,
    )
    op.create_table(
        "must_visit",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("origin", sa.Text(), server_default="staff", nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("care_record_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("origin in ('staff', 'exam', 'attendance')", name=op.f("ck_must_visit_origin")),
        sa.CheckConstraint(
            "reason in ('mood', 'illness', 'marks', 'lateness', 'quarrel')", name=op.f("ck_must_visit_reason")
        ),
        sa.CheckConstraint("due_on >= raised_on", name=op.f("ck_must_visit_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "care_record_id"],
            ["care_record.school_id", "care_record.id"],
            name=op.f("fk_must_visit_school_id_care_record_id_care_record"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_must_visit_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_must_visit_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_must_visit_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_must_visit")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_must_visit_school_id_client_key")),
    )
    op.create_index(
        "ix_must_visit_open",
        "must_visit",
        ["school_id", "pupil_id", "reason"],
        unique=True,
        postgresql_where=sa.text("closed_on is null and withdrawn_at is null"),
    )
    op.create_index(
        op.f("ix_must_visit_school_id_due_on"), "must_visit", ["school_id", "due_on"], unique=False
    )
    op.create_table(
        "pairing_check",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("pairing_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("finding in ('good', 'fair', 'poor')", name=op.f("ck_pairing_check_finding")),
        sa.ForeignKeyConstraint(
            ["school_id", "pairing_id"],
            ["pairing.school_id", "pairing.id"],
            name=op.f("fk_pairing_check_school_id_pairing_id_pairing"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_pairing_check_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_pairing_check_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_pairing_check_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_pairing_check")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_pairing_check_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_pairing_check_school_id_pairing_id"),
        "pairing_check",
        ["school_id", "pairing_id"],
        unique=False,
    )
    op.create_table(
        "plan_review",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("help_plan_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "standing in ('ahead', 'as_planned', 'behind')", name=op.f("ck_plan_review_standing")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "help_plan_id"],
            ["help_plan.school_id", "help_plan.id"],
            name=op.f("fk_plan_review_school_id_help_plan_id_help_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_plan_review_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_plan_review_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_plan_review_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_plan_review")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_plan_review_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_plan_review_school_id_help_plan_id"),
        "plan_review",
        ["school_id", "help_plan_id"],
        unique=False,
    )
    op.create_table(
        "plan_step",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("help_plan_id", sa.BigInteger(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "help_plan_id"],
            ["help_plan.school_id", "help_plan.id"],
            name=op.f("fk_plan_step_school_id_help_plan_id_help_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_plan_step_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_plan_step_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_plan_step_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_plan_step")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_plan_step_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_plan_step_school_id_help_plan_id"), "plan_step", ["school_id", "help_plan_id"], unique=False
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
