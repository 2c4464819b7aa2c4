"""Pairing, help plans, conduct, must-visits, attendance, aid: what is done for single children.

Words about a child are sealed; what is counted at night (children, days, kinds) is not.
"""

from datetime import date
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from lxsaas.core.db import Base, school_key
from lxsaas.registers.models import Entry, entry_args

IN_FORCE = text("withdrawn_at is null")


class Pairing(Entry, Base):
    """A child and somebody who cares (P9, P19); several at a time, each dated."""

    __tablename__ = "pairing"
    RULES: ClassVar = {
        "ex_pairing_staff": ("pairing_twice", "staff_id"),
        "ex_pairing_pupil": ("pairing_twice", "helper_pupil_id"),
        "ck_pairing_order": ("ends_before_start", "ends_on"),
    }
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("staff_id", "staff"),
        school_key("helper_pupil_id", "pupil"),
        Index(None, "school_id", "pupil_id"),
        Index(None, "school_id", "staff_id"),
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint(
            "kind in ('teacher', 'pupil', 'acting_parent', 'caring_mother', 'neighbour', 'party_member',"
            " 'volunteer')",
            name="kind",
        ),
        CheckConstraint("num_nonnulls(staff_id, helper_pupil_id, helper_name) = 1", name="helper"),
        *(
            ExcludeConstraint(
                ("school_id", "="),
                ("pupil_id", "="),
                (helper, "="),
                ("kind", "="),
                (func.daterange(text("starts_on"), text("ends_on")), "&&"),
                name=name,
                using="gist",
                where=text(f"withdrawn_at is null and {helper} is not null"),
            )
            for helper, name in (("staff_id", "ex_pairing_staff"), ("helper_pupil_id", "ex_pairing_pupil"))
        ),
    )

    pupil_id: Mapped[int]
    kind: Mapped[str]
    staff_id: Mapped[int | None]
    helper_pupil_id: Mapped[int | None]
    helper_name: Mapped[str | None]
    """A helper from outside the school."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The first day on which it is no longer so."""
    end_reason: Mapped[str | None]


class PairingCheck(Entry, Base):
    """Whether a pairing helps: who looked, when, with what finding (P9)."""

    __tablename__ = "pairing_check"
    SEALED: ClassVar = ("words",)
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("pairing_id", "pairing"),
        Index(None, "school_id", "pairing_id"),
        CheckConstraint("finding in ('good', 'fair', 'poor')", name="finding"),
    )

    pupil_id: Mapped[int]
    pairing_id: Mapped[int]
    checked_on: Mapped[date]
    finding: Mapped[str]
    words_sealed: Mapped[bytes | None]


class HelpPlan(Entry, Base):
    """What is planned for a child in a term (P10, P20)."""

    __tablename__ = "help_plan"
    SEALED: ClassVar = ("goals", "contents", "result_words")
    RULES: ClassVar = {"ix_help_plan_term": ("plan_twice", "term")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("teacher_id", "staff"),
        Index(
            "ix_help_plan_term", "school_id", "pupil_id", "term", unique=True, postgresql_where=IN_FORCE
        ),
        CheckConstraint("level in ('usual', 'attention', 'priority')", name="level"),
        CheckConstraint("result in ('reached', 'partly', 'missed')", name="result"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    term: Mapped[str]
    """Name of the district's term."""
    level: Mapped[str]
    lacks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Of the five lacks: care, discipline, tutoring, morals, safety."""
    priorities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Of the four priorities: safety, study, life, activities."""
    teacher_id: Mapped[int | None]
    """The subject teacher who helps, and sees the child therefore."""
    times: Mapped[str | None]
    """When help is given: 'Tuesdays after the fourth lesson'."""
    goals_sealed: Mapped[bytes | None]
    contents_sealed: Mapped[bytes | None]
    result: Mapped[str | None]
    result_words_sealed: Mapped[bytes | None]


class PlanStep(Entry, Base):
    """One step of a help plan, by when, and when it was done."""

    __tablename__ = "plan_step"
    SEALED: ClassVar = ("words",)
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("help_plan_id", "help_plan"),
        Index(None, "school_id", "help_plan_id"),
    )

    pupil_id: Mapped[int]
    help_plan_id: Mapped[int]
    words_sealed: Mapped[bytes]
    due_on: Mapped[date]
    done_on: Mapped[date | None]


class PlanReview(Entry, Base):
    """How a help plan stands at a stage of the term."""

    __tablename__ = "plan_review"
    SEALED: ClassVar = ("words",)
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("help_plan_id", "help_plan"),
        Index(None, "school_id", "help_plan_id"),
        CheckConstraint("standing in ('ahead', 'as_planned', 'behind')", name="standing"),
    )

    pupil_id: Mapped[int]
    help_plan_id: Mapped[int]
    reviewed_on: Mapped[date]
    standing: Mapped[str]
    words_sealed: Mapped[bytes | None]


