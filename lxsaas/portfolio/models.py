"""Exams with their results, the school's thresholds, and the entries of the growth portfolio (P7).

Marks are kept in tenths, so that 89.5 is a whole number: 895.
"""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, FetchedValue, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.registers.models import Entry, entry_args


class Exam(Entry, Base):
    """An exam of one class on a day; its term is the one in which the day lies."""

    __tablename__ = "exam"
    __table_args__ = entry_args(
        school_key("class_id", "school_class"),
        # Two who enter the same exam at once make one.
        Index(
            "ix_exam_same", "school_id", "class_id", "taken_on", "name",
            unique=True, postgresql_where=text("withdrawn_at is null"),
        ),
    )  # fmt: skip
    RULES: ClassVar[dict[str, tuple[str, str]]] = {"ix_exam_same": ("exam_twice", "name")}

    class_id: Mapped[int]
    name: Mapped[str]
    taken_on: Mapped[date]


class ExamSubject(SchoolOwned, Base):
    """A subject of an exam and the marks that can be reached in it."""

    __tablename__ = "exam_subject"
    __table_args__ = (
        school_key("exam_id", "exam"),
        UniqueConstraint("school_id", "exam_id", "name"),
        CheckConstraint("full_marks between 1 and 1000", name="full_marks"),
    )

    exam_id: Mapped[int]
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    full_marks: Mapped[int] = mapped_column(SmallInteger)


class ExamResult(SchoolOwned, Base):
    """One child's part in an exam; there is none where nothing was ever entered."""

    __tablename__ = "exam_result"
    __table_args__ = (
        school_key("exam_id", "exam"),
        school_key("pupil_id", "pupil"),
        school_key("entered_by", "staff"),
        UniqueConstraint("school_id", "exam_id", "pupil_id"),
        Index(None, "school_id", "pupil_id"),
    )

    exam_id: Mapped[int]
    pupil_id: Mapped[int]
    total_tenths: Mapped[int | None]
    """The sum where there are marks in every subject; None for who was absent in one, or has gaps yet."""
    is_empty: Mapped[bool] = mapped_column(server_default="false")
    """Every mark was taken away again: the row counts nowhere and keeps its past."""
    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """Rises with each change; what stood there before is kept as a RowVersion."""
    entered_by: Mapped[int]
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    rose: Mapped[bool | None] = mapped_column(server_default=FetchedValue())
    """Whether the standing rose against the child's exam before; None where there is nothing to compare.

    Kept by the database (migration 0017), whoever changes results: what `queries.progress` says of the row.
    """
    fall_told_at: Mapped[datetime | None]
    """When whoever listens (`lxsaas.portfolio.hooks`) was told that the child fell in this exam."""


class ExamScore(SchoolOwned, Base):
    """The marks of one child in one subject; there is no row where nothing was entered."""

    __tablename__ = "exam_score"
    __table_args__ = (
        school_key("result_id", "exam_result", ondelete="CASCADE"),
        school_key("subject_id", "exam_subject"),
        UniqueConstraint("school_id", "result_id", "subject_id"),
        CheckConstraint("tenths between 0 and 10000", name="tenths"),
    )

    result_id: Mapped[int]
    subject_id: Mapped[int]
    tenths: Mapped[int | None]
    """None: absent."""


class ExamRule(SchoolOwned, Base):
    """From what fall of a child's standing on a school wants to be told; defaults where there is no row."""

    __tablename__ = "exam_rule"
    __table_args__ = (
        UniqueConstraint("school_id"),
        CheckConstraint("fall_points between 1 and 100", name="fall_points"),
        CheckConstraint("fall_places between 1 and 100", name="fall_places"),
    )

    fall_points: Mapped[int] = mapped_column(SmallInteger)
    """Percentile points of the class that are ahead now and were not before."""
    fall_places: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class PortfolioEntry(Entry, Base):
    """Conduct, mood, an evaluation, a work or a photo of a child, with a day and words."""

    __tablename__ = "portfolio_entry"
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        Index(None, "school_id", "pupil_id", "occurred_on"),
        CheckConstraint("kind in ('conduct', 'mood', 'evaluation', 'work', 'photo')", name="kind"),
    )
    SEALED: ClassVar[tuple[str, ...]] = ("text",)

    pupil_id: Mapped[int]
    occurred_on: Mapped[date]
    kind: Mapped[str]
    text_sealed: Mapped[bytes | None]
