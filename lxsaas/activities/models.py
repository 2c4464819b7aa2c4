"""The children's home (P22), activities (P23) and the love corner (P24)."""

from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.core.versioned import Link
from lxsaas.registers.models import Entry, entry_args, roster_args


class HomeRoom(Entry, Base):
    """A room of the children's home."""

    __tablename__ = "home_room"
    __table_args__ = entry_args(
        school_key("keeper_id", "staff"), CheckConstraint("seats between 1 and 1000", name="seats")
    )

    name: Mapped[str]
    place: Mapped[str | None]
    """Where it is: 'teaching building, ground floor'."""
    seats: Mapped[int | None] = mapped_column(SmallInteger)
    keeper_id: Mapped[int | None]
    """Who answers for the room and what is in it."""
    words: Mapped[str | None]


class HomeItem(Entry, Base):
    """Something in a room of the children's home: telephone, books, television …"""

    __tablename__ = "home_item"
    __table_args__ = entry_args(
        school_key("home_room_id", "home_room"),
        Index(None, "school_id", "home_room_id"),
        CheckConstraint(
            "kind in ('telephone', 'computer', 'television', 'books', 'sport', 'games', 'music', 'furniture',"
            " 'other')",
            name="kind",
        ),
        CheckConstraint("condition in ('good', 'worn', 'broken', 'missing')", name="condition"),
        CheckConstraint("quantity between 1 and 100000", name="quantity"),
    )

    home_room_id: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    condition: Mapped[str]
    checked_on: Mapped[date]
    """When somebody last looked."""
    words: Mapped[str | None]


class HomeDuty(Entry, Base):
    """Two colleagues who open the children's home on a day of each week."""

    __tablename__ = "home_duty"
    RULES: ClassVar = {
        "ck_home_duty_order": ("ends_before_start", "closes_at"),
        "ck_home_duty_days": ("ends_before_start", "ends_on"),
    }
    __table_args__ = entry_args(
        school_key("first_staff_id", "staff"),
        school_key("second_staff_id", "staff"),
        CheckConstraint("weekday between 1 and 7", name="weekday"),
        CheckConstraint("closes_at > opens_at", name="order"),
        CheckConstraint("ends_on >= starts_on", name="days"),
    )

    weekday: Mapped[int] = mapped_column(SmallInteger)
    """1 for Monday … 7 for Sunday."""
    opens_at: Mapped[time]
    closes_at: Mapped[time]
    first_staff_id: Mapped[int]
    second_staff_id: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The first day on which it is no longer so."""


class HomeOpening(Entry, Base):
    """The children's home was open; logged while it is."""

    __tablename__ = "home_opening"
    RULES: ClassVar = {"ck_home_opening_order": ("ends_before_start", "closes_at")}
    LINKED: ClassVar = (Link("staff_ids", "home_opening_staff", "opening_id", "staff_id"),)
    __table_args__ = entry_args(
        Index(None, "school_id", "opened_on"),
        CheckConstraint("closes_at > opens_at", name="order"),
        CheckConstraint("calls >= 0", name="calls"),
    )

    opened_on: Mapped[date]
    opens_at: Mapped[time]
    closes_at: Mapped[time | None]
    calls: Mapped[int | None] = mapped_column(SmallInteger)
    """How many calls children made to their parents."""
    words: Mapped[str | None]
    """What was done; for what went wrong too."""


class HomeOpeningStaff(SchoolOwned, Base):
    """Who was on duty."""

    __tablename__ = "home_opening_staff"
    __table_args__ = (
        school_key("opening_id", "home_opening"),
        school_key("staff_id", "staff"),
        UniqueConstraint("school_id", "opening_id", "staff_id"),
    )

    opening_id: Mapped[int]
    staff_id: Mapped[int]


class HomeVisitor(SchoolOwned, Base):
    """A child who was there."""

    __tablename__ = "home_visitor"
    __table_args__ = roster_args("opening_id", "home_opening")

    opening_id: Mapped[int]
    pupil_id: Mapped[int]


class Activity(Entry, Base):
    """Something the school arranged for its children."""

    __tablename__ = "activity"
    __table_args__ = entry_args(
        Index(None, "school_id", "held_on"),
        CheckConstraint(
            "kind in ('theme_class', 'symposium', 'hand_in_hand', 'festival', 'contest', 'donation',"
            " 'lecture', 'birthday', 'other')",
            name="kind",
        ),
        CheckConstraint("cost_cents >= 0", name="cost"),
    )

    kind: Mapped[str]
    """'lecture': on safety or law."""
    title: Mapped[str]
    held_on: Mapped[date]
    place: Mapped[str | None]
    words: Mapped[str | None]
    cost_cents: Mapped[int | None]
    plan: Mapped[str | None]
    """What is meant to happen; `words` tell what did."""


class ActivityInvitation(SchoolOwned, Base):
    """A child who was invited."""

    __tablename__ = "activity_invitation"
    __table_args__ = roster_args("activity_id", "activity")

    activity_id: Mapped[int]
    pupil_id: Mapped[int]


class ActivityParticipant(SchoolOwned, Base):
    """A child who took part."""

    __tablename__ = "activity_participant"
    __table_args__ = roster_args("activity_id", "activity")

    activity_id: Mapped[int]
    pupil_id: Mapped[int]


class ShownPhoto(SchoolOwned, Base):
    """Somebody said of a photo of an activity who is on it, so that it may be shown."""

    __tablename__ = "shown_photo"
    __table_args__ = (
        school_key("activity_id", "activity"),
        school_key("attachment_id", "attachment"),
        school_key("decided_by", "staff"),
        UniqueConstraint("school_id", "attachment_id"),
        Index(None, "school_id", "activity_id"),
    )

    activity_id: Mapped[int]
    attachment_id: Mapped[int]
    is_faceless: Mapped[bool]
    """Nobody can be recognised on it."""
    decided_by: Mapped[int]
    decided_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ShownPhotoChild(SchoolOwned, Base):
    """A child who can be recognised on a photo; it is shown while all of them have consented."""

    __tablename__ = "shown_photo_child"
    __table_args__ = roster_args("photo_id", "shown_photo")

    photo_id: Mapped[int]
    pupil_id: Mapped[int]


class CornerEntry(Entry, Base):
    """A message or a work for the love corner's wall (P24); the school decides whether it hangs there."""

    __tablename__ = "corner_entry"
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        Index(None, "school_id", "pupil_id"),
        Index(None, "school_id", "made_on"),
        CheckConstraint("kind in ('message', 'writing', 'drawing', 'craft', 'photo', 'other')", name="kind"),
        CheckConstraint("author in ('child', 'family', 'school', 'friend')", name="author"),
        CheckConstraint("state in ('submitted', 'approved', 'hidden')", name="state"),
    )

    pupil_id: Mapped[int]
    """The child whose work it is, or to whom it is said."""
    kind: Mapped[str]
    author: Mapped[str]
    title: Mapped[str]
    words: Mapped[str | None]
    made_on: Mapped[date]
    by_line: Mapped[str | None]
    """What stands under it on the wall; without one the child's class."""
    state: Mapped[str] = mapped_column(server_default="submitted")
