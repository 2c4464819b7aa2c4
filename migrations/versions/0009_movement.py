"""Surveys, classes through the years, moving up, handover; absences that are changed and withdrawn."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0009_movement"
down_revision = "0008_audit_chain"

KEPT = {Login.SCHOOL: "SELECT, INSERT, UPDATE"}
PROTECTIONS = (
    Protection("survey", school_rows(), KEPT),
    Protection("survey_answer", school_rows(), KEPT),
    Protection("class_membership", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE, DELETE"}),
    Protection("promotion", school_rows(), KEPT),
    Protection("promotion_step", school_rows(), {Login.SCHOOL: "SELECT, INSERT"}),
    Protection("handover", school_rows(), KEPT),
    Protection("handover_item", school_rows(), {Login.SCHOOL: "SELECT, INSERT"}),
)

# Whoever changes a pupil's class (an import, a moving up, a correction): past days stay answerable. The day
# is the one that the transaction names (lx.moved_on), else today in the district's time zone; 'undo' keeps
# still: undoing restores the rows itself.
MEMBERSHIP = """
    CREATE FUNCTION keep_class_membership() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        said text := nullif(current_setting('lx.moved_on', true), '');
        day date;
    BEGIN
        IF said = 'undo' THEN
            RETURN NULL;
        END IF;
        IF TG_OP = 'INSERT' THEN
            INSERT INTO class_membership (school_id, pupil_id, class_id, starts_on)
            VALUES (NEW.school_id, NEW.id, NEW.class_id, NEW.enrolled_on);
            RETURN NULL;
        END IF;
        day := coalesce(said::date, (SELECT (now() AT TIME ZONE district.timezone)::date
            FROM school JOIN district ON district.id = school.district_id WHERE school.id = NEW.school_id));
        UPDATE class_membership SET class_id = NEW.class_id
        WHERE school_id = NEW.school_id AND pupil_id = NEW.id AND ends_on IS NULL AND starts_on >= day;
        IF NOT FOUND THEN
            UPDATE class_membership SET ends_on = day
            WHERE school_id = NEW.school_id AND pupil_id = NEW.id AND ends_on IS NULL;
            INSERT INTO class_membership (school_id, pupil_id, class_id, starts_on)
            VALUES (NEW.school_id, NEW.id, NEW.class_id, day);
        END IF;
        RETURN NULL;
    END $$
"""
TRIGGERS = (
    """
    CREATE TRIGGER pupil_entered AFTER INSERT ON pupil
    FOR EACH ROW EXECUTE FUNCTION keep_class_membership()
    """,
    """
    CREATE TRIGGER pupil_moved AFTER UPDATE OF class_id ON pupil
    FOR EACH ROW WHEN (OLD.class_id <> NEW.class_id) EXECUTE FUNCTION keep_class_membership()
    """,
)


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("from_staff", sa.BigInteger(), nullable=False),
        sa.Column("to_staff", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_handover_school_id_class_id_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "from_staff"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_handover_school_id_from_staff_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "made_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_handover_school_id_made_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "to_staff"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_handover_school_id_to_staff_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_handover_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_handover")),
    )
    op.create_index(
        "ix_handover_open",
        "handover",
        ["school_id", "class_id"],
        unique=True,
        postgresql_where=sa.text("received_at is null"),
    )
    op.create_table(
        "promotion",
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "made_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_promotion_school_id_made_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "undone_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_promotion_school_id_undone_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_promotion_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_promotion")),
    )
    op.create_index(
        "ix_promotion_day",
        "promotion",
        ["school_id", "moved_on"],
        unique=True,
        postgresql_where=sa.text("undone_at is null"),
    )
    op.create_table(
        "survey",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "opened_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_survey_school_id_opened_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_survey_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_survey")),
        sa.UniqueConstraint("school_id", "term", name=op.f("uq_survey_school_id_term")),
    )
    op.create_table(
        "class_membership",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("school_id"), "="),
            (sa.column("pupil_id"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_class_membership_days",
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_class_membership_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_class_membership_school_id_class_id_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_class_membership_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_class_membership_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_class_membership")),
    )
    op.create_table(
        "handover_item",
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("held", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "handover_id"],
            ["handover.school_id", "handover.id"],
            name=op.f("fk_handover_item_school_id_handover_id_handover"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_handover_item_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_handover_item_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_handover_item")),
        sa.UniqueConstraint(
            "school_id",
            "handover_id",
            "pupil_id",
            name=op.f("uq_handover_item_school_id_handover_id_pupil_id"),
        ),
    )
    op.create_table(
        "promotion_step",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("from_class", sa.BigInteger(), nullable=False),
        sa.Column("to_class", sa.BigInteger(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "from_class"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_promotion_step_school_id_from_class_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "promotion_id"],
            ["promotion.school_id", "promotion.id"],
            name=op.f("fk_promotion_step_school_id_promotion_id_promotion"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_promotion_step_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "to_class"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_promotion_step_school_id_to_class_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_promotion_step_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_promotion_step")),
        sa.UniqueConstraint(
            "school_id",
            "promotion_id",
            "pupil_id",
            name=op.f("uq_promotion_step_school_id_promotion_id_pupil_id"),
        ),
    )
    op.create_table(
        "survey_answer",
        sa.Column("survey_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "answer in ('confirmed', 'changed', 'closed')", name=op.f("ck_survey_answer_answer")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "answered_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_survey_answer_school_id_answered_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_survey_answer_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "survey_id"],
            ["survey.school_id", "survey.id"],
            name=op.f("fk_survey_answer_school_id_survey_id_survey"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_survey_answer_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_survey_answer")),
        sa.UniqueConstraint(
            "school_id", "survey_id", "pupil_id", name=op.f("uq_survey_answer_school_id_survey_id_pupil_id")
        ),
    )
    for column in (
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("parent_absence", column)
    op.create_foreign_key(
        op.f("fk_parent_absence_school_id_recorded_by_staff"),
        "parent_absence",
        "staff",
        ["school_id", "recorded_by"],
        ["school_id", "id"],
    )
    op.create_unique_constraint(
        op.f("uq_parent_absence_school_id_client_key"), "parent_absence", ["school_id", "client_key"]
    )
    op.execute("""
        ALTER TABLE parent_absence DROP CONSTRAINT ex_parent_absence_days,
        ADD CONSTRAINT ex_parent_absence_days EXCLUDE USING gist
            (school_id WITH =, pupil_id WITH =, parent WITH =, daterange(starts_on, ends_on) WITH &&)
            WHERE (withdrawn_at is null)
    """)
    op.execute("GRANT USAGE ON SEQUENCE parent_absence_id_seq TO lx_school")
    # Rows of every school are read here, in no school's scope: row security steps aside.
    op.execute("ALTER TABLE pupil NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO class_membership (school_id, pupil_id, class_id, starts_on)
        SELECT school_id, id, class_id, enrolled_on FROM pupil
    """)
    op.execute("ALTER TABLE pupil FORCE ROW LEVEL SECURITY")
    op.execute(MEMBERSHIP)
    for trigger in TRIGGERS:
        op.execute(trigger)
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
