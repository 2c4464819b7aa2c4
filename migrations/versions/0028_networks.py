"""Networks: contacts and referrals; the mandatory report, kept for good; awards."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, Rows, school_rows
from lxsaas.core.scope import Login

revision = "0028_networks"
down_revision = "0027_activities"

SEEN_AT_NIGHT = (
    "district_id, id, unit_id, report_id, opened_at, known_at, state, state_since, last_step_at,"
    " police_told_at, civil_affairs_told_at, education_told_at, closed_as, shared_at"
)
"""For alarms and mail: instants and codes, not what a school shared."""
PROTECTIONS = (
    *(
        Protection(table, school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE"}, allocates=Login.SCHOOL)
        for table in (
            "network_contact",
            "referral",
            "referral_step",
            "teacher_nomination",
            "child_nomination",
        )
    ),
    # Only ever added to: no login may change or delete.
    Protection("mandatory_report", school_rows(), {Login.SCHOOL: "SELECT, INSERT"}, allocates=Login.SCHOOL),
    Protection("mandatory_step", school_rows(), {Login.SCHOOL: "SELECT, INSERT"}, allocates=Login.SCHOOL),
    Protection(
        "district_mandatory_report",
        (
            Rows("unit_id = (select lx_school_id())", (Login.SCHOOL, Login.OWNER)),
            Rows("district_id = (select lx_district_id())", (Login.DISTRICT, Login.AGGREGATOR)),
        ),
        {
            Login.SCHOOL: "SELECT",
            Login.DISTRICT: "SELECT",
            Login.AGGREGATOR: f"SELECT ({SEEN_AT_NIGHT})",
        },
    ),
)

STAMPS = (
    """
    CREATE FUNCTION lx_stamp_report() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Not now(): a transaction that was begun long ago would date it back.
        NEW.opened_at := clock_timestamp();
        NEW.known_at := least(NEW.known_at, NEW.opened_at);
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION lx_stamp_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.recorded_at := clock_timestamp();
        NEW.done_at := least(NEW.done_at, NEW.recorded_at);
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER said_now BEFORE INSERT ON mandatory_report"
    " FOR EACH ROW EXECUTE FUNCTION lx_stamp_report()",
    "CREATE TRIGGER said_now BEFORE INSERT ON mandatory_step FOR EACH ROW EXECUTE FUNCTION lx_stamp_step()",
)
# The owner of the tables too is refused: it may only seal a text anew under a newer key of the school.
KEEPING = (
    """
    CREATE FUNCTION lx_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is kept for good', TG_TABLE_NAME USING ERRCODE = '42501';
    END $$
    """,
    r"""
    CREATE FUNCTION lx_only_resealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM jsonb_each_text(to_jsonb(OLD)) AS held JOIN jsonb_each_text(to_jsonb(NEW)) AS given
                USING (key)
            WHERE held.value IS DISTINCT FROM given.value AND (
                -- A sealed value is '\x', its key's id in sixteen digits, and as many bytes as before.
                key NOT LIKE '%\_sealed' OR held.value IS NULL OR given.value IS NULL
                OR length(held.value) <> length(given.value)
                OR substr(held.value, 3, 16) >= substr(given.value, 3, 16)
                OR NOT EXISTS (
                    SELECT FROM school_key k
                    WHERE k.school_id = NEW.school_id
                        AND lpad(to_hex(k.id), 16, '0') = substr(given.value, 3, 16)
                )
            )
        ) THEN
            RAISE EXCEPTION '% is kept for good', TG_TABLE_NAME USING ERRCODE = '42501';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION lx_only_by_triggers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION '% is kept by triggers', TG_TABLE_NAME USING ERRCODE = '42501';
        END IF;
        RETURN NEW;
    END $$
    """,
    *(
        statement
        for table, change, function in (
            ("mandatory_report", "UPDATE", "lx_only_resealed"),
            ("mandatory_step", "UPDATE", "lx_only_resealed"),
            ("district_mandatory_report", "INSERT OR UPDATE", "lx_only_by_triggers"),
        )
        for statement in (
            f"CREATE TRIGGER never_changed BEFORE {change} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {function}()",
            f"CREATE TRIGGER kept_for_good BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION lx_refuse()",
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION lx_refuse()",
        )
    ),
)
TELLING = (
    """
    CREATE FUNCTION lx_tell_report() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO district_mandatory_report
            (district_id, unit_id, report_id, opened_at, known_at, state, state_since)
        VALUES
            (lx_district_id(), NEW.school_id, NEW.id, NEW.opened_at, NEW.known_at, 'opened', NEW.opened_at);
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION lx_tell_step() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        held district_mandatory_report;
        before text;
    BEGIN
        SELECT * INTO STRICT held FROM district_mandatory_report
        WHERE unit_id = NEW.school_id AND report_id = NEW.report_id FOR UPDATE;
        before := held.state;
        held.last_step_at := NEW.recorded_at;
        CASE NEW.kind
            WHEN 'police' THEN held.police_told_at := coalesce(held.police_told_at, NEW.recorded_at);
            WHEN 'civil_affairs' THEN
                held.civil_affairs_told_at := coalesce(held.civil_affairs_told_at, NEW.recorded_at);
            WHEN 'education' THEN
                held.education_told_at := coalesce(held.education_told_at, NEW.recorded_at);
            WHEN 'shared' THEN
                held.shared_at := NEW.recorded_at;
                held.shared_text := concat_ws(E'\\n\\n', held.shared_text, NEW.shared_text);
            ELSE NULL;
        END CASE;
        IF NEW.kind = 'closed' THEN
            IF NEW.closed_as <> 'mistake' AND num_nulls(
                held.police_told_at, held.civil_affairs_told_at, held.education_told_at
            ) > 0 THEN
                RAISE EXCEPTION 'the authorities were not told' USING ERRCODE = '23514';
            END IF;
            held.state := 'closed';
            held.closed_as := NEW.closed_as;
        ELSIF before <> 'closed' OR NEW.kind = 'reopened' THEN
            held.closed_as := NULL;
            held.state := CASE
                num_nulls(held.police_told_at, held.civil_affairs_told_at, held.education_told_at)
                WHEN 0 THEN 'told' WHEN 3 THEN 'opened' ELSE 'partly_told'
            END;
        END IF;
        IF held.state <> before THEN
            held.state_since := NEW.recorded_at;
        END IF;
        UPDATE district_mandatory_report SET
            state = held.state, state_since = held.state_since, last_step_at = held.last_step_at,
            police_told_at = held.police_told_at, civil_affairs_told_at = held.civil_affairs_told_at,
            education_told_at = held.education_told_at, closed_as = held.closed_as,
            shared_at = held.shared_at, shared_text = held.shared_text
        WHERE district_id = held.district_id AND id = held.id;
        RETURN NULL;
    END $$
    """,
    "REVOKE ALL ON FUNCTION lx_tell_report() FROM PUBLIC",
    "REVOKE ALL ON FUNCTION lx_tell_step() FROM PUBLIC",
    "CREATE TRIGGER told_district AFTER INSERT ON mandatory_report"
    " FOR EACH ROW EXECUTE FUNCTION lx_tell_report()",
    "CREATE TRIGGER told_district AFTER INSERT ON mandatory_step"
    " FOR EACH ROW EXECUTE FUNCTION lx_tell_step()",
)
# A child that moved is forgotten (0009), but not that it may have been harmed. The function is changed where
# it chooses tables, so that whatever else was added to it since stays.
SPARING = """
    DO $$
    DECLARE
        held text := pg_get_functiondef('lx_forget_rows(regclass, bigint[])'::regprocedure);
        place text := 'WHERE c.contype = ''f'' AND c.confrelid = target AND cardinality(c.conkey) = 2';
    BEGIN
        IF strpos(held, place) = 0 THEN
            RAISE EXCEPTION 'lx_forget_rows is not as this migration expects it';
        END IF;
        EXECUTE replace(held, place, place || '
                AND NOT EXISTS (
                    SELECT FROM pg_trigger k WHERE k.tgrelid = c.conrelid AND k.tgname = ''kept_for_good''
                )');
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "district_mandatory_report",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("police_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("civil_affairs_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("education_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_as", sa.Text(), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shared_text", sa.Text(), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state in ('opened', 'partly_told', 'told', 'closed')",
            name=op.f("ck_district_mandatory_report_state"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_mandatory_report_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_district_mandatory_report")),
        sa.UniqueConstraint(
            "district_id",
            "unit_id",
            "report_id",
            name=op.f("uq_district_mandatory_report_district_id_unit_id_report_id"),
        ),
    )
    op.create_index(
        op.f("ix_district_mandatory_report_district_id_state_known_at"),
        "district_mandatory_report",
        ["district_id", "state", "known_at"],
        unique=False,
    )
    op.create_table(
        "network_contact",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "network in ('relatives', 'village', 'school', 'society', 'law')",
            name=op.f("ck_network_contact_network"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_network_contact_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_network_contact_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_network_contact")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_network_contact_school_id_client_key")),
    )
    op.create_table(
        "teacher_nomination",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("nominated_on", sa.Date(), nullable=False),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "decision in ('awarded', 'declined')", name=op.f("ck_teacher_nomination_decision")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_teacher_nomination_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_teacher_nomination_school_id_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_teacher_nomination_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_teacher_nomination")),
        sa.UniqueConstraint(
            "school_id", "client_key", name=op.f("uq_teacher_nomination_school_id_client_key")
        ),
    )
    op.create_index(
        "ix_teacher_nomination_year",
        "teacher_nomination",
        ["school_id", "school_year", "staff_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "child_nomination",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_name", sa.Text(), nullable=True),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("nominated_on", sa.Date(), nullable=False),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("decision in ('awarded', 'declined')", name=op.f("ck_child_nomination_decision")),
        sa.CheckConstraint(
            "kind in ('self_reliant', 'pair', 'parent')", name=op.f("ck_child_nomination_kind")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "partner_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_child_nomination_school_id_partner_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_child_nomination_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_child_nomination_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_child_nomination_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_child_nomination")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_child_nomination_school_id_client_key")),
    )
    op.create_index(
        "ix_child_nomination_year",
        "child_nomination",
        ["school_id", "school_year", "pupil_id", "kind"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "mandatory_report",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("harm", sa.Text(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "harm in ('private_injury', 'sexual_young', 'sexual_older', 'violence', 'unnatural',"
            " 'neglect', 'missing', 'begging', 'other')",
            name=op.f("ck_mandatory_report_harm"),
        ),
        sa.CheckConstraint("known_at <= opened_at", name=op.f("ck_mandatory_report_known")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_mandatory_report_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_mandatory_report_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_mandatory_report_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_mandatory_report")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_mandatory_report_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_mandatory_report_school_id_pupil_id"),
        "mandatory_report",
        ["school_id", "pupil_id"],
        unique=False,
    )
    op.create_table(
        "referral",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("network_contact_id", sa.BigInteger(), nullable=True),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "need in ('care', 'safety', 'health', 'mind', 'study', 'money', 'law', 'other')",
            name=op.f("ck_referral_need"),
        ),
        sa.CheckConstraint(
            "network in ('relatives', 'village', 'school', 'society', 'law')",
            name=op.f("ck_referral_network"),
        ),
        sa.CheckConstraint(
            "outcome in ('helped', 'partly', 'not_helped', 'not_needed')", name=op.f("ck_referral_outcome")
        ),
        sa.CheckConstraint("due_on >= referred_on", name=op.f("ck_referral_due")),
        sa.CheckConstraint("settled_on >= referred_on", name=op.f("ck_referral_order")),
        sa.ForeignKeyConstraint(
            ["school_id", "network_contact_id"],
            ["network_contact.school_id", "network_contact.id"],
            name=op.f("fk_referral_school_id_network_contact_id_network_contact"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_referral_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_referral_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_referral_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_referral")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_referral_school_id_client_key")),
    )
    op.create_index(op.f("ix_referral_school_id_due_on"), "referral", ["school_id", "due_on"], unique=False)
    op.create_index(
        op.f("ix_referral_school_id_pupil_id"), "referral", ["school_id", "pupil_id"], unique=False
    )
    op.create_table(
        "mandatory_step",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recipient_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("closed_as", sa.Text(), nullable=True),
        sa.Column("shared_text", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "closed_as in ('settled', 'handed_over', 'unfounded', 'mistake')",
            name=op.f("ck_mandatory_step_closed_as"),
        ),
        sa.CheckConstraint(
            "closed_as is not null or kind <> 'closed'", name=op.f("ck_mandatory_step_reason")
        ),
        sa.CheckConstraint(
            "kind in ('police', 'civil_affairs', 'education', 'follow_up', 'outcome', 'shared',"
            " 'closed', 'reopened')",
            name=op.f("ck_mandatory_step_kind"),
        ),
        sa.CheckConstraint(
            "shared_text is not null or kind <> 'shared'", name=op.f("ck_mandatory_step_shared")
        ),
        sa.CheckConstraint("done_at <= recorded_at", name=op.f("ck_mandatory_step_done")),
        sa.ForeignKeyConstraint(
            ["school_id", "done_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_mandatory_step_school_id_done_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_mandatory_step_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "report_id"],
            ["mandatory_report.school_id", "mandatory_report.id"],
            name=op.f("fk_mandatory_step_school_id_report_id_mandatory_report"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_mandatory_step_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_mandatory_step")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_mandatory_step_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_mandatory_step_school_id_report_id"),
        "mandatory_step",
        ["school_id", "report_id"],
        unique=False,
    )
    op.create_table(
        "referral_step",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("referral_id", sa.BigInteger(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_referral_step_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "recorded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_referral_step_school_id_recorded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "referral_id"],
            ["referral.school_id", "referral.id"],
            name=op.f("fk_referral_step_school_id_referral_id_referral"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_referral_step_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_referral_step")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_referral_step_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_referral_step_school_id_referral_id"),
        "referral_step",
        ["school_id", "referral_id"],
        unique=False,
    )

    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
    for statement in (*STAMPS, *KEEPING, *TELLING, SPARING):
        op.execute(statement)
