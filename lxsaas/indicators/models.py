"""The run ledger, the schools' figures, and what of them is published to the district."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, DistrictOwned


class IndicatorRun(DistrictOwned, Base):
    """A district's figures computed as of a day; number 0 is the night's own, others were asked for."""

    __tablename__ = "indicator_run"
    __table_args__ = (
        UniqueConstraint("district_id", "as_of", "number"),
        CheckConstraint("state in ('running', 'done')", name="state"),
        Index(None, "district_id", "state"),
    )

    as_of: Mapped[date]
    number: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    state: Mapped[str] = mapped_column(server_default="running")
    schools_expected: Mapped[int] = mapped_column(server_default="0")
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class IndicatorUnit(Base):
    """One school's share of a run; computed and marked done in one transaction."""

    __tablename__ = "indicator_unit"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'claimed', 'done', 'dead')", name="state"),
        Index(None, "run_id", "state"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    claim: Mapped[UUID | None] = mapped_column(Uuid)
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    """Class of the last error; never its text, which may quote a row."""


class SchoolIndicator(Base):
    """A school's figure for a period: parts, never a percentage."""

    __tablename__ = "school_indicator"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True, autoincrement=False)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    """First day of the period: the day, the month's first, the term's first."""
    as_of: Mapped[date]
    """Last day counted: the period's last, or the day of the run in a running period."""
    numerator: Mapped[int]
    denominator: Mapped[int | None]
    definition_version: Mapped[int] = mapped_column(SmallInteger)
    run_id: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DistrictIndicator(Base):
    """What the district sees of itself, its townships and schools; small cells left out."""

    __tablename__ = "district_indicator"
    __table_args__ = (
        CheckConstraint("level in ('district', 'township', 'school')", name="level"),
        CheckConstraint("not is_suppressed or num_nonnulls(numerator, denominator) = 0", name="suppressed"),
        Index(None, "district_id", "indicator", "starts_on"),
    )

    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), primary_key=True, autoincrement=False)
    level: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Id of the district, township or school that `level` names."""
    indicator: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    is_suppressed: Mapped[bool]
    """Fewer than three children: shown as '<3' and left out of every sum."""
    schools_reporting: Mapped[int]
    """Schools whose figures are in the sum."""
    schools_expected: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())
