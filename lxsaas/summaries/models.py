"""Annual summaries with the figures of their day and the school's words; what was sent.

What is frozen, or was sent, is changed by nobody: triggers (migrations 0030, 0034) refuse it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, school_key


class AnnualSummary(SchoolOwned, Base):
    """One version of a school year's summary."""

    __tablename__ = "annual_summary"
    __table_args__ = (
        school_key("begun_by", "staff"),
        school_key("frozen_by", "staff"),
        school_key("template_id", "document_template"),
        UniqueConstraint("school_id", "year", "number"),
        Index(
            "ix_annual_summary_draft", "school_id", "year",
            unique=True, postgresql_where=text("state = 'draft'"),
        ),
        CheckConstraint("state in ('draft', 'frozen')", name="state"),
        CheckConstraint("language in ('zh', 'en')", name="language"),
    )  # fmt: skip

    year: Mapped[int] = mapped_column(SmallInteger)
    """The calendar year in which the school year begins."""
    number: Mapped[int] = mapped_column(SmallInteger)
    """Of the version, from 1."""
    state: Mapped[str] = mapped_column(server_default="draft")
    language: Mapped[str]
    school_name: Mapped[str]
    """As it was called then."""
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """Every figure with its definition, version and period (`lxsaas.summaries.figures`)."""
    counted_on: Mapped[date]
    """To which day the figures go."""
    counted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    begun_by: Mapped[int]
    begun_at: Mapped[datetime] = mapped_column(server_default=func.now())
    template_id: Mapped[int | None]
    """Of a frozen one, the school's template then in force; None: the one of the product."""
    document: Mapped[bytes | None] = mapped_column(deferred=True)
    """Of a frozen one the .docx as it was made then; of no list. None: frozen before it was kept."""
    frozen_by: Mapped[int | None]
    frozen_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """Rises with each change; what was read before is not frozen unseen."""


class SummarySection(SchoolOwned, Base):
    """The words of one section, with the codes of figures in braces."""

    __tablename__ = "summary_section"
    __table_args__ = (
        school_key("summary_id", "annual_summary"),
        school_key("written_by", "staff"),
        UniqueConstraint("school_id", "summary_id", "code"),
    )

    summary_id: Mapped[int]
    code: Mapped[str]
    body: Mapped[str]
    written_by: Mapped[int | None]
    """None: still the words from which every summary starts."""
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SummaryCall(DistrictOwned, Base):
    """By when the district wants the schools' summaries of a year."""

    __tablename__ = "summary_call"
    __table_args__ = (UniqueConstraint("district_id", "year"),)

    year: Mapped[int] = mapped_column(SmallInteger)
    """The calendar year in which the school year begins."""
    due_on: Mapped[date | None]
    """None: on no day any more."""


class DistrictSummary(DistrictOwned, Base):
    """The document of a final summary, as a school has sent it to its district."""

    __tablename__ = "district_summary"
    __table_args__ = (
        UniqueConstraint("district_id", "year", "unit_id", "number"),
        {"info": {"kept_for_good": True}},
    )

    unit_id: Mapped[int]
    """The school."""
    year: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    """Of the school's version; the highest is the one that holds."""
    counted_on: Mapped[date]
    missing_count: Mapped[int] = mapped_column(SmallInteger)
    """How many things stand in brackets."""
    signed_name: Mapped[str]
    """Who sent it, as called then: the district cannot read the school's accounts."""
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Set by the database, whatever is sent."""
    content: Mapped[bytes] = mapped_column(deferred=True)
    """The .docx; of no list."""
