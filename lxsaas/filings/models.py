"""Filings: signed versions at the school with the children behind them; their numbers at the district.

A version never changes: triggers (migration 0029) refuse every change and deletion, whoever asks. The
district's row and its figures are written by a trigger when a version is sent; it names no child.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, district_key, school_key
from lxsaas.filings.definitions import DIVISIONS, cross_foot_sql

KEPT: dict[str, Any] = {"info": {"kept_for_good": True}}
TOLD: dict[str, Any] = {"info": {"kept_for_good": True, "kept_by_triggers": True}}


class Filing(SchoolOwned, Base):
    """A version of a term's statistics, signed by the principal; frozen from then on."""

    __tablename__ = "filing"
    __table_args__ = (
        school_key("signed_by", "staff"),
        UniqueConstraint("school_id", "term", "version"),
        CheckConstraint("version > 0", name="version"),
        KEPT,
    )

    term: Mapped[str]
    """Name of the district's term."""
    version: Mapped[int] = mapped_column(SmallInteger)
    """From 1; each later one is a visible correction of the one before."""
    cut_off_on: Mapped[date]
    definition: Mapped[str]
    definition_version: Mapped[int] = mapped_column(SmallInteger)
    signed_by: Mapped[int]
    signed_name: Mapped[str]
    """As it was then: the district cannot read the school's accounts."""
    signed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Set by the database, whatever is sent."""
    reason: Mapped[str | None]
    """What was corrected; of the first version None."""


class FilingChild(SchoolOwned, Base):
    """A child behind a version's figures with its codes as they were: codes and an id, no name."""

    __tablename__ = "filing_child"
    __table_args__ = (
        school_key("filing_id", "filing"),
        school_key("pupil_id", "pupil"),
        UniqueConstraint("school_id", "filing_id", "pupil_id"),
        *(
            CheckConstraint(
                f"{one.code} in ({', '.join(repr(part.code) for part in one.parts)})", name=one.code
            )
            for one in DIVISIONS
        ),
        KEPT,
    )

    filing_id: Mapped[int]
    pupil_id: Mapped[int]
    grade: Mapped[int] = mapped_column(SmallInteger)
    sex: Mapped[str]
    age: Mapped[str]
    kind: Mapped[str]
    stage: Mapped[str]
    boarding: Mapped[str]
    health: Mapped[str]
    guardianship: Mapped[str]
    keeper: Mapped[str]
    residence: Mapped[str]


class FilingSending(SchoolOwned, Base):
    """A signed version was sent; from here on no child is added to it and the district has its numbers."""

    __tablename__ = "filing_sending"
    __table_args__ = (school_key("filing_id", "filing"), UniqueConstraint("school_id", "filing_id"), KEPT)

    filing_id: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Set by the database."""


class DistrictFiling(DistrictOwned, Base):
    """What a school reported, as numbers of the whole school; the database checks that they add up."""

    __tablename__ = "district_filing"
    __table_args__ = (
        UniqueConstraint("district_id", "unit_id", "filing_id"),
        Index(None, "district_id", "term", "unit_id", "version"),
        *(CheckConstraint(cross_foot_sql(one), name=one.code) for one in DIVISIONS),
        TOLD,
    )

    unit_id: Mapped[int]
    """The school."""
    filing_id: Mapped[int]
    term: Mapped[str]
    version: Mapped[int] = mapped_column(SmallInteger)
    cut_off_on: Mapped[date]
    definition: Mapped[str]
    signed_name: Mapped[str]
    signed_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    reason: Mapped[str | None]
    total: Mapped[int]
    boys: Mapped[int]
    girls: Mapped[int]
    aged_0_5: Mapped[int]
    aged_6_13: Mapped[int]
    aged_14_15: Mapped[int]
    both_away: Mapped[int]
    one_away: Mapped[int]
    in_preschool: Mapped[int]
    in_primary: Mapped[int]
    in_junior: Mapped[int]
    dropped_out: Mapped[int]
    boarders: Mapped[int]
    day_pupils: Mapped[int]
    healthy: Mapped[int]
    chronically_ill: Mapped[int]
    disabled: Mapped[int]
    guarded_well: Mapped[int]
    guarded_fairly: Mapped[int]
    guarded_poorly: Mapped[int]
    with_grandparents: Mapped[int]
    with_relatives: Mapped[int]
    with_others: Mapped[int]
    with_nobody: Mapped[int]
    registered: Mapped[int]
    not_registered: Mapped[int]


class DistrictFilingGrade(DistrictOwned, Base):
    """How many children of a grade a school reported: the count alone, nothing that tells more of them."""

    __tablename__ = "district_filing_grade"
    __table_args__ = (
        UniqueConstraint("district_id", "unit_id", "filing_id", "grade"),
        TOLD,
    )

    unit_id: Mapped[int]
    filing_id: Mapped[int]
    grade: Mapped[int] = mapped_column(SmallInteger)
    total: Mapped[int]


class FilingDecision(DistrictOwned, Base):
    """The district has accepted or returned a version; once, for good."""

    __tablename__ = "filing_decision"
    __table_args__ = (
        district_key("decided_by", "district_staff"),
        UniqueConstraint("district_id", "unit_id", "filing_id"),
        CheckConstraint("outcome in ('accepted', 'returned')", name="outcome"),
        KEPT,
    )

    unit_id: Mapped[int]
    filing_id: Mapped[int]
    outcome: Mapped[str]
    words: Mapped[str | None]
    decided_by: Mapped[int]
    decided_name: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Set by the database."""


