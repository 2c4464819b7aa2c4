"""The mandatory report of suspected harm (Minors Protection Law, art. 11): kept for good.

What was said is only ever added to. Triggers (migration 0028) set when it was said, refuse every change and
deletion whoever asks, and keep the district's row in the same transaction.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, school_key

KEPT: dict[str, Any] = {"info": {"kept_for_good": True}}
"""Neither a transfer nor an erasure takes these rows away."""


class Said:
    """Words of the school that nobody changes."""

    SEALED: ClassVar[tuple[str, ...]] = ()
    PURPOSE: ClassVar[str | None] = None

    recorded_by: Mapped[int]
    client_key: Mapped[UUID | None] = mapped_column(Uuid)
    """Made by the form: sending twice makes one row."""


class MandatoryReport(Said, SchoolOwned, Base):
    """A suspected harm to a child: what was known, since when."""

    __tablename__ = "mandatory_report"
    SEALED: ClassVar = ("words",)
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("recorded_by", "staff"),
        UniqueConstraint("school_id", "client_key"),
        Index(None, "school_id", "pupil_id"),
        CheckConstraint(
            "harm in ('private_injury', 'sexual_young', 'sexual_older', 'violence', 'unnatural', 'neglect',"
            " 'missing', 'begging', 'other')",
            name="harm",
        ),
        CheckConstraint("known_at <= opened_at", name="known"),
        KEPT,
    )

    pupil_id: Mapped[int]
    harm: Mapped[str]
    """Of the nine of the Opinions on mandatory reporting (2020), art. 4."""
    known_at: Mapped[datetime]
    """When the school knew: the clock runs from here. A later instant than now is taken as now."""
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Set by the database, whatever is sent."""
    words_sealed: Mapped[bytes]
    """What was seen and heard."""


class MandatoryStep(Said, SchoolOwned, Base):
    """What was done about a report; its state follows from these."""

    __tablename__ = "mandatory_step"
    SEALED: ClassVar = ("recipient", "reference", "words")
    __table_args__ = (
        school_key("report_id", "mandatory_report"),
        school_key("recorded_by", "staff"),
        school_key("done_by", "staff"),
        UniqueConstraint("school_id", "client_key"),
        Index(None, "school_id", "report_id"),
        CheckConstraint(
            "kind in ('police', 'civil_affairs', 'education', 'follow_up', 'outcome', 'shared', 'closed',"
            " 'reopened')",
            name="kind",
        ),
        CheckConstraint("closed_as in ('settled', 'handed_over', 'unfounded', 'mistake')", name="closed_as"),
        CheckConstraint("closed_as is not null or kind <> 'closed'", name="reason"),
        CheckConstraint("shared_text is not null or kind <> 'shared'", name="shared"),
        CheckConstraint("done_at <= recorded_at", name="done"),
        KEPT,
    )

    report_id: Mapped[int]
    kind: Mapped[str]
    done_at: Mapped[datetime]
    """When it was done, as it is said."""
    done_by: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When it was said; set by the database, whatever is sent."""
    recipient_sealed: Mapped[bytes | None]
    """Who was told."""
    reference_sealed: Mapped[bytes | None]
    """The number under which the authority keeps it."""
    words_sealed: Mapped[bytes | None]
    closed_as: Mapped[str | None]
    shared_text: Mapped[str | None]
    """What the district may read: not sealed, for the district has no key of the school's."""


class DistrictMandatoryReport(DistrictOwned, Base):
    """What the district sees at once: that there is a report, how old it is, how it stands.

    Kept by triggers in the transaction that opens the report or adds a step; nobody writes it otherwise.
    """

    __tablename__ = "district_mandatory_report"
    __table_args__ = (
        UniqueConstraint("district_id", "unit_id", "report_id"),
        Index(None, "district_id", "state", "known_at"),
        CheckConstraint("state in ('opened', 'partly_told', 'told', 'closed')", name="state"),
        {"info": {"kept_for_good": True, "kept_by_triggers": True}},
    )

    unit_id: Mapped[int]
    """The school."""
    report_id: Mapped[int]
    opened_at: Mapped[datetime]
    known_at: Mapped[datetime]
    state: Mapped[str]
    """opened: nobody told yet; partly_told; told: police, civil affairs and education; closed."""
    state_since: Mapped[datetime]
    last_step_at: Mapped[datetime | None]
    police_told_at: Mapped[datetime | None]
    """When it was entered that the police were told; the others likewise."""
    civil_affairs_told_at: Mapped[datetime | None]
    education_told_at: Mapped[datetime | None]
    closed_as: Mapped[str | None]
    shared_at: Mapped[datetime | None]
    shared_text: Mapped[str | None]
