"""The registers of the children's home, activities and the love corner, declared (P22–P24)."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_
from sqlalchemy.orm import Session

from lxsaas.activities import checks, forms, labels, models, queries
from lxsaas.care.birthdays import born_between
from lxsaas.core.clock import month_end, month_start
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.pupils.models import Pupil
from lxsaas.registers.register import Filter, Lead, Register
from lxsaas.registers.rosters import Roster, Rule, on_roster

P = Permission


def today_as(*names: str, **more: Any) -> Any:
    """New forms hold today in these fields."""
    return lambda _session, _pupil, today: dict.fromkeys(names, today) | more


def in_force(model: Any) -> Filter:
    """Rows with `starts_on` and `ends_on` that hold today."""

    def holds(today: date) -> ColumnElement[bool]:
        return and_(model.starts_on <= today, or_(model.ends_on.is_(None), model.ends_on > today))

    return Filter("open", N_("In force"), holds)


def to_come(model: Any) -> Filter:
    return Filter("coming", N_("To come"), lambda today: model.held_on > today)


def without(roster: Roster, model: Any, label: str) -> Filter:
    """Rows whose day has come and on whose roster nobody stands."""
    member: Any = roster.model
    theirs = (member.school_id == model.school_id) & (getattr(member, roster.row) == model.id)
    return Filter("nobody", label, lambda today: (model.held_on <= today) & ~exists().where(theirs))


def _birthdays(_session: Session, pupils: Select[Pupil], row: Any, _today: date) -> Select[Pupil]:
    return born_between(pupils, month_start(row.held_on), month_end(row.held_on))


def _targets(session: Session, pupils: Select[Pupil], row: Any, today: date) -> Select[Pupil]:
    return pupils.where(queries.is_target(session, row.school_id, today))


def _everybody(_session: Session, pupils: Select[Pupil], _row: Any, _today: date) -> Select[Pupil]:
    return pupils


def as_invited(roster: Roster) -> Rule:
    """Who was invited came: then only who stayed away is unticked."""

    def narrow(_session: Session, pupils: Select[Pupil], row: Any, _today: date) -> Select[Pupil]:
        return pupils.where(Pupil.id.in_(on_roster(roster, row)))

    return Rule("invited", N_("All who were invited"), narrow, of_after=True)


TARGETS = Rule("targets", N_("All care targets"), _targets)
EVERYBODY = Rule("everybody", N_("Everybody"), _everybody)
BIRTHDAYS = Rule("birthdays", N_("Birthdays of the month"), _birthdays)

VISITORS = Roster(
    "visitors", models.HomeVisitor, "opening_id", N_("Visitors"), N_("Tap visitors"), "home-heart"
)
INVITED = Roster(
    "invited", models.ActivityInvitation, "activity_id", N_("Who was invited"), N_("Invite"), "mail",
    rules=(TARGETS, BIRTHDAYS, EVERYBODY),
)  # fmt: skip
PARTICIPANTS = Roster(
    "participants", models.ActivityParticipant, "activity_id", N_("Took part"), N_("Tap who took part"),
    "users", after=INVITED, rules=(as_invited(INVITED),),
)  # fmt: skip

ROOMS = Register(
    "home-rooms", models.HomeRoom, forms.HomeRoomForm, N_("Rooms of the children’s home"), N_("Room"),
    N_("Enter a room"), "home", ("name", "place", "seats", "keeper_id"), record=P.KEEP_SCHOOL_LIFE, area="",
    of_child=False, ordered_by="name", searched=("name", "place"), check=checks.check_arranged,
    help=N_("The room with telephone, books and games, and what is in it."),
)  # fmt: skip
ITEMS = Register(
    "home-items", models.HomeItem, forms.HomeItemForm, N_("Inventory"), N_("Item"), N_("Enter an item"),
    "clipboard-text", ("name", "kind", "quantity", "condition", "checked_on"), record=P.KEEP_SCHOOL_LIFE,
    area="", of_child=False, ordered_by="checked_on", searched=("name",), parent=ROOMS,
    filters=(
        Filter(
            "faulty", N_("Broken or missing"),
            lambda _today: models.HomeItem.condition.in_(("broken", "missing")),
        ),
    ),
    check=checks.check_arranged, defaults=today_as("checked_on", condition="good", quantity=1),
)  # fmt: skip
DUTY = Register(
    "home-duty", models.HomeDuty, forms.HomeDutyForm, N_("Duty roster of the children’s home"),
    N_("Turn of duty"), N_("Enter a duty"), "calendar",
    ("weekday", "opens_at", "closes_at", "first_staff_id", "second_staff_id"),
    record=P.KEEP_SCHOOL_LIFE, area="", of_child=False, ordered_by="starts_on",
    filters=(in_force(models.HomeDuty),), check=checks.check_duty, defaults=today_as("starts_on"),
    with_files=False, help=N_("Two colleagues for each day on which the children’s home opens."),
)  # fmt: skip
OPENINGS = Register(
    "home-openings", models.HomeOpening, forms.HomeOpeningForm, N_("Openings of the children’s home"),
    N_("Opening"), N_("Enter an opening later"), "home-heart",
    ("opened_on", "opens_at", "closes_at", "calls"), area="", of_child=False,
    ordered_by="opened_on", searched=("words",), counted_on="opened_on",
    filters=(Filter("open", N_("Not closed yet"), lambda _today: models.HomeOpening.closes_at.is_(None)),),
    check=checks.check_arranged, defaults=today_as("opened_on"), rosters=(VISITORS,),
    help=N_("Two openings a week, each with two colleagues on duty."),
)  # fmt: skip
ACTIVITIES = Register(
    "activities", models.Activity, forms.ActivityForm, N_("Activities"), N_("Activity"),
    N_("Plan an activity"), "gift", ("title", "kind", "held_on", "place", "cost_cents"), area="life",
    of_child=False, ordered_by="held_on", searched=("title", "place", "words"), counted_on="held_on",
    filters=(
        to_come(models.Activity),
        without(PARTICIPANTS, models.Activity, N_("Over, nobody entered yet")),
        Filter("lecture", N_("Lectures on safety or law"), lambda _today: models.Activity.kind == "lecture"),
    ),
    check=checks.check_arranged, defaults=today_as("held_on"), rosters=(INVITED, PARTICIPANTS),
    leads_to=(
        Lead("activities.activity_reach", N_("Whom activities reach"), "target", P.VIEW_PUPILS),
    ),
    row_leads_to=(
        Lead("activities.activity_photos", N_("Choose photos"), "camera", P.RECORD_CARE),
        Lead("activities.activity_show", N_("Show on a screen"), "gift", P.VIEW_PUPILS),
    ),
    help=N_("What did not take place is withdrawn or gets another day: it would be counted."),
)  # fmt: skip
CORNER = Register(
    "love-corner", models.CornerEntry, forms.CornerEntryForm, N_("Messages and works"), N_("Message or work"),
    N_("Hand in a message or work"), "heart", ("title", "kind", "author", "made_on", "state"), area="",
    ordered_by="made_on", shown={"state": (N_("State"), labels.STATES)},
    filters=tuple(
        Filter(code, label, lambda _today, code=code: models.CornerEntry.state == code)  # type: ignore[misc]
        for code, label in labels.STATES.items()
    ),
    check=checks.check_work, defaults=today_as("made_on"),
    # What is changed is looked at again before it hangs on the wall.
    complete=lambda _session, _pupil, _values, _today: {"state": "submitted"},
    help=N_("Photos and works hang on the wall once the school has chosen them and the family agrees."),
)  # fmt: skip
ALL = (ROOMS, ITEMS, DUTY, OPENINGS, ACTIVITIES, CORNER)
