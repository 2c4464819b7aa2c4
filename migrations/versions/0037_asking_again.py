"""What is asked of schools has editions; who is told of each; a due day of annual summaries."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, Rows, admitted, district_rows
from lxsaas.core.scope import Login

revision = "0037_asking_again"
down_revision = "0036_summary_document"

SUMMARY_CALL = Protection(
    "summary_call",
    district_rows(),
    {
        Login.SCHOOL: "SELECT",
        Login.DISTRICT: "SELECT, INSERT, UPDATE (due_on)",
        Login.AGGREGATOR: "SELECT",
    },
)
SENT_SUMMARIES = tuple(
    admitted(
        "district_summary",
        (Rows("district_id = (select lx_district_id())", (Login.AGGREGATOR,)),),
        {Login.AGGREGATOR: "SELECT (district_id, id, unit_id, year, number)"},
    )
)


def upgrade() -> None:
    give_calls_editions()
    tell_of_editions()
    # What a version was made under says whether its school still owes one.
    op.execute(f"GRANT SELECT (definition) ON district_filing TO {Login.AGGREGATOR}")
    ask_for_summaries()


def give_calls_editions() -> None:
    op.add_column("filing_call", sa.Column("edition", sa.SmallInteger(), server_default="1", nullable=False))
    op.alter_column("filing_call", "edition", server_default=None)
    op.add_column("filing_call", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("filing_call", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("filing_call", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("filing_call", "asked_at", server_default=sa.text("now()"))
    op.drop_constraint(op.f("uq_filing_call_district_id_term"), "filing_call")
    op.create_unique_constraint(
        op.f("uq_filing_call_district_id_term_edition"), "filing_call", ["district_id", "term", "edition"]
    )
    op.create_check_constraint(op.f("ck_filing_call_edition"), "filing_call", "edition > 0")
    op.execute(f"REVOKE UPDATE (cut_off_on, definition) ON filing_call FROM {Login.DISTRICT}")
    for table in ("filing_call", "term"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE filing_call AS call SET due_on = term.filing_due_on FROM term"
        " WHERE term.district_id = call.district_id AND term.name = call.term"
    )
    for table in ("filing_call", "term"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def tell_of_editions() -> None:
    op.add_column("filing_reminder", sa.Column("about", sa.Text(), server_default="filing", nullable=False))
    op.add_column("filing_reminder", sa.Column("edition", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_filing_reminder_about"), "filing_reminder", "about in ('filing', 'return', 'summary')"
    )
    op.drop_constraint(op.f("uq_filing_reminder_district_id_unit_id_term_reminded_on"), "filing_reminder")
    op.create_index(
        "ix_filing_reminder_day", "filing_reminder",
        ["district_id", "unit_id", "about", "term", "reminded_on"],
        unique=True, postgresql_where=sa.text("edition is null"),
    )  # fmt: skip
    op.create_unique_constraint(
        op.f("uq_filing_reminder_district_id_unit_id_about_term_edition"), "filing_reminder",
        ["district_id", "unit_id", "about", "term", "edition"],
    )  # fmt: skip


def ask_for_summaries() -> None:
    op.create_table(
        "summary_call",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_summary_call_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_summary_call")),
        sa.UniqueConstraint("district_id", "year", name=op.f("uq_summary_call_district_id_year")),
    )
    for statement in (*SUMMARY_CALL.statements(), *SENT_SUMMARIES):
        op.execute(statement)
