"""Indicators of terms, targets with their history, what a district is shown of small cells."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, directory_rows, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0017_indicators"
down_revision = "0016_activities"

READ = {Login.SCHOOL: "SELECT", Login.DISTRICT: "SELECT", Login.AGGREGATOR: "SELECT"}
PROTECTIONS = (
    Protection("care_definition_choice", directory_rows("district_id = (select lx_district_id())"), READ),
    # A school sees what its district asks for.
    Protection("indicator_target", district_rows(), READ | {Login.DISTRICT: "SELECT, INSERT, UPDATE"}),
    Protection("indicator_run_period", district_rows(), {Login.AGGREGATOR: "SELECT, INSERT"}),
    Protection("indicator_standing", school_rows(), {Login.AGGREGATOR: "SELECT, INSERT, UPDATE"}),
    Protection(
        "term_filing", school_rows(),
        {Login.SCHOOL: "SELECT, INSERT", Login.AGGREGATOR: "SELECT (school_id, id, term, sent_on)"},
    ),
)  # fmt: skip


# The same as lxsaas.portfolio.queries.progress: standing by total, against the child's exam before if that
# lies no more than 400 days back. What changes in an exam touches the standing of all who took part, in it
# and in the next exam of each.
KEEP_PROGRESS = """
    CREATE FUNCTION keep_exam_progress() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        -- Its own update of the column changes nobody's standing.
        IF pg_trigger_depth() > 1 THEN
            RETURN NULL;
        END IF;
        WITH child AS (
            SELECT school_id, pupil_id FROM exam_result
            WHERE (school_id, exam_id) IN (SELECT school_id, {exam} FROM changed)
            {gone}
        ),
        standing AS (
            SELECT r.school_id, r.exam_id, r.pupil_id, e.taken_on,
                CASE WHEN r.total_tenths IS NOT NULL THEN percent_rank() OVER (
                    PARTITION BY r.school_id, r.exam_id, r.total_tenths IS NULL ORDER BY r.total_tenths DESC
                ) END AS ahead
            FROM exam_result r JOIN exam e ON e.school_id = r.school_id AND e.id = r.exam_id
            WHERE e.withdrawn_at IS NULL AND NOT r.is_empty AND (r.school_id, r.exam_id) IN (
                SELECT school_id, exam_id FROM exam_result WHERE (school_id, pupil_id) IN (SELECT * FROM
                child)
            )
        ),
        course AS (
            SELECT *, lag(ahead) OVER child AS before, lag(taken_on) OVER child AS before_on
            FROM standing WINDOW child AS (PARTITION BY school_id, pupil_id ORDER BY taken_on, exam_id)
        ),
        said AS (
            SELECT r.school_id, r.id, CASE WHEN c.before_on >= c.taken_on - 400 THEN c.ahead < c.before END
            AS rose
            FROM exam_result r
            LEFT JOIN course c ON c.school_id = r.school_id AND c.exam_id = r.exam_id AND c.pupil_id =
            r.pupil_id
            WHERE (r.school_id, r.pupil_id) IN (SELECT * FROM child)
        )
        UPDATE exam_result r SET rose = said.rose FROM said
        WHERE r.school_id = said.school_id AND r.id = said.id AND r.rose IS DISTINCT FROM said.rose;
        RETURN NULL;
    END $$
