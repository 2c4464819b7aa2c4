"""The child's file: what is known, who looks after the child, entrustment, consent, corrections (P5, P36).

Fields named `…_sealed` are encrypted. A day that ends something is the first day on which it is no longer so.
"""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.registers.models import Entry, entry_args

IN_FORCE = text("withdrawn_at is null")
RELATION = "relation in ('51', '52', '57', '58', '61', '62', '63', '64', '97', '99')"
"""GB/T 4761, as for members of the family."""


class ChildProfile(Entry, Base):
    """What the register does not know of a child: character, interests, health, with whom it lives."""

    __tablename__ = "child_profile"
    SEALED: ClassVar = ("character", "interests", "health", "history")
    RULES: ClassVar = {"uq_child_profile_school_id_pupil_id": ("row_stale", "")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        UniqueConstraint("school_id", "pupil_id"),
        CheckConstraint(
            "lives_with in ('parent', 'grandparents', 'relatives', 'others', 'alone')", name="lives_with"
        ),
        CheckConstraint("guardianship in ('good', 'fair', 'poor')", name="guardianship"),
    )

    pupil_id: Mapped[int]
    character_sealed: Mapped[bytes | None]
    interests_sealed: Mapped[bytes | None]
    health_sealed: Mapped[bytes | None]
    history_sealed: Mapped[bytes | None]
    """Past illnesses, allergies, medicines."""
    no_history: Mapped[bool]
    """Somebody asked, and there is none."""
    lives_with: Mapped[str | None]
    guardianship: Mapped[str | None]
    """How well the guardian meets the duties (`lxsaas.archive.law.GUARDIANSHIP`); None: nobody has judged."""
    is_registered: Mapped[bool | None]
    """Registered as a resident (户籍登记), where neither an identity card nor the register says so."""


class KnownSpell(SchoolOwned, Base):
    """From when to when which of the five things were known of a child (P5); derived, never entered.

    Dated, so that any past day can be asked; without texts, so that the night can count it.
    A spell may begin on a day to come: where a temporary guardian's time ends.
    """

    __tablename__ = "known_spell"
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        CheckConstraint("ends_on > starts_on", name="order"),
        Index(None, "school_id", "starts_on"),
        ExcludeConstraint(
            ("school_id", "="),
            ("pupil_id", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_known_spell_days",
            using="gist",
        ),
    )

    pupil_id: Mapped[int]
    rule_version: Mapped[int] = mapped_column(SmallInteger)
    """Version of `lxsaas.archive.five_known`'s rule."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    basics: Mapped[bool]
    character: Mapped[bool]
    interests: Mapped[bool]
    health: Mapped[bool]
    contacts: Mapped[bool]
    is_complete: Mapped[bool] = mapped_column(
        Computed("basics and character and interests and health and contacts", persisted=True)
    )


class TemporaryGuardian(Entry, Base):
    """Who looks after a child for a time (临时监护人)."""

    __tablename__ = "temporary_guardian"
    SEALED: ClassVar = ("phone", "address")
    RULES: ClassVar = {"ck_temporary_guardian_order": ("ends_before_start", "ends_on")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        CheckConstraint("ends_on > starts_on", name="order"),
        CheckConstraint(RELATION, name="relation"),
        Index(None, "school_id", "pupil_id"),
        Index(None, "school_id", "phone_digest"),
    )

    pupil_id: Mapped[int]
    name: Mapped[str]
    relation: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    phone_sealed: Mapped[bytes]
    phone_digest: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]


class Entrustment(Entry, Base):
    """Whom the parents entrust with a child, as they told the school in writing (P36)."""

    __tablename__ = "entrustment"
    SEALED: ClassVar = ("phone", "address", "child_view")
    RULES: ClassVar = {
        "ck_entrustment_order": ("ends_before_start", "ends_on"),
        "ex_entrustment_days": ("entrustment_twice", "starts_on"),
    }
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        CheckConstraint("ends_on > starts_on", name="order"),
        CheckConstraint(RELATION, name="relation"),
        CheckConstraint("given_by in ('father', 'mother', 'both', 'guardian')", name="given_by"),
        Index(None, "school_id", "phone_digest"),
        ExcludeConstraint(
            ("school_id", "="),
            ("pupil_id", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_entrustment_days",
            using="gist",
            where=IN_FORCE,
        ),
    )

    pupil_id: Mapped[int]
    name: Mapped[str]
    relation: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    notice_on: Mapped[date]
    """Day of the parents' written notice to the school."""
    given_by: Mapped[str]
    cleared: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Points of the law that were checked (`lxsaas.archive.law`)."""
    child_heard: Mapped[bool]
    phone_sealed: Mapped[bytes]
    phone_digest: Mapped[bytes | None]
    address_sealed: Mapped[bytes]
    child_view_sealed: Mapped[bytes | None]


class ParentContactWeek(SchoolOwned, Base):
    """Whether a child's parents were in touch in a week, with the child and with the guardian (P36)."""

    __tablename__ = "parent_contact_week"
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("noted_by", "staff"),
        UniqueConstraint("school_id", "pupil_id", "week_on"),
    )

    pupil_id: Mapped[int]
    week_on: Mapped[date]
    """The Monday."""
    with_child: Mapped[bool]
    with_guardian: Mapped[bool]
    noted_by: Mapped[int]
    noted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Consent(Entry, Base):
    """A guardian's consent to one purpose for which a child's data is used."""

    __tablename__ = "consent"
    RULES: ClassVar = {
        "ix_consent_open": ("consent_twice", "purpose"),
        "ck_consent_order": ("ends_before_start", "revoked_on"),
    }
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        CheckConstraint("revoked_on >= given_on", name="order"),
        CheckConstraint(RELATION, name="relation"),
        Index(
            "ix_consent_open", "school_id", "pupil_id", "purpose", unique=True,
            postgresql_where=text("withdrawn_at is null and revoked_on is null"),
        ),
    )  # fmt: skip

    pupil_id: Mapped[int]
    purpose: Mapped[str]
    """Code of `lxsaas.archive.law.PURPOSES`."""
    text_version: Mapped[int] = mapped_column(SmallInteger)
    """Version of the text that was agreed to."""
    given_by: Mapped[str]
    relation: Mapped[str]
    given_on: Mapped[date]
    revoked_on: Mapped[date | None]


class CorrectionRequest(Entry, Base):
    """A guardian's request to have something in the file corrected or deleted, and the school's answer."""

    __tablename__ = "correction_request"
    SEALED: ClassVar = ("words", "answer")
    RULES: ClassVar = {
        "ck_correction_request_order": ("ends_before_start", "decided_on"),
        "ck_correction_request_decision": ("decision_day", "decided_on"),
    }
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        CheckConstraint("kind in ('correct', 'delete')", name="kind"),
        CheckConstraint(RELATION, name="relation"),
        CheckConstraint("outcome in ('accepted', 'refused')", name="outcome"),
        CheckConstraint("decided_on >= asked_on", name="order"),
        CheckConstraint("num_nulls(outcome, decided_on) in (0, 2)", name="decision"),
        Index(None, "school_id", "asked_on"),
    )

    pupil_id: Mapped[int]
    kind: Mapped[str]
    asked_by: Mapped[str]
    relation: Mapped[str]
    asked_on: Mapped[date]
    words_sealed: Mapped[bytes]
    outcome: Mapped[str | None]
    decided_on: Mapped[date | None]
    answer_sealed: Mapped[bytes | None]
