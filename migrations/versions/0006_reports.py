"""Subscriptions, the outbox and its channel."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, Rows, district_rows
from lxsaas.core.scope import Login

revision = "0006_reports"
down_revision = "0005_indicators"

# The channel belongs to the installation; whoever sends, in whatever scope, must see that it is paused.
CHANNEL_ROWS = (Rows("(select lx_scope_kind()) is not null", (Login.AGGREGATOR, Login.OWNER)),)
SENDS = {Login.AGGREGATOR: "SELECT, INSERT, UPDATE"}
PROTECTIONS = (
    Protection(
        "report_subscription",
        district_rows(),
        {Login.DISTRICT: "SELECT, INSERT, UPDATE", Login.AGGREGATOR: "SELECT, INSERT"},
    ),
    Protection("outbox_message", district_rows(), SENDS),
    Protection("mail_channel", CHANNEL_ROWS, SENDS),
)


def upgrade() -> None:
    op.create_table(
        "report_subscription",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("send_at", sa.Time(), server_default=sa.text("'06:30'"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("report in ('nightly_digest')", name=op.f("ck_report_subscription_report")),
        sa.ForeignKeyConstraint(
            ["district_id", "staff_id"],
            ["district_staff.district_id", "district_staff.id"],
            name=op.f("fk_report_subscription_district_id_staff_id_district_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_report_subscription_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_report_subscription")),
        sa.UniqueConstraint(
            "district_id",
            "staff_id",
            "report",
            name=op.f("uq_report_subscription_district_id_staff_id_report"),
        ),
    )
    op.create_table(
        "outbox_message",
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("period_on", sa.Date(), nullable=False),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state in ('pending', 'sending', 'sent', 'retry', 'failed', 'unknown', 'expired')",
            name=op.f("ck_outbox_message_state"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "staff_id"],
            ["district_staff.district_id", "district_staff.id"],
            name=op.f("fk_outbox_message_district_id_staff_id_district_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "subscription_id"],
            ["report_subscription.district_id", "report_subscription.id"],
            name=op.f("fk_outbox_message_district_id_subscription_id_report_subscription"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_outbox_message_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint(
            "district_id",
            "subscription_id",
            "period_on",
            "staff_id",
            "version",
            name=op.f("uq_outbox_message_district_id_subscription_id_period_on_staff_id_version"),
        ),
    )
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        ["district_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state in ('pending', 'retry', 'sending')"),
    )
    op.create_table(
        "mail_channel",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_channel")),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