class ConductCase(Entry, Base):
    """A problem of behaviour, what was agreed, what came of it (P17)."""

    __tablename__ = "conduct_case"
    SEALED: ClassVar = ("words", "agreed", "outcome_words")
    RULES: ClassVar = {"ck_conduct_case_order": ("ends_before_start", "closed_on")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        Index(None, "school_id", "pupil_id"),
        CheckConstraint("closed_on >= opened_on", name="order"),
        CheckConstraint("outcome in ('mended', 'better', 'unchanged')", name="outcome"),
    )

    pupil_id: Mapped[int]
    opened_on: Mapped[date]
    problems: Mapped[list[str]] = mapped_column(ARRAY(Text))
    words_sealed: Mapped[bytes | None]
    agreed_sealed: Mapped[bytes | None]
    closed_on: Mapped[date | None]
    outcome: Mapped[str | None]
    outcome_words_sealed: Mapped[bytes | None]


class MustVisit(Entry, Base):
    """One of the five must-visits (P14): open until a home visit closes it."""

    __tablename__ = "must_visit"
    SEALED: ClassVar = ("words",)
    RULES: ClassVar = {"ix_must_visit_open": ("must_visit_open", "reason")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("care_record_id", "care_record"),
        Index(
            "ix_must_visit_open", "school_id", "pupil_id", "reason", unique=True,
            postgresql_where=text("closed_on is null and withdrawn_at is null"),
        ),
        Index(None, "school_id", "due_on"),
        CheckConstraint("reason in ('mood', 'illness', 'marks', 'lateness', 'quarrel')", name="reason"),
        CheckConstraint("origin in ('staff', 'exam', 'attendance')", name="origin"),
        CheckConstraint("due_on >= raised_on", name="order"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    reason: Mapped[str]
    raised_on: Mapped[date]
    due_on: Mapped[date]
    origin: Mapped[str] = mapped_column(server_default="staff")
    words_sealed: Mapped[bytes | None]
    closed_on: Mapped[date | None]
    care_record_id: Mapped[int | None]
    """The home visit that closed it."""


class AttendanceEvent(Entry, Base):
    """A child was absent, came late or left early (P14, P21)."""

    __tablename__ = "attendance_event"
    SEALED: ClassVar = ("words",)
    RULES: ClassVar = {"ix_attendance_event_day": ("attendance_twice", "occurred_on")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        Index(
            "ix_attendance_event_day", "school_id", "pupil_id", "occurred_on", "kind", unique=True,
            postgresql_where=IN_FORCE,
        ),
        CheckConstraint("kind in ('absent', 'late', 'left_early')", name="kind"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    occurred_on: Mapped[date]
    kind: Mapped[str]
    is_excused: Mapped[bool]
    words_sealed: Mapped[bytes | None]


class DropOut(Entry, Base):
    """A child who no longer comes to school, until it does again (P21)."""

    __tablename__ = "drop_out"
    SEALED: ClassVar = ("words",)
    RULES: ClassVar = {
        "ex_drop_out_days": ("drop_out_twice", "since_on"),
        "ck_drop_out_order": ("ends_before_start", "returned_on"),
    }
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        CheckConstraint("returned_on > since_on", name="order"),
        CheckConstraint(
            "reason in ('unwilling', 'work', 'poverty', 'illness', 'family', 'unknown', 'other')",
            name="reason",
        ),
        ExcludeConstraint(
            ("school_id", "="),
            ("pupil_id", "="),
            (func.daterange(text("since_on"), text("returned_on")), "&&"),
            name="ex_drop_out_days",
            using="gist",
            where=IN_FORCE,
        ),
    )

    pupil_id: Mapped[int]
    since_on: Mapped[date]
    reason: Mapped[str]
    words_sealed: Mapped[bytes | None]
    returned_on: Mapped[date | None]


class DropOutStep(Entry, Base):
    """What was done to bring a child back to school."""

    __tablename__ = "drop_out_step"
    SEALED: ClassVar = ("words",)
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("drop_out_id", "drop_out"),
        Index(None, "school_id", "drop_out_id"),
        CheckConstraint("means in ('visit', 'call', 'village', 'report', 'other')", name="means"),
    )

    pupil_id: Mapped[int]
    drop_out_id: Mapped[int]
    done_on: Mapped[date]
    means: Mapped[str]
    words_sealed: Mapped[bytes]


class Aid(Entry, Base):
    """A subsidy or support that a child received (P21)."""

    __tablename__ = "aid"
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        Index(None, "school_id", "pupil_id"),
        CheckConstraint("amount_cents >= 0", name="amount"),
        CheckConstraint(
            "kind in ('boarding', 'nutrition', 'living', 'scholarship', 'donation', 'goods', 'other')",
            name="kind",
        ),
    )

    pupil_id: Mapped[int]
    kind: Mapped[str]
    received_on: Mapped[date]
    amount_cents: Mapped[int | None]
    source: Mapped[str | None]
