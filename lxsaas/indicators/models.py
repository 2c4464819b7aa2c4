"""The run ledger, the schools' figures, and what of them is published to the district."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, column_property, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, district_key


class IndicatorRun(DistrictOwned, Base):
    """A district's figures computed as of a day; number 0 is the night's own, others were asked for."""

    __tablename__ = "indicator_run"
    __table_args__ = (
        UniqueConstraint("district_id", "as_of", "number"),
        CheckConstraint("state in ('running', 'done')", name="state"),
        Index(None, "district_id", "state"),
    )

    as_of: Mapped[date]
    since: Mapped[date | None]
    """The first of several days computed in one run: nights that were missed, a stretch of a backfill."""
    number: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    is_full: Mapped[bool] = mapped_column(server_default="false")
    """Whether each school is computed, also where nothing can differ from its last count."""
    state: Mapped[str] = mapped_column(server_default="running")
    schools_expected: Mapped[int] = mapped_column(server_default="0")
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class IndicatorRunPeriod(DistrictOwned, Base):
    """What a claim counted of a period, until its run is published."""

    __tablename__ = "indicator_run_period"
    __table_args__ = (district_key("run_id", "indicator_run"), Index(None, "district_id", "run_id"))

    run_id: Mapped[int]
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The indicators that were counted."""
    starts_on: Mapped[date]
    as_of: Mapped[date]
    """Last day counted."""
    school_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """Schools whose figures were counted; those of the others stand to the day."""


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


class IndicatorStanding(Base):
    """Until when a school's running figures stand, if nobody changes anything."""

    __tablename__ = "indicator_standing"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True, autoincrement=False)
    counted_on: Mapped[date]
    """As-of day of the last count."""
    changes_on: Mapped[date]
    """The first later day on which a figure may differ: somebody enrols, a spell ends, a week is over."""
    few_change_on: Mapped[date | None]
    """The first later day on which one of `statements.FEW_CODES` may: a visit is due, a contact too old."""
    formula: Mapped[str]
    """What the count depended on beside the school's rows: definitions, terms."""


class TermFiling(SchoolOwned, Base):
    """A school has sent the statistics of a term (P29)."""

    __tablename__ = "term_filing"
    __table_args__ = (Index(None, "school_id", "term"),)

    term: Mapped[str]
    """Name of the district's term."""
    sent_on: Mapped[date]


class IndicatorTarget(DistrictOwned, Base):
    """What a district asks for from a day on; a past period keeps the target of its time."""

    __tablename__ = "indicator_target"
    __table_args__ = (
        UniqueConstraint("district_id", "indicator", "starts_on"),
        CheckConstraint("target between 0 and 100", name="target"),
    )

    indicator: Mapped[str]
    starts_on: Mapped[date]
    target: Mapped[int | None] = mapped_column(SmallInteger)
    """Per cent, of a count the number; None: no target."""
    set_by: Mapped[int | None]
    """The officer; None: the operator."""


class SchoolIndicator(Base):
    """A school's figure for a period: parts, never a percentage."""

    __tablename__ = "school_indicator"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True, autoincrement=False)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    """First day of the period: the day, the month's first, the term's first."""
    as_of: Mapped[date]
    """Last day counted: the period's last, in a running one that of the last count, which stands since."""
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
        CheckConstraint("hidden in ('few', 'most', 'some', 'all')", name="hidden"),
        CheckConstraint("num_nonnulls(hidden, numerator) = 1", name="numerator_hidden"),
        CheckConstraint("hidden is distinct from 'all' or denominator is null", name="denominator_hidden"),
        Index(None, "district_id", "indicator", "starts_on"),
    )

    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), primary_key=True, autoincrement=False)
    level: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Id of the district, township or school that `level` names."""
    indicator: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    written_to: Mapped[date] = mapped_column("as_of")
    """To which day it was when this row last differed."""
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    hidden: Mapped[str | None]
    """What of a small cell is not shown, and the sign under which (`lxsaas.indicators.publishing`)."""
    slack: Mapped[int] = mapped_column(server_default="0")
    """Of a sum: by how much the numerator may be higher, for hidden ones count with the least they can be."""
    schools_reporting: Mapped[int]
    """Schools whose figures are in the sum."""
    schools_expected: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())

    if TYPE_CHECKING:
        as_of: Mapped[date]
        """To which day the period was counted."""


class SchoolActivity(Base):
    """When somebody at a school last entered anything that figures depend on; no child, no act is named."""

    __tablename__ = "school_activity"

    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The school."""
    last_entry_on: Mapped[date | None]
    """Day in the district's zone; None: nothing was ever entered."""


class SchoolStanding(Base):
    """What a school misses after the district's newest night, kept so that pages need not judge anew."""

    __tablename__ = "school_standing"

    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The school."""
    run_id: Mapped[int]
    judged_by: Mapped[str]
    """By which targets and rules (`standings._fingerprint`): by others it is judged anew."""
    size: Mapped[int | None]
    """Pupils enrolled, where that is shown."""
    missed: Mapped[int] = mapped_column(SmallInteger)
    shortfall: Mapped[float] = mapped_column(Double)
    mask: Mapped[int]
    """A bit for each target missed (`standings.BITS`)."""


_whole = DistrictIndicator.__table__.alias()
# The row of the district itself is always written: to its day all rows of the period are counted, or stand.
DistrictIndicator.as_of = column_property(
    func.coalesce(
        select(_whole.c.as_of)
        .where(
            _whole.c.district_id == DistrictIndicator.district_id,
            _whole.c.level == "district",
            _whole.c.unit_id == DistrictIndicator.district_id,
            _whole.c.indicator == DistrictIndicator.indicator,
            _whole.c.starts_on == DistrictIndicator.starts_on,
        )
        .correlate_except(_whole)
        .scalar_subquery(),
        DistrictIndicator.written_to,
    )
)
