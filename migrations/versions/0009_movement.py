"""Surveys, classes through the years, moving up, handover; absences that are changed and withdrawn."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, Rows, school_rows
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
    Protection(
        "transfer_package",
        (
            # The one table with rows that two schools see: the former one and the one it names.
            Rows(
                "school_id = (select lx_school_id()) or to_school_id = (select lx_school_id())",
                (Login.SCHOOL, Login.OWNER),
            ),
        ),
        {Login.SCHOOL: "SELECT, INSERT, UPDATE (state, content, settled_at)"},
    ),
    Protection(
        "former_file", school_rows(), {Login.SCHOOL: "SELECT, INSERT, DELETE"}, allocates=Login.SCHOOL
    ),
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

# What the policy cannot say: who may settle an offer how. After the row, so that row security speaks first.
TRANSFER = (
    """
    CREATE FUNCTION check_transfer() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        receives boolean := NEW.to_school_id = lx_school_id();
        sends boolean := NEW.school_id = lx_school_id();
        fits boolean;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            fits := sends AND NEW.state = 'open';
        ELSIF OLD.state = 'open' AND NEW.content IS NULL THEN
            fits := CASE NEW.state
                WHEN 'withdrawn' THEN sends
                WHEN 'refused' THEN receives
                WHEN 'received' THEN receives OR (sends AND NEW.to_school_id IS NULL)
                ELSE false
            END;
        ELSE
            fits := OLD.state = 'received' AND NEW.state = 'forgotten' AND sends AND NEW.content IS NULL;
        END IF;
        IF fits IS NOT TRUE THEN
            RAISE EXCEPTION 'not this school''s to settle' USING ERRCODE = '23514';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER transfer_checked AFTER INSERT OR UPDATE ON transfer_package
    FOR EACH ROW EXECUTE FUNCTION check_transfer()
    """,
)

# A child that another school has received is forgotten: of every row about it, in whatever table there is or
# will be, just what the nightly count may read stays, and days and codes from which it follows. Rows of
# tables of which the count reads nothing go. As the owner, whom row security binds to the school in scope.
FORGETTING = (
    """
    CREATE FUNCTION lx_clear_rows(target regclass, ids bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        cleared text;
    BEGIN
        SELECT string_agg(format('%I = %s', attname, CASE
                WHEN attnotnull THEN blank
                WHEN bound THEN format('CASE WHEN %I IS NULL THEN NULL ELSE %s END', attname, blank)
                ELSE 'NULL'
            END), ', ')
        INTO cleared
        FROM (
            SELECT a.attname, a.attnotnull,
                CASE a.atttypid WHEN 'text'::regtype THEN $q$''$q$ WHEN 'bytea'::regtype THEN $q$''::bytea$q$
                    WHEN 'jsonb'::regtype THEN $q$'{}'::jsonb$q$
                    WHEN 'text[]'::regtype THEN $q$'{}'::text[]$q$
                END AS blank,
                -- A check over several columns may count which of them are filled.
                EXISTS (
                    SELECT FROM pg_constraint c
                    WHERE c.conrelid = target AND c.contype = 'c' AND a.attnum = ANY (c.conkey)
                ) AS bound,
                -- A check of its own lists values: the column holds a code.
                EXISTS (
                    SELECT FROM pg_constraint c
                    WHERE c.conrelid = target AND c.contype = 'c' AND c.conkey = ARRAY[a.attnum]
                ) AS is_code
            FROM pg_attribute a
            WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ) AS held
        WHERE blank IS NOT NULL AND NOT is_code
            AND NOT has_column_privilege('lx_aggregator', target, attname::text, 'SELECT')
            AND (target::text <> 'parent_absence' OR attname <> 'source');
        IF cleared IS NOT NULL THEN
            EXECUTE format(
                'UPDATE %s SET %s WHERE school_id = lx_school_id() AND id = ANY ($1)', target, cleared
            ) USING ids;
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION lx_forget_rows(target regclass, ids bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        child record;
        found bigint[];
    BEGIN
        IF coalesce(cardinality(ids), 0) = 0 THEN
            RETURN;
        END IF;
        FOR child IN
            SELECT c.conrelid::regclass AS name, a.attname AS key, EXISTS (
                SELECT FROM pg_attribute i WHERE i.attrelid = c.conrelid AND i.attname = 'id'
            ) AS has_id
            FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
            WHERE c.contype = 'f' AND c.confrelid = target AND cardinality(c.conkey) = 2
                -- Another child's pairing with this one as its helper stays that child's.
                AND (target <> 'pupil'::regclass OR a.attname = 'pupil_id')
                -- Numbers, days and codes alone.
                AND c.conrelid::regclass::text NOT IN ('class_membership', 'promotion_step',
                    'survey_answer', 'handover_item', 'transfer_package')
        LOOP
            IF child.has_id THEN
                EXECUTE format(
                    'SELECT array_agg(id) FROM %s WHERE school_id = lx_school_id() AND %I = ANY ($1)',
                    child.name, child.key
                ) INTO found USING ids;
                PERFORM lx_forget_rows(child.name, found);
            ELSE
                EXECUTE format(
                    'DELETE FROM %s WHERE school_id = lx_school_id() AND %I = ANY ($1)', child.name, child.key
                ) USING ids;
            END IF;
        END LOOP;
        DELETE FROM row_version
        WHERE school_id = lx_school_id() AND subject = target::text AND subject_id = ANY (ids);
        IF target <> 'attachment'::regclass THEN
            -- A photo that belongs to other children's records too stays with those.
            SELECT array_agg(id) INTO found FROM attachment AS a
            WHERE school_id = lx_school_id() AND subject = target::text AND subject_id = ANY (ids)
                AND NOT EXISTS (
                    SELECT FROM care_file AS f WHERE f.school_id = a.school_id AND f.attachment_id = a.id
                );
            PERFORM lx_forget_rows('attachment', found);
        END IF;
        IF target::text IN ('pupil', 'parent_absence')
            OR has_any_column_privilege('lx_aggregator', target, 'SELECT') THEN
            PERFORM lx_clear_rows(target, ids);
        ELSE
            EXECUTE format('DELETE FROM %s WHERE school_id = lx_school_id() AND id = ANY ($1)', target)
            USING ids;
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION lx_forget_pupil(package bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        child bigint;
    BEGIN
        SELECT pupil_id INTO child FROM transfer_package
        WHERE school_id = lx_school_id() AND id = package AND state = 'received';
        IF child IS NULL THEN
            RAISE EXCEPTION 'nobody has received this child' USING ERRCODE = '23514';
        END IF;
        PERFORM lx_forget_rows('pupil', ARRAY[child]);
    END $$
    """,
    "REVOKE ALL ON FUNCTION lx_clear_rows(regclass, bigint[]) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION lx_forget_rows(regclass, bigint[]) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION lx_forget_pupil(bigint) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION lx_forget_pupil(bigint) TO lx_school",
)


def upgrade() -> None:
    op.create_table(
        "former_file",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("received_by", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_former_file_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "received_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_former_file_school_id_received_by_staff"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_former_file_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_former_file")),
    )
    op.create_index(
        op.f("ix_former_file_school_id_pupil_id"), "former_file", ["school_id", "pupil_id"], unique=False
    )
    op.create_table(
        "transfer_package",
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("to_school_id", sa.BigInteger(), nullable=True),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=False),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'received', 'refused', 'withdrawn', 'forgotten')",
            name=op.f("ck_transfer_package_state"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_transfer_package_school_id_pupil_id_pupil"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "requested_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_transfer_package_school_id_requested_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_transfer_package_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_transfer_package")),
    )
    op.create_index(
        "ix_transfer_package_open",
        "transfer_package",
        ["school_id", "pupil_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        op.f("ix_transfer_package_to_school_id"), "transfer_package", ["to_school_id"], unique=False
    )
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
    for statement in (*TRANSFER, *FORGETTING):
        op.execute(statement)
