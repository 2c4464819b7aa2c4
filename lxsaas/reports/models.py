"""Who gets which report, and the outbox: one row a recipient."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, DistrictOwned, district_key


class ReportSubscription(DistrictOwned, Base):
    """A member of the district's staff gets a report at an hour of the district's day."""

    __tablename__ = "report_subscription"
    __table_args__ = (
        district_key("staff_id", "district_staff"),
        UniqueConstraint("district_id", "staff_id", "report"),
        CheckConstraint("report in ('nightly_digest')", name="report"),
    )

    staff_id: Mapped[int]
    report: Mapped[str]
    send_at: Mapped[time] = mapped_column(server_default=text("'06:30'"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OutboxMessage(DistrictOwned, Base):
    """One message to one recipient, from the moment it is owed until it is sent or given up.

    pending → sending (committed before the line is opened) → sent | retry | failed | unknown | expired.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        district_key("subscription_id", "report_subscription"),
        district_key("staff_id", "district_staff"),
        UniqueConstraint("district_id", "subscription_id", "period_on", "staff_id", "version"),
        CheckConstraint(
            "state in ('pending', 'sending', 'sent', 'retry', 'failed', 'unknown', 'expired')", name="state"
        ),
        Index(
            "ix_outbox_message_due",
            "district_id",
            "next_attempt_at",
            postgresql_where=text("state in ('pending', 'retry', 'sending')"),
        ),
    )

    subscription_id: Mapped[int]
    staff_id: Mapped[int]
    period_on: Mapped[date]
    """The night's as-of day, or the first day of the period reported."""
    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    message_id: Mapped[str]
    """Message-ID, the same at every attempt, so that a mail system can tell a repetition."""
    state: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_attempt_at: Mapped[datetime]
    """Not before this instant; for a new message the hour of its subscription."""
    expires_at: Mapped[datetime]
    """A digest that could not go by then is history and goes no more."""
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    """Stable code, with the server's reply code where it gave one; never an address."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MailChannel(Base):
    """The way out: paused when the server refuses the login, until the operator resumes it."""

    __tablename__ = "mail_channel"

    name: Mapped[str] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime | None]
    reason: Mapped[str | None]