"""
TRIGGERS = (
    ("exam_result", "INSERT", "NEW"), ("exam_result", "UPDATE", "NEW"), ("exam_result", "DELETE", "OLD"),
    ("exam", "UPDATE", "NEW"),
)  # fmt: skip


def keep_progress() -> None:
    """The column, what keeps it, and what it says of the results that are there."""
    op.add_column("exam_result", sa.Column("rose", sa.Boolean(), nullable=True))
    op.execute(f"GRANT SELECT (rose) ON exam_result TO {Login.AGGREGATOR}")
    gone = "UNION SELECT school_id, pupil_id FROM changed"
    of_results = KEEP_PROGRESS.format(exam="exam_id", gone=gone)
    of_exams = KEEP_PROGRESS.format(exam="id", gone="").replace("keep_exam_progress", "keep_exams_progress")
    op.execute(of_results)
    op.execute(of_exams)
    for table, event, rows in TRIGGERS:
        function = "keep_exam_progress" if table == "exam_result" else "keep_exams_progress"
        op.execute(
            f"CREATE TRIGGER {table}_progress_{event.lower()} AFTER {event} ON {table}"
            f" REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def upgrade() -> None:
    keep_progress()
    op.add_column("term", sa.Column("filing_due_on", sa.Date(), nullable=True))
    op.add_column("indicator_run", sa.Column("since", sa.Date(), nullable=True))
    op.add_column("indicator_run", sa.Column("is_full", sa.Boolean(), server_default="false", nullable=False))
    hide_small_cells()
    op.create_table(
        "indicator_run_period",
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.CheckConstraint("period in ('day', 'month', 'term')", name=op.f("ck_indicator_run_period_period")),
        sa.ForeignKeyConstraint(
            ["district_id", "run_id"],
            ["indicator_run.district_id", "indicator_run.id"],
            name=op.f("fk_indicator_run_period_district_id_run_id_indicator_run"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_indicator_run_period_district_id_district")
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "run_id", "period", "starts_on", name=op.f("pk_indicator_run_period")
        ),
    )
    op.create_index(
        "ix_care_record_seldom", "care_record", ["school_id", "kind", "occurred_on"],
        postgresql_include=["pupil_id"],
        postgresql_where=sa.text("withdrawn_at is null and kind in (4, 11)"),
    )  # fmt: skip
    op.create_index(
        "ix_pupil_birthday", "pupil",
        ["school_id", sa.text("extract(month from born_on)"), sa.text("extract(day from born_on)")],
    )  # fmt: skip
    op.create_index(
        op.f("ix_class_membership_school_id_class_id_starts_on"),
        "class_membership", ["school_id", "class_id", "starts_on"],
    )  # fmt: skip
    op.create_table(
        "care_definition_choice",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_care_definition_choice_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_care_definition_choice")),
        sa.UniqueConstraint(
            "district_id", "starts_on", name=op.f("uq_care_definition_choice_district_id_starts_on")
        ),
    )
    op.create_table(
        "indicator_target",
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("target", sa.SmallInteger(), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("target between 0 and 100", name=op.f("ck_indicator_target_target")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_indicator_target_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_indicator_target")),
        sa.UniqueConstraint(
            "district_id",
            "indicator",
            "starts_on",
            name=op.f("uq_indicator_target_district_id_indicator_starts_on"),
        ),
    )
    op.create_table(
        "indicator_standing",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("changes_on", sa.Date(), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_indicator_standing_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_indicator_standing")),
    )
    op.create_table(
        "term_filing",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_term_filing_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_term_filing")),
    )
    op.create_index(op.f("ix_term_filing_school_id_term"), "term_filing", ["school_id", "term"], unique=False)
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)


def hide_small_cells() -> None:
    """What was hidden until now was hidden whole; the next run of each period says more."""
    table = "district_indicator"
    op.add_column(table, sa.Column("hidden", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("slack", sa.BigInteger(), server_default="0", nullable=False))
    # Rows of every district are changed here, in no district's scope: row security steps aside.
    op.execute("ALTER TABLE district_indicator NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE district_indicator SET hidden = 'all' WHERE is_suppressed")
    op.execute("ALTER TABLE district_indicator FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f("ck_district_indicator_suppressed"), table)
    op.drop_column(table, "is_suppressed")
    for name, condition in (
        ("hidden", "hidden in ('few', 'most', 'some', 'all')"),
        ("numerator_hidden", "num_nonnulls(hidden, numerator) = 1"),
        ("denominator_hidden", "hidden is distinct from 'all' or denominator is null"),
    ):
        op.create_check_constraint(op.f(f"ck_district_indicator_{name}"), table, condition)
