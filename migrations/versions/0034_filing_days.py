"""The district sets a filing's due day itself; summaries that schools have sent to it, kept for good."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, Rows
from lxsaas.core.scope import Login

revision = "0034_filing_days"
down_revision = "0033_exports"

SENT = Protection(
    "district_summary",
    (
        Rows(
            "unit_id = (select lx_school_id()) and district_id = (select lx_district_id())", (Login.SCHOOL,)
        ),
        Rows("district_id = (select lx_district_id())", (Login.DISTRICT, Login.OWNER)),
    ),
    # Written by the school's own act, read by both, changed by nobody.
    {Login.SCHOOL: "SELECT, INSERT", Login.DISTRICT: "SELECT"},
)
DUE_DAYS = (
    # Terms stand in the public directory, in whose scope every district's rows are seen.
    """
    CREATE FUNCTION lx_own_term() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF lx_scope_kind() = 'directory' THEN
            RAISE EXCEPTION 'the directory is only read' USING ERRCODE = '42501';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER own_term BEFORE UPDATE ON term FOR EACH ROW EXECUTE FUNCTION lx_own_term()",
    f"GRANT UPDATE (filing_due_on) ON term TO {Login.DISTRICT}",
)
KEEPING = (
    """
    CREATE FUNCTION lx_stamp_district_summary() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Not now(): a transaction that was begun long ago would date it back.
        NEW.sent_at := clock_timestamp();
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER said_now BEFORE INSERT ON district_summary"
    " FOR EACH ROW EXECUTE FUNCTION lx_stamp_district_summary()",
    "CREATE TRIGGER never_changed BEFORE UPDATE ON district_summary"
    " FOR EACH ROW EXECUTE FUNCTION lx_refuse()",
    "CREATE TRIGGER kept_for_good BEFORE DELETE ON district_summary"
    " FOR EACH ROW EXECUTE FUNCTION lx_refuse()",
    "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON district_summary"
    " FOR EACH STATEMENT EXECUTE FUNCTION lx_refuse()",
)


def upgrade() -> None:
    for statement in DUE_DAYS:
        op.execute(statement)
    op.create_table(
        "district_summary",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("missing_count", sa.SmallInteger(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_summary_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_district_summary")),
        sa.UniqueConstraint(
            "district_id", "year", "unit_id", "number",
            name=op.f("uq_district_summary_district_id_year_unit_id_number"),
        ),
    )  # fmt: skip
    # Word documents are zip archives already.
    op.execute("ALTER TABLE district_summary ALTER COLUMN content SET STORAGE EXTERNAL")
    for statement in (*SENT.statements(), *KEEPING):
        op.execute(statement)
