"""Nominations for the four awards of a school year, of colleagues and of children (P28)."""

from datetime import date
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, school_key
from lxsaas.registers.models import Entry, entry_args

DECIDED = "decision in ('awarded', 'declined')"
IN_FORCE = text("withdrawn_at is null")


class Nominated(Entry):
    """What all nominations have in common."""

    SEALED: ClassVar = ("evidence", "decision_words")

    school_year: Mapped[int] = mapped_column(SmallInteger)
    """The year in which the school year begins: 2026 for 2026–2027."""
    nominated_on: Mapped[date]
    evidence_sealed: Mapped[bytes]
    """What speaks for it."""
    decision: Mapped[str | None]
    decided_on: Mapped[date | None]
    decision_words_sealed: Mapped[bytes | None]


class TeacherNomination(Nominated, Base):
    """A homeroom teacher nominated as outstanding."""

    __tablename__ = "teacher_nomination"
    RULES: ClassVar = {"ix_teacher_nomination_year": ("nominated_twice", "staff_id")}
    __table_args__ = entry_args(
        school_key("staff_id", "staff"),
        Index(
            "ix_teacher_nomination_year", "school_id", "school_year", "staff_id", unique=True,
            postgresql_where=IN_FORCE,
        ),
        CheckConstraint(DECIDED, name="decision"),
    )  # fmt: skip

    staff_id: Mapped[int]


class ChildNomination(Nominated, Base):
    """A child nominated as self-reliant, a pair of children, or a child's parent."""

    __tablename__ = "child_nomination"
    RULES: ClassVar = {"ix_child_nomination_year": ("nominated_twice", "kind")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("partner_id", "pupil"),
        Index(
            "ix_child_nomination_year", "school_id", "school_year", "pupil_id", "kind", unique=True,
            postgresql_where=IN_FORCE,
        ),
        CheckConstraint("kind in ('self_reliant', 'pair', 'parent')", name="kind"),
        CheckConstraint(DECIDED, name="decision"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    kind: Mapped[str]
    partner_id: Mapped[int | None]
    """The other child of a pair."""
    parent_name: Mapped[str | None]
    """The parent who is honoured."""
