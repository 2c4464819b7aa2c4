"""Rules of a district, and the alarms that they raised."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, DistrictOwned, district_key

_LEVELS = "level in ('district', 'township', 'school')"


class AlarmRule(DistrictOwned, Base):
    """What a district wants to be told of; its kind and indicator never change."""

    __tablename__ = "alarm_rule"
    __table_args__ = (
        CheckConstraint(
            "kind in ('below', 'above', 'must_visits', 'mandatory_report', 'silent', 'night')", name="kind"
        ),
        CheckConstraint(_LEVELS, name="level"),
        CheckConstraint("delivery in ('at_once', 'digest')", name="delivery"),
        CheckConstraint("bound >= 0", name="bound"),
        CheckConstraint("periods between 1 and 12", name="periods"),
        district_key("changed_by", "district_staff"),
        UniqueConstraint("district_id", "preset"),
    )

    preset: Mapped[str | None]
    """Code of the default from which it came (`definitions.PRESETS`); None: the district's own."""
    kind: Mapped[str]
    level: Mapped[str]
    indicator: Mapped[str | None]
    bound: Mapped[int | None] = mapped_column(SmallInteger)
    """Per cent, children, visits, days or the hour, as the kind says; None: the indicator's target."""
    periods: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """How many days, months or terms in a row."""
    delivery: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    changed_by: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    evaluated_at: Mapped[datetime | None]
    """When it was last looked whether it holds; before `changed_at`: it waits for that."""


class Alarm(DistrictOwned, Base):
    """A rule holds for a unit; closed by itself when it no longer does. Numbers are those that were shown."""

    __tablename__ = "alarm"
    __table_args__ = (
        CheckConstraint(_LEVELS, name="level"),
        CheckConstraint("hidden in ('few', 'most', 'some', 'all')", name="hidden"),
        district_key("rule_id", "alarm_rule"),
        district_key("acknowledged_by", "district_staff"),
        UniqueConstraint("district_id", "rule_id", "level", "unit_id", "about_on", "source_id"),
        Index(
            "ix_alarm_open",
            "district_id", "rule_id", "level", "unit_id", "source_id",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
        Index(None, "district_id", "opened_at"),
    )  # fmt: skip

    rule_id: Mapped[int]
    level: Mapped[str]
    unit_id: Mapped[int]
    about_on: Mapped[date]
    """First day of the period, or the day, that it is about."""
    source_id: Mapped[int] = mapped_column(server_default="0")
    """Of a mandatory report its id; 0 for figures. Two of one school are two alarms."""
    as_of: Mapped[date]
    """The night, or the day, on which it was raised."""
    numerator: Mapped[int | None]
    """With the three below a figure as shown; of a silence its days, of a night the schools missing."""
    denominator: Mapped[int | None]
    hidden: Mapped[str | None]
    slack: Mapped[int] = mapped_column(server_default="0")
    bound: Mapped[int | None] = mapped_column(SmallInteger)
    """What the rule asked for then."""
    periods: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    reopened_at: Mapped[datetime | None]
    """When a recount found that it holds for the same period after all."""
    closed_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None]
    acknowledged_at: Mapped[datetime | None]
    remark: Mapped[str | None]