class FilingRemark(DistrictOwned, Base):
    """What the district says about one cell of a version."""

    __tablename__ = "filing_remark"
    __table_args__ = (
        UniqueConstraint("district_id", "unit_id", "filing_id", "cell"),
        KEPT,
    )

    unit_id: Mapped[int]
    filing_id: Mapped[int]
    cell: Mapped[str]
    """A column of the total, or 'grade:3'."""
    words: Mapped[str]


class FilingCall(DistrictOwned, Base):
    """What the district asks for in a term; a change is an edition beside the ones before, for good."""

    __tablename__ = "filing_call"
    __table_args__ = (
        UniqueConstraint("district_id", "term", "edition"),
        CheckConstraint("edition > 0", name="edition"),
    )

    term: Mapped[str]
    edition: Mapped[int] = mapped_column(SmallInteger)
    """From 1; the highest is what is asked for."""
    cut_off_on: Mapped[date]
    definition: Mapped[str]
    due_on: Mapped[date | None]
    """As it was set then (`Term.filing_due_on` is what holds); None: nothing was asked for any more."""
    reason: Mapped[str | None]
    """Why schools that had sent have to send again, in the officer's words."""
    asked_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    """None: before this was kept."""


class FilingReminder(DistrictOwned, Base):
    """Of the request that it is told of, or number of the returned version; None: it is reminded."""

    __tablename__ = "filing_reminder"
    __table_args__ = (
        UniqueConstraint("district_id", "unit_id", "about", "term", "edition"),
        Index(
            "ix_filing_reminder_day", "district_id", "unit_id", "about", "term", "reminded_on",
            unique=True, postgresql_where=text("edition is null"),
        ),
        Index(None, "district_id", "owed_at", postgresql_where=text("owed_at is null")),
        CheckConstraint("about in ('filing', 'return', 'summary')", name="about"),
    )  # fmt: skip

    unit_id: Mapped[int]
    about: Mapped[str] = mapped_column(server_default="filing")
    """'filing': a term's statistics; 'return': a version that was returned; 'summary': a year's summary."""
    term: Mapped[str]
    """Name of the term, of a summary the calendar year in which its school year begins."""
    edition: Mapped[int | None] = mapped_column(SmallInteger)
    """Of the request, or number of the returned version, that the school is told of; None: it is reminded."""
    due_on: Mapped[date]
    reminded_on: Mapped[date]
    asked_by: Mapped[int | None]
    """The officer; None: by the calendar."""
    owed_at: Mapped[datetime | None]
    """When mail was put into the outbox."""
