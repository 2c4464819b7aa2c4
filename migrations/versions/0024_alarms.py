"""Rules and alarms of a district, the schools' last days of entry, threads of a district and a school."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, Rows, district_rows
from lxsaas.core.scope import Login

revision = "0024_alarms"
down_revision = "0023_outbox"

# A thread is the district's and one school's; no other school has it.
_DISTRICT = "district_id = (select lx_district_id())"
THREAD_ROWS = (
    Rows(_DISTRICT, (Login.DISTRICT, Login.AGGREGATOR, Login.OWNER)),
    Rows(f"{_DISTRICT} and unit_id = (select lx_school_id())", (Login.SCHOOL,)),
)
MOVED = "state, last_at, last_side, closed_at"
PROTECTIONS = (
    Protection(
        "school_activity", district_rows(),
        {Login.DISTRICT: "SELECT", Login.AGGREGATOR: "SELECT, INSERT, UPDATE (last_entry_on)"},
    ),
    Protection(
        "alarm_rule", district_rows(),
        {
            Login.DISTRICT: "SELECT, INSERT, UPDATE",
            Login.AGGREGATOR: "SELECT, INSERT, UPDATE (evaluated_at)",
        },
    ),
    Protection(
        "alarm", district_rows(),
        {
            Login.DISTRICT: "SELECT, UPDATE (acknowledged_by, acknowledged_at, remark)",
            Login.AGGREGATOR: "SELECT, INSERT, UPDATE (closed_at, reopened_at)",
        },
    ),
    # The night's work counts threads; it reads no word of them.
    Protection(
        "correspondence_thread", THREAD_ROWS,
        {
            Login.SCHOOL: f"SELECT, INSERT, UPDATE ({MOVED})",
            Login.DISTRICT: f"SELECT, INSERT, UPDATE ({MOVED}, due_on)",
            Login.AGGREGATOR: "SELECT (district_id, id, unit_id, kind, due_on, state, opened_at, last_at)",
        },
    ),
    # Each side writes its own table, so that neither can write in the other's name; nobody takes a word back.
    Protection(
        "district_message", THREAD_ROWS, {Login.SCHOOL: "SELECT", Login.DISTRICT: "SELECT, INSERT"}
    ),
    Protection(
        "school_message", THREAD_ROWS, {Login.SCHOOL: "SELECT, INSERT", Login.DISTRICT: "SELECT"}
    ),
)  # fmt: skip


def upgrade() -> None:
    create_school_activity()
    create_alarm_rule()
    create_alarm()
    create_thread()
    create_message("district_message", by_district=True)
    create_message("school_message", by_district=False)
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)


def owned(table: str, *, with_id: bool = True) -> list[sa.schema.SchemaItem]:
    """The columns and keys of a district's table."""
    ids: list[sa.schema.SchemaItem] = [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f(f"pk_{table}")),
    ]
    return [
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f(f"fk_{table}_district_id_district")
        ),
        *(ids if with_id else []),
    ]


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A foreign key inside the district."""
    return sa.ForeignKeyConstraint(
        ["district_id", column],
        [f"{other}.district_id", f"{other}.id"],
        name=op.f(f"fk_{table}_district_id_{column}_{other}"),
    )


def instant(name: str, *, now: bool = False) -> "sa.Column[object]":
    """An instant: of the insert, or none yet."""
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def create_school_activity() -> None:
    op.create_table(
        "school_activity",
        *owned("school_activity", with_id=False),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_entry_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "unit_id", name=op.f("pk_school_activity")),
    )


def create_alarm_rule() -> None:
    table = "alarm_rule"
    op.create_table(
        table,
        *owned(table),
        sa.Column("preset", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("bound", sa.SmallInteger(), nullable=True),
        sa.Column("periods", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        instant("changed_at", now=True),
        instant("evaluated_at"),
        sa.CheckConstraint(
            "kind in ('below', 'above', 'must_visits', 'mandatory_report', 'silent', 'night')",
            name=op.f("ck_alarm_rule_kind"),
        ),
        sa.CheckConstraint("level in ('district', 'township', 'school')", name=op.f("ck_alarm_rule_level")),
        sa.CheckConstraint("delivery in ('at_once', 'digest')", name=op.f("ck_alarm_rule_delivery")),
        sa.CheckConstraint("bound >= 0", name=op.f("ck_alarm_rule_bound")),
        sa.CheckConstraint("periods between 1 and 12", name=op.f("ck_alarm_rule_periods")),
        key(table, "changed_by", "district_staff"),
        sa.UniqueConstraint("district_id", "preset", name=op.f("uq_alarm_rule_district_id_preset")),
    )


def create_alarm() -> None:
    table = "alarm"
    op.create_table(
        table,
        *owned(table),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("hidden", sa.Text(), nullable=True),
        sa.Column("slack", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bound", sa.SmallInteger(), nullable=True),
        sa.Column("periods", sa.SmallInteger(), server_default="1", nullable=False),
        instant("opened_at", now=True),
        instant("reopened_at"),
        instant("closed_at"),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        instant("acknowledged_at"),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint("level in ('district', 'township', 'school')", name=op.f("ck_alarm_level")),
        sa.CheckConstraint("hidden in ('few', 'most', 'some', 'all')", name=op.f("ck_alarm_hidden")),
        key(table, "rule_id", "alarm_rule"),
        key(table, "acknowledged_by", "district_staff"),
        sa.UniqueConstraint(
            "district_id", "rule_id", "level", "unit_id", "about_on", "source_id",
            name=op.f("uq_alarm_district_id_rule_id_level_unit_id_about_on_source_id"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_alarm_open", table, ["district_id", "rule_id", "level", "unit_id", "source_id"],
        unique=True, postgresql_where=sa.text("closed_at is null"),
    )  # fmt: skip
    op.create_index(op.f("ix_alarm_district_id_opened_at"), table, ["district_id", "opened_at"])


def create_thread() -> None:
    table = "correspondence_thread"
    op.create_table(
        table,
        *owned(table),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("alarm_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("raised_by", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        instant("opened_at", now=True),
        instant("last_at", now=True),
        sa.Column("last_side", sa.Text(), nullable=False),
        instant("closed_at"),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind in ('difficulty', 'note', 'request')", name=op.f(f"ck_{table}_kind")),
        sa.CheckConstraint("state in ('open', 'answered', 'closed')", name=op.f(f"ck_{table}_state")),
        sa.CheckConstraint("last_side in ('district', 'school')", name=op.f(f"ck_{table}_last_side")),
        sa.CheckConstraint("num_nonnulls(opened_by, raised_by) = 1", name=op.f(f"ck_{table}_author")),
        sa.CheckConstraint("(kind = 'difficulty') = (raised_by is not null)", name=op.f(f"ck_{table}_side")),
        key(table, "opened_by", "district_staff"),
        key(table, "alarm_id", "alarm"),
        sa.UniqueConstraint(
            "district_id", "unit_id", "id", name=op.f(f"uq_{table}_district_id_unit_id_id")
        ),
        sa.UniqueConstraint(
            "district_id", "unit_id", "client_key", name=op.f(f"uq_{table}_district_id_unit_id_client_key")
        ),
    )  # fmt: skip
    op.create_index(op.f(f"ix_{table}_district_id_last_at"), table, ["district_id", "last_at"])
    op.create_index(op.f(f"ix_{table}_district_id_alarm_id"), table, ["district_id", "alarm_id"])


def create_message(table: str, *, by_district: bool) -> None:
    thread = "correspondence_thread"
    events = "'message', 'closed', 'reopened'" + ("" if by_district else ", 'read'")
    op.create_table(
        table,
        *owned(table),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), server_default="message", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        instant("written_at", now=True),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"event in ({events})", name=op.f(f"ck_{table}_event")),
        sa.ForeignKeyConstraint(
            ["district_id", "unit_id", "thread_id"],
            [f"{thread}.district_id", f"{thread}.unit_id", f"{thread}.id"],
            name=op.f(f"fk_{table}_district_id_unit_id_thread_id_{thread}"),
        ),
        *([key(table, "staff_id", "district_staff")] if by_district else []),
        sa.UniqueConstraint(
            "district_id",
            "thread_id",
            "client_key",
            name=op.f(f"uq_{table}_district_id_thread_id_client_key"),
        ),
    )
