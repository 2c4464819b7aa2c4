"""Who gets which report, and the outbox: one row a recipient."""

from datetime import date, datetime, time
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, DistrictOwned, district_key

REPORTS = ("night", "week", "month", "term", "alarms", "filings")
"""What can be subscribed to: four reports with a period, alarms as they are raised, reminders of filings."""
AT_ONCE = ("alarms", "filings")
"""Those of no period: mail goes when something happens, and is about that."""
LEVELS = ("district", "township", "school")


class ReportSubscription(DistrictOwned, Base):
    """An officer, or a member of a school's staff, gets a report at an hour of the district's day."""

    __tablename__ = "report_subscription"
    RULES: ClassVar = {
        "uq_report_subscription_staff_id": ("subscription_exists", "unit"),
        "uq_report_subscription_school_staff_id": ("subscription_exists", "unit"),
    }
    __table_args__ = (
        district_key("staff_id", "district_staff"),
        UniqueConstraint(
            "district_id", "staff_id", "report", "level", "unit_id", name="uq_report_subscription_staff_id"
        ),
        UniqueConstraint(
            "district_id", "school_staff_id", "report", "level", "unit_id",
            name="uq_report_subscription_school_staff_id",
        ),
        CheckConstraint(
            "report in ('night', 'week', 'month', 'term', 'alarms', 'filings')", name="report"
        ),
        CheckConstraint("level in ('school', 'township', 'district')", name="level"),
        CheckConstraint("num_nonnulls(staff_id, school_staff_id) = 1", name="person"),
        CheckConstraint("school_staff_id is null or level = 'school'", name="school_level"),
        CheckConstraint(
            "weekday between 1 and 7 and (report <> 'week' or weekday is not null)", name="weekday"
        ),
        CheckConstraint(
            "day_of_month between 1 and 31 and (report <> 'month' or day_of_month is not null)",
            name="day_of_month",
        ),
        CheckConstraint(
            "days_after between 1 and 60 and (report <> 'term' or days_after is not null)", name="days_after"
        ),
        CheckConstraint("language in ('zh_Hans_CN', 'en')", name="language"),
    )  # fmt: skip

    staff_id: Mapped[int | None]
    """The officer; None: somebody of a school."""
    school_staff_id: Mapped[int | None]
    """A member of the staff of the school `unit_id`."""
    report: Mapped[str]
    level: Mapped[str]
    unit_id: Mapped[int]
    """Id of the district, township or school that `level` names."""
    send_at: Mapped[time] = mapped_column(server_default=text("'06:30'"))
    weekday: Mapped[int | None] = mapped_column(SmallInteger)
    """Of a weekly report: 1, Monday, to 7."""
    day_of_month: Mapped[int | None] = mapped_column(SmallInteger)
    """Of a monthly report; a day that the month does not have means its last."""
    days_after: Mapped[int | None] = mapped_column(SmallInteger)
    """Of a termly report: how many days after the term's last."""
    indicators: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Codes; None: all."""
    language: Mapped[str | None]
    """None: the account's."""
    with_workbook: Mapped[bool] = mapped_column(server_default=text("false"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    """False while it is paused, for good once it is unsubscribed or deleted."""
    bounce_count: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    paused_reason: Mapped[str | None]
    """Stable code of why it is not active: its person, mail that came back."""
    since: Mapped[date | None]
    """Periods that begin before were due before anybody asked for them; None: each is asked for."""
    deleted_at: Mapped[datetime | None]
    """Shown to nobody since; the row stays for what it sent, and so that no default brings it back."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OutboxMessage(DistrictOwned, Base):
    """One message to one recipient, from the moment it is owed until it is sent or given up.

    pending → claimed (in a sender's hand, not tried) → sending (committed before the final dot)
    → sent | retry | failed | unknown; sent → bounced, when it came back. Expired: too old, or wanted no more.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        district_key("subscription_id", "report_subscription"),
        UniqueConstraint(
            "district_id", "subscription_id", "period_on", "about_id", "version",
            name="uq_outbox_message_owed_once",
        ),
        CheckConstraint(
            "state in ('pending', 'claimed', 'sending', 'sent', 'retry', 'failed', 'unknown', 'expired', "
            "'bounced')",
            name="state",
        ),
        Index(
            "ix_outbox_message_due",
            "district_id",
            "next_attempt_at",
            postgresql_where=text("state in ('pending', 'retry', 'claimed', 'sending')"),
        ),
        Index("ix_outbox_message_message_id", "message_id"),
    )  # fmt: skip

    subscription_id: Mapped[int]
    unit_id: Mapped[int | None]
    """The school whose person it goes to, which may see that it went; None: an officer's."""
    period_on: Mapped[date]
    """The night's as-of day, the first day of the period reported, the day of the alarm."""
    about_id: Mapped[int] = mapped_column(server_default="0")
    """The alarm; 0 for reports."""
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
    claimed_by: Mapped[UUID | None]
    """The batch that took it last: a sender whose message was taken from it meanwhile cannot send it."""
    sent_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    """When it was first told that it did not arrive, or not yet."""
    error: Mapped[str | None]
    """Stage and the server's reply code, or a word for what happened; never an address."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MailChannel(Base):
    """The way out: paused when the server refuses the login, or by hand, until the operator resumes it."""

    __tablename__ = "mail_channel"

    name: Mapped[str] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    """The server's reply code; 'operator': by hand."""
    next_slot_at: Mapped[datetime | None]
    """When the next message may go where so many go in a minute: all senders keep this one pace."""
    turn_by: Mapped[UUID | None]
    turn_until: Mapped[datetime | None]
    """Whose turn of sending it is, of the clock's: one occupies one worker, however slow the server is."""
