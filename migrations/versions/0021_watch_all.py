"""Nights of all districts are looked at in one go; an alarm's mail says when it was taken."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import watched

revision = "0021_watch_all"
down_revision = "0020_counting"

WATCHED = ("indicator_run", "indicator_unit", "outbox_message", "night_alarm")


def upgrade() -> None:
    op.add_column("night_alarm", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    for table in WATCHED:
        op.execute(watched(table))
