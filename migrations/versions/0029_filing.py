"""Term filings: signed versions and the children behind them, kept for good; the district's numbers."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, Rows, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0029_filing"
down_revision = "0028_networks"

DIVISIONS = {
    "sex": ("boys", "girls"),
    "age": ("aged_0_5", "aged_6_13", "aged_14_15"),
    "kind": ("both_away", "one_away"),
    "stage": ("in_preschool", "in_primary", "in_junior", "dropped_out"),
    "boarding": ("boarders", "day_pupils"),
    "health": ("healthy", "chronically_ill", "disabled"),
    "guardianship": ("guarded_well", "guarded_fairly", "guarded_poorly"),
    "keeper": ("with_grandparents", "with_relatives", "with_others", "with_nobody"),
    "residence": ("registered", "not_registered"),
}
COLUMNS = ["total", *(code for codes in DIVISIONS.values() for code in codes)]
UNIT_ROWS = (
    Rows("unit_id = (select lx_school_id())", (Login.SCHOOL,)),
    Rows("district_id = (select lx_district_id())", (Login.DISTRICT, Login.AGGREGATOR, Login.OWNER)),
)
# What triggers write as lx_owner is written in a school's scope.
TOLD_ROWS = (
    Rows("unit_id = (select lx_school_id())", (Login.SCHOOL, Login.OWNER)),
    Rows("district_id = (select lx_district_id())", (Login.DISTRICT, Login.AGGREGATOR)),
)
WHEN = "district_id, id, unit_id, filing_id, term, version, cut_off_on, sent_at"
ADDED = {Login.SCHOOL: "SELECT, INSERT"}
PROTECTIONS = (
    # Only ever added to: no login may change or delete.
    Protection("filing", school_rows(), ADDED),
    Protection("filing_child", school_rows(), ADDED),
    Protection("filing_sending", school_rows(), ADDED),
    Protection(
        "district_filing", TOLD_ROWS,
        {Login.SCHOOL: "SELECT", Login.DISTRICT: "SELECT", Login.AGGREGATOR: f"SELECT ({WHEN})"},
    ),
    Protection("district_filing_grade", TOLD_ROWS, {Login.SCHOOL: "SELECT", Login.DISTRICT: "SELECT"}),
    Protection(
        "filing_decision", UNIT_ROWS,
        {
            Login.SCHOOL: "SELECT",
            Login.DISTRICT: "SELECT, INSERT",
            Login.AGGREGATOR: "SELECT (district_id, id, unit_id, filing_id, outcome, decided_at)",
        },
    ),
    Protection("filing_remark", UNIT_ROWS, {Login.SCHOOL: "SELECT", Login.DISTRICT: "SELECT, INSERT"}),
    Protection(
        "filing_call", district_rows(),
        {
            Login.SCHOOL: "SELECT",
            Login.DISTRICT: "SELECT, INSERT, UPDATE (cut_off_on, definition)",
            Login.AGGREGATOR: "SELECT",
        },
    ),
    Protection(
        "filing_reminder", UNIT_ROWS,
        {
            Login.SCHOOL: "SELECT",
            Login.DISTRICT: "SELECT, INSERT",
            Login.AGGREGATOR: "SELECT, INSERT, UPDATE (owed_at)",
        },
    ),
)  # fmt: skip

STAMPS = tuple(
    statement
    for table, column in (
        ("filing", "signed_at"),
        ("filing_sending", "sent_at"),
        ("filing_decision", "decided_at"),
    )
    for statement in (
        f"""
        CREATE FUNCTION lx_stamp_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- Not now(): a transaction that was begun long ago would date it back.
            NEW.{column} := clock_timestamp();
            RETURN NEW;
        END $$
        """,
        f"CREATE TRIGGER said_now BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION lx_stamp_{table}()",
    )
)
KEEPING = (
    # Who adds a child while the version is being sent waits for that, and is then refused.
    """
    CREATE FUNCTION lx_keep_filing_child() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM FROM filing WHERE school_id = NEW.school_id AND id = NEW.filing_id FOR KEY SHARE;
            IF NOT EXISTS (
                SELECT FROM filing_sending WHERE school_id = NEW.school_id AND filing_id = NEW.filing_id
            ) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'a filing that was sent is kept for good' USING ERRCODE = '42501';
    END $$
    """,
    "REVOKE ALL ON FUNCTION lx_keep_filing_child() FROM PUBLIC",
    """
    CREATE FUNCTION lx_only_told() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' OR pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION '% is kept by triggers', TG_TABLE_NAME USING ERRCODE = '42501';
        END IF;
        RETURN NEW;
    END $$
    """,
    *(
        statement
        for table, change, function in (
            ("filing", "UPDATE", "lx_refuse"),
            ("filing_child", "INSERT OR UPDATE", "lx_keep_filing_child"),
            ("filing_sending", "UPDATE", "lx_refuse"),
            ("district_filing", "INSERT OR UPDATE", "lx_only_told"),
            ("district_filing_grade", "INSERT OR UPDATE", "lx_only_told"),
            ("filing_decision", "UPDATE", "lx_refuse"),
            ("filing_remark", "UPDATE", "lx_refuse"),
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
_COUNTS = ", ".join(
    f"count(*) FILTER (WHERE c.{division} = '{code}')"
    for division, codes in DIVISIONS.items()
    for code in codes
)
TELLING = (
    f"""
    CREATE FUNCTION lx_tell_filing() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM FROM filing WHERE school_id = NEW.school_id AND id = NEW.filing_id FOR UPDATE;
        INSERT INTO district_filing
            (district_id, unit_id, filing_id, term, version, cut_off_on, definition, signed_name, signed_at,
            sent_at, reason, {", ".join(COLUMNS)})
        SELECT lx_district_id(), f.school_id, f.id, f.term, f.version, f.cut_off_on, f.definition,
            f.signed_name, f.signed_at, NEW.sent_at, f.reason, count(c.id), {_COUNTS}
        FROM filing f LEFT JOIN filing_child c ON c.school_id = f.school_id AND c.filing_id = f.id
        WHERE f.school_id = NEW.school_id AND f.id = NEW.filing_id GROUP BY f.school_id, f.id;
        INSERT INTO district_filing_grade (district_id, unit_id, filing_id, grade, total)
        SELECT lx_district_id(), school_id, filing_id, grade, count(*) FROM filing_child
        WHERE school_id = NEW.school_id AND filing_id = NEW.filing_id
        GROUP BY school_id, filing_id, grade;
        RETURN NULL;
    END $$
    """,
    "REVOKE ALL ON FUNCTION lx_tell_filing() FROM PUBLIC",
    "CREATE TRIGGER told_district AFTER INSERT ON filing_sending"
    " FOR EACH ROW EXECUTE FUNCTION lx_tell_filing()",
)


def upgrade() -> None:
    extend_profile()
    extend_subscriptions()
    create_school_tables()
    create_told_tables()
    create_judging_tables()
    create_asking_tables()
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
    for statement in (*STAMPS, *KEEPING, *TELLING):
        op.execute(statement)


def extend_profile() -> None:
    """What the statistics table asks for and no field held."""
    op.add_column("child_profile", sa.Column("guardianship", sa.Text(), nullable=True))
    op.add_column("child_profile", sa.Column("is_registered", sa.Boolean(), nullable=True))
    op.create_check_constraint(
        op.f("ck_child_profile_guardianship"), "child_profile", "guardianship in ('good', 'fair', 'poor')"
    )


def extend_subscriptions() -> None:
    """Reminders are mail that one can unsubscribe from."""
    op.drop_constraint(op.f("ck_report_subscription_report"), "report_subscription")
    op.create_check_constraint(
        op.f("ck_report_subscription_report"), "report_subscription",
        "report in ('night', 'week', 'month', 'term', 'alarms', 'filings')",
    )  # fmt: skip


def of_school(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The key of a school's table."""
    return (
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f(f"fk_{table}_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f(f"pk_{table}")),
    )


def of_district(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The key of a district's table, and the school that its rows are about."""
    return (
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f(f"fk_{table}_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f(f"pk_{table}")),
    )


def school_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["school_id", column], [f"{target}.school_id", f"{target}.id"],
        name=op.f(f"fk_{table}_school_id_{column}_{target}"),
    )  # fmt: skip


def instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def create_school_tables() -> None:
    op.create_table(
        "filing",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("cut_off_on", sa.Date(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("definition_version", sa.SmallInteger(), nullable=False),
        sa.Column("signed_by", sa.BigInteger(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=False),
        instant("signed_at"),
        sa.Column("reason", sa.Text(), nullable=True),
        *of_school("filing"),
        school_key("filing", "signed_by", "staff"),
        sa.CheckConstraint("version > 0", name=op.f("ck_filing_version")),
        sa.UniqueConstraint("school_id", "term", "version", name=op.f("uq_filing_school_id_term_version")),
    )
    op.create_table(
        "filing_child",
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        *(sa.Column(division, sa.Text(), nullable=False) for division in DIVISIONS),
        *of_school("filing_child"),
        school_key("filing_child", "filing_id", "filing"),
        school_key("filing_child", "pupil_id", "pupil"),
        sa.UniqueConstraint(
            "school_id", "filing_id", "pupil_id", name=op.f("uq_filing_child_school_id_filing_id_pupil_id")
        ),
        *(
            sa.CheckConstraint(f"{division} in {codes}", name=op.f(f"ck_filing_child_{division}"))
            for division, codes in DIVISIONS.items()
        ),
    )
    op.create_table(
        "filing_sending",
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        instant("sent_at"),
        *of_school("filing_sending"),
        school_key("filing_sending", "filing_id", "filing"),
        sa.UniqueConstraint("school_id", "filing_id", name=op.f("uq_filing_sending_school_id_filing_id")),
    )


def create_told_tables() -> None:
    key = ["district_id", "unit_id", "filing_id"]
    op.create_table(
        "district_filing",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("cut_off_on", sa.Date(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in COLUMNS),
        *of_district("district_filing"),
        sa.UniqueConstraint(*key, name=op.f("uq_district_filing_district_id_unit_id_filing_id")),
        *(
            sa.CheckConstraint(f"total = {' + '.join(codes)}", name=op.f(f"ck_district_filing_{division}"))
            for division, codes in DIVISIONS.items()
        ),
    )
    op.create_index(
        op.f("ix_district_filing_district_id_term_unit_id_version"), "district_filing",
        ["district_id", "term", "unit_id", "version"],
    )  # fmt: skip
    op.create_table(
        "district_filing_grade",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        *of_district("district_filing_grade"),
        sa.UniqueConstraint(
            *key, "grade", name=op.f("uq_district_filing_grade_district_id_unit_id_filing_id_grade")
        ),
    )


def create_judging_tables() -> None:
    key = ["district_id", "unit_id", "filing_id"]
    op.create_table(
        "filing_decision",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_name", sa.Text(), nullable=False),
        instant("decided_at"),
        *of_district("filing_decision"),
        sa.ForeignKeyConstraint(
            ["district_id", "decided_by"], ["district_staff.district_id", "district_staff.id"],
            name=op.f("fk_filing_decision_district_id_decided_by_district_staff"),
        ),
        sa.CheckConstraint("outcome in ('accepted', 'returned')", name=op.f("ck_filing_decision_outcome")),
        sa.UniqueConstraint(*key, name=op.f("uq_filing_decision_district_id_unit_id_filing_id")),
    )  # fmt: skip
    op.create_table(
        "filing_remark",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("filing_id", sa.BigInteger(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *of_district("filing_remark"),
        sa.UniqueConstraint(*key, "cell", name=op.f("uq_filing_remark_district_id_unit_id_filing_id_cell")),
    )


def create_asking_tables() -> None:
    op.create_table(
        "filing_call",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("cut_off_on", sa.Date(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        *of_district("filing_call"),
        sa.UniqueConstraint("district_id", "term", name=op.f("uq_filing_call_district_id_term")),
    )
    op.create_table(
        "filing_reminder",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=True),
        *of_district("filing_reminder"),
        sa.UniqueConstraint(
            "district_id", "unit_id", "term", "reminded_on",
            name=op.f("uq_filing_reminder_district_id_unit_id_term_reminded_on"),
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_filing_reminder_district_id_owed_at"), "filing_reminder", ["district_id", "owed_at"],
        postgresql_where=sa.text("owed_at is null"),
    )  # fmt: skip
