"""What the operator watches: nights that were late."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, district_rows
from lxsaas.core.scope import Login

revision = "0018_watch"
down_revision = "0017_indicators"

PROTECTION = Protection("night_alarm", district_rows(), {Login.AGGREGATOR: "SELECT, INSERT, UPDATE"})


def upgrade() -> None:
    op.create_table(
        "night_alarm",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail", sa.Text(), server_default="none", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "mail in ('none', 'pending', 'sending', 'sent', 'failed', 'unknown')",
            name=op.f("ck_night_alarm_mail"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_night_alarm_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_night_alarm")),
        sa.UniqueConstraint("district_id", "as_of", name=op.f("uq_night_alarm_district_id_as_of")),
    )
    for statement in PROTECTION.statements():
        op.execute(statement)
