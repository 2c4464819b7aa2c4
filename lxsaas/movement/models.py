"""Surveys at the start of term, classes through the years, moving up, and files handed over (P6)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key


class Survey(SchoolOwned, Base):
    """The survey of a term: every child's situation is confirmed, changed or closed (P5, P6)."""

    __tablename__ = "survey"
    __table_args__ = (school_key("opened_by", "staff"), UniqueConstraint("school_id", "term"))

    term: Mapped[str]
    """Name of the district's term."""
    opened_by: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SurveyAnswer(SchoolOwned, Base):
    """What was found out about one child; the first answer stands until somebody answers again on purpose."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        school_key("survey_id", "survey"),
        school_key("pupil_id", "pupil"),
        school_key("answered_by", "staff"),
        UniqueConstraint("school_id", "survey_id", "pupil_id"),
        CheckConstraint("answer in ('confirmed', 'changed', 'closed')", name="answer"),
    )

    survey_id: Mapped[int]
    pupil_id: Mapped[int]
    answer: Mapped[str]
    answered_by: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class ClassMembership(SchoolOwned, Base):
    """In which class a pupil was on which days; kept by a trigger on `pupil`, whoever changes the class."""

    __tablename__ = "class_membership"
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("class_id", "school_class"),
        CheckConstraint("ends_on > starts_on", name="order"),
        ExcludeConstraint(
            ("school_id", "="),
            ("pupil_id", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_class_membership_days",
            using="gist",
        ),
        Index(None, "school_id", "class_id", "starts_on"),
        {"info": {"kept_by_triggers": True}},
    )

    pupil_id: Mapped[int]
    class_id: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Promotion(SchoolOwned, Base):
    """One moving up of the school, with all that it changed; can be undone until the new term starts."""

    __tablename__ = "promotion"
    __table_args__ = (
        school_key("made_by", "staff"),
        school_key("undone_by", "staff"),
        Index(
            "ix_promotion_day",
            "school_id",
            "moved_on",
            unique=True,
            postgresql_where=text("undone_at is null"),
        ),
    )

    moved_on: Mapped[date]
    made_by: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_by: Mapped[int | None]
    undone_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """Ids of the homeroom teachers' rows that were ended and begun."""


class PromotionStep(SchoolOwned, Base):
    """What happened to one pupil: into which class, or out of the school."""

    __tablename__ = "promotion_step"
    __table_args__ = (
        school_key("promotion_id", "promotion"),
        school_key("pupil_id", "pupil"),
        school_key("from_class", "school_class"),
        school_key("to_class", "school_class"),
        UniqueConstraint("school_id", "promotion_id", "pupil_id"),
    )

    promotion_id: Mapped[int]
    pupil_id: Mapped[int]
    from_class: Mapped[int]
    to_class: Mapped[int | None]
    """None: graduated."""


class Handover(SchoolOwned, Base):
    """The files of a class pass from one homeroom teacher to the next; both sign."""

    __tablename__ = "handover"
    RULES: ClassVar[dict[str, tuple[str, str]]] = {"ix_handover_open": ("handover_open", "class_id")}
    __table_args__ = (
        school_key("class_id", "school_class"),
        school_key("from_staff", "staff"),
        school_key("to_staff", "staff"),
        school_key("made_by", "staff"),
        Index(
            "ix_handover_open", "school_id", "class_id", unique=True,
            postgresql_where=text("received_at is null"),
        ),
    )  # fmt: skip

    class_id: Mapped[int]
    from_staff: Mapped[int]
    to_staff: Mapped[int]
    made_by: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    given_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]


class HandoverItem(SchoolOwned, Base):
    """What one child's file held when it was given."""

    __tablename__ = "handover_item"
    __table_args__ = (
        school_key("handover_id", "handover"),
        school_key("pupil_id", "pupil"),
        UniqueConstraint("school_id", "handover_id", "pupil_id"),
    )

    handover_id: Mapped[int]
    pupil_id: Mapped[int]
    held: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Counts by table, and the codes of the five things that were not known."""
