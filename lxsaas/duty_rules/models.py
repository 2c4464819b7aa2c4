"""Amounts that a district or a school has set in place of the defaults."""

from datetime import datetime

from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, district_key, school_key


class SettingColumns:
    duty: Mapped[str]
    """Code of `definitions.DUTIES`."""
    risk: Mapped[str]
    season: Mapped[str]
    amount: Mapped[int] = mapped_column(SmallInteger)
    """0: not owed."""
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())
    set_by: Mapped[int]


_CHECKS = ("risk in ('any', 'high')", "season in ('term', 'holiday')", "amount >= 0")


def _checks() -> tuple[CheckConstraint, ...]:
    return tuple(CheckConstraint(check, name=check.partition(" ")[0]) for check in _CHECKS)


class DutySetting(SettingColumns, SchoolOwned, Base):
    __tablename__ = "duty_setting"
    __table_args__ = (
        school_key("set_by", "staff"),
        UniqueConstraint("school_id", "duty", "risk", "season"),
        *_checks(),
    )


class DistrictDutySetting(SettingColumns, DistrictOwned, Base):
    __tablename__ = "district_duty_setting"
    __table_args__ = (
        district_key("set_by", "district_staff"),
        UniqueConstraint("district_id", "duty", "risk", "season"),
        *_checks(),
    )
