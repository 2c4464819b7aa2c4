"""Subscriptions of many kinds, of a school's people too; a message belongs to its subscription alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Rows, admitted, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0022_report_subscriptions"
down_revision = "0021_watch_all"

IN_SCHOOL = "district_id = (select lx_district_id()) and unit_id = (select lx_school_id())"
OWN_SUBSCRIPTIONS = (
    Rows(f"{IN_SCHOOL} and level = 'school' and school_staff_id is not null", (Login.SCHOOL,)),
)
OWN_MESSAGES = (Rows(IN_SCHOOL, (Login.SCHOOL,)),)
DISTRICT_READS = (Rows(district_rows()[0].condition, (Login.DISTRICT,)),)
CHECKS = {
    "report": "report in ('night', 'week', 'month', 'term', 'alarms')",
    "level": "level in ('school', 'township', 'district')",
    "person": "num_nonnulls(staff_id, school_staff_id) = 1",
    "school_level": "school_staff_id is null or level = 'school'",
    "weekday": "weekday between 1 and 7 and (report <> 'week' or weekday is not null)",
    "day_of_month": "day_of_month between 1 and 31 and (report <> 'month' or day_of_month is not null)",
    "days_after": "days_after between 1 and 60 and (report <> 'term' or days_after is not null)",
    "language": "language in ('zh_Hans_CN', 'en')",
}


def upgrade() -> None:
    change_subscriptions()
    change_messages()
    # To whom mail of a school's people goes: columns, of the schools in scope.
    grant = {Login.AGGREGATOR: "SELECT (school_id, id, roles, email, language, is_active)"}
    for statement in admitted("staff", (school_rows()[1],), grant):
        op.execute(statement)


def change_subscriptions() -> None:
    table = "report_subscription"
    op.drop_constraint(op.f("ck_report_subscription_report"), table)
    op.drop_constraint(op.f("uq_report_subscription_district_id_staff_id_report"), table)
    op.alter_column(table, "staff_id", nullable=True)
    op.add_column(table, sa.Column("school_staff_id", sa.BigInteger(), nullable=True))
    op.add_column(table, sa.Column("level", sa.Text(), server_default="district", nullable=False))
    op.add_column(table, sa.Column("unit_id", sa.BigInteger(), nullable=True))
    for name in ("weekday", "day_of_month", "days_after"):
        op.add_column(table, sa.Column(name, sa.SmallInteger(), nullable=True))
    op.add_column(table, sa.Column("indicators", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column(table, sa.Column("language", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("with_workbook", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(table, sa.Column("bounce_count", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column(table, sa.Column("paused_reason", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("since", sa.Date(), nullable=True))
    op.add_column(table, sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    # Row security would hide every row from the owner, who is in no district's scope here.
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"UPDATE {table} SET report = 'night', unit_id = district_id")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.alter_column(table, "unit_id", nullable=False)
    op.alter_column(table, "level", server_default=None)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for person in ("staff_id", "school_staff_id"):
        columns = ["district_id", person, "report", "level", "unit_id"]
        op.create_unique_constraint(op.f(f"uq_{table}_{person}"), table, columns)
    for statement in admitted(table, OWN_SUBSCRIPTIONS, {Login.SCHOOL: "SELECT, INSERT, UPDATE"}):
        op.execute(statement)
    op.execute(f"GRANT UPDATE (is_active, bounce_count, paused_reason) ON {table} TO {Login.AGGREGATOR}")


def change_messages() -> None:
    table = "outbox_message"
    # Its keys go with it.
    op.drop_column(table, "staff_id")
    op.add_column(table, sa.Column("about_id", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(table, sa.Column("unit_id", sa.BigInteger(), nullable=True))
    op.create_unique_constraint(
        op.f(f"uq_{table}_owed_once"),
        table,
        ["district_id", "subscription_id", "period_on", "about_id", "version"],
    )
    reads = {Login.DISTRICT: "SELECT", Login.SCHOOL: "SELECT"}
    for rows in (DISTRICT_READS, OWN_MESSAGES):
        for statement in admitted(table, rows, {one: reads[one] for one in rows[0].logins}):
            op.execute(statement)
