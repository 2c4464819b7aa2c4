"""Pupils, their families, the parents' absences and the left-behind spells that follow.

Fields named `…_sealed` are encrypted by `lxsaas.core.crypto`. A day that ends something is the first day on
which it is no longer so.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.core.versioned import Entered, Versioned


class Pupil(Versioned, Base):
    __tablename__ = "pupil"
    SEALED: ClassVar = ("identity", "address", "phone")
    RULES: ClassVar = {"uq_pupil_school_id_identity_digest": ("identity_taken", "identity")}
    __table_args__ = (
        school_key("class_id", "school_class"),
        UniqueConstraint("school_id", "identity_digest"),
        Index(None, "school_id", "class_id"),
        Index(None, "school_id", "phone_digest"),
        Index(None, "school_id", "birthday"),
        CheckConstraint("left_on >= enrolled_on", name="order"),
        CheckConstraint("sex in ('male', 'female')", name="sex"),
        CheckConstraint("register_left_behind between 0 and 2", name="register_left_behind"),
    )

    class_id: Mapped[int]
    name: Mapped[str]
    pinyin: Mapped[str]
    """Initials and full pinyin of the name: 'twb tangwenbo'."""
    sex: Mapped[str]
    born_on: Mapped[date]
    birthday: Mapped[int] = mapped_column(
        SmallInteger,
        Computed("cast(extract(month from born_on) * 100 + extract(day from born_on) as smallint)"),
    )
    """1231 is New Year's Eve."""
    enrolled_on: Mapped[date]
    left_on: Mapped[date | None]
    identity_type: Mapped[str]
    """身份证件类型 as the register codes it; '1' is the resident identity card."""
    identity_sealed: Mapped[bytes | None]
    identity_digest: Mapped[bytes | None]
    national_number: Mapped[str | None]
    """学籍辅号."""
    seat_number: Mapped[str | None]
    """班内学号."""
    ethnicity: Mapped[str | None]
    health: Mapped[str | None]
    """健康状况 as the register codes it."""
    disability: Mapped[str | None]
    is_rural: Mapped[bool | None]
    """农业户口; None where the register does not say."""
    household_place: Mapped[str | None]
    """户口所在地行政区划."""
    is_boarding: Mapped[bool | None]
    is_orphan: Mapped[bool | None]
    needs_aid: Mapped[bool | None]
    receives_aid: Mapped[bool | None]
    address_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    phone_digest: Mapped[bytes | None]
    """Keyed hash of the number's normal form (`lxsaas.pupils.phones`)."""
    register_left_behind: Mapped[int] = mapped_column(SmallInteger)
    """是否留守儿童 as the register says it: 0 no, 1 one parent away, 2 both."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Guardian(Versioned, Base):
    """A member of the family: a parent, or who looks after the child.

    Listed by the register, or kept by the school (`is_own`); what the school keeps an import leaves alone.
    """

    __tablename__ = "guardian"
    SEALED: ClassVar = ("phone", "address", "identity")
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        UniqueConstraint("school_id", "pupil_id", "position"),
        Index(None, "school_id", "phone_digest"),
    )

    pupil_id: Mapped[int]
    position: Mapped[int] = mapped_column(SmallInteger)
    """1 for 成员1, 2 for 成员2 …; from OWN_POSITION on whom the school added."""
    name: Mapped[str]
    relation: Mapped[str]
    """GB/T 4761: 51 father, 52 mother, 61 … 64 grandparents, 97 other relative, 99 none."""
    relation_note: Mapped[str | None]
    is_guardian: Mapped[bool | None]
    phone_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    identity_sealed: Mapped[bytes | None]
    workplace: Mapped[str | None]
    duty: Mapped[str | None]
    phone_digest: Mapped[bytes | None]
    is_own: Mapped[bool] = mapped_column(server_default="false")
    """Entered or changed by the school."""
    is_at_home: Mapped[bool | None]
    """Lives with the child (在家); None where nobody has said."""
    is_gone: Mapped[bool] = mapped_column(server_default="false")
    """Dead, or out of touch for good: nobody asks for a telephone any more."""
    verified_on: Mapped[date | None]
    """When somebody last saw that telephone and place of work are right."""
    removed_on: Mapped[date | None]
    """Since when the member is not shown; kept, or the next import would bring it back."""


OWN_POSITION = 20
"""The first position of members whom the school added; the register lists a few only."""


class PupilAssignment(SchoolOwned, Base):
    """A child whom a member of staff may see besides the homeroom teacher (P8), and the row that says why.

    A pairing, a help plan or a counselling case: whoever ends that ends the sight of the child with it.
    """

    __tablename__ = "pupil_assignment"
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("staff_id", "staff"),
        UniqueConstraint("school_id", "subject", "subject_id"),
        Index(None, "school_id", "staff_id"),
        CheckConstraint("ends_on >= starts_on", name="order"),
    )

    pupil_id: Mapped[int]
    staff_id: Mapped[int]
    subject: Mapped[str]
    """Table of the row from which the assignment follows."""
    subject_id: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class ParentAbsence(Entered, Base):
    """A dated fact: a parent works away. A short visit home does not end it."""

    __tablename__ = "parent_absence"
    RULES: ClassVar[dict[str, tuple[str, str]]] = {
        "ex_parent_absence_days": ("absence_overlaps", "starts_on"),
        "ck_parent_absence_order": ("ends_before_start", "ends_on"),
    }
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("recorded_by", "staff"),
        UniqueConstraint("school_id", "client_key"),
        CheckConstraint("parent in ('father', 'mother', 'unknown')", name="parent"),
        CheckConstraint("ends_on > starts_on", name="order"),
        ExcludeConstraint(
            ("school_id", "="),
            ("pupil_id", "="),
            ("parent", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_parent_absence_days",
            using="gist",
            where=text("withdrawn_at is null"),
        ),
    )

    pupil_id: Mapped[int]
    parent: Mapped[str]
    """'unknown': one parent is away and the source does not say which."""
    starts_on: Mapped[date]
    start_is_estimated: Mapped[bool]
    ends_on: Mapped[date | None]
    place: Mapped[str | None]
    source: Mapped[str]
    """How known: 'register', 'survey', 'staff'."""
    recorded_by: Mapped[int | None]
    """None: an import."""


class LeftBehindSpell(SchoolOwned, Base):
    """A time in which a pupil is left behind under one definition; derived from the absences."""

    __tablename__ = "left_behind_spell"
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        CheckConstraint("kind in ('both', 'one')", name="kind"),
        CheckConstraint("ends_on > starts_on", name="order"),
        Index(None, "school_id", "definition", "starts_on"),
        ExcludeConstraint(
            ("school_id", "="),
            ("pupil_id", "="),
            ("definition", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_left_behind_spell_days",
            using="gist",
        ),
    )

    pupil_id: Mapped[int]
    definition: Mapped[str]
    definition_version: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class RegisterImport(SchoolOwned, Base):
    """One uploaded register workbook on its way from upload over preview to the archive."""

    __tablename__ = "register_import"
    __table_args__ = (
        school_key("uploaded_by", "staff"),
        CheckConstraint(
            "state in ('uploaded', 'reading', 'previewed', 'applying', 'applied', 'failed', 'discarded')",
            name="state",
        ),
    )

    uploaded_by: Mapped[int | None]
    file_name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="uploaded")
    rows_done: Mapped[int] = mapped_column(server_default="0")
    rows_total: Mapped[int | None]
    content_sealed: Mapped[bytes | None]
    """The workbook (sealed, base64); erased once applied or discarded."""
    preview_sealed: Mapped[bytes | None]
    """The preview as JSON; erased with the workbook."""
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Code and parameters of what was wrong with the file."""
    uploaded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
