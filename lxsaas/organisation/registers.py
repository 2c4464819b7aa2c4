"""The registers of this feature, declared."""

from datetime import date
from typing import Any

from flask import request
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.organisation import asides, checks, forms, labels, models, queries, reach
from lxsaas.organisation.starting_texts import STARTING_TEXTS, starting_text
from lxsaas.pupils.models import Pupil
from lxsaas.registers.offers import classes_offered
from lxsaas.registers.register import Aside, Filter, Lead, Register

VIEW, MANAGE = Permission.VIEW_ORGANISATION, Permission.MANAGE_ORGANISATION


def _member_of_now(_session: Session, _pupil: Pupil | None, _today: date) -> dict[str, Any]:
    return {"term": reach.term_name(), "position": "member"}


def _meeting_of_today(_session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    """Today, with what the group speaks about each month."""
    return {"held_on": today, "agenda": "\n".join(gettext(one) for one in labels.AGENDA)}


def _starting_text(_session: Session, _pupil: Pupil | None, _today: date) -> dict[str, Any]:
    """The starting text that was chosen, in the language of the page."""
    code = request.args.get("text", "")
    if code not in STARTING_TEXTS:
        return {}
    title, body = starting_text(code, str(get_locale())[:2])
    return {"kind": STARTING_TEXTS[code], "title": title, "body": body}


def _week_of_class(session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    """The class and week that the calendar was tapped at; else this week of the only class."""
    classes = classes_offered(session)
    only = classes[0][0] if len(classes) == 1 else None
    week = request.args.get("week", type=date.fromisoformat) or today
    return {"class_id": request.args.get("class", only, type=int), "week_on": checks.monday(week)}


MEMBERS = Register(
    "group-members", models.GroupMember, forms.GroupMemberForm, N_("Members of the leading group"),
    N_("Member"), N_("Add a member"), "users", ("staff_id", "term", "position", "duty"), VIEW, MANAGE,
    area="", of_child=False, check=checks.check_member, defaults=_member_of_now, with_files=False,
    searched=("duty", "term"), leads_to=(Lead("organisation.group", N_("Leading group"), "users", VIEW),),
    help=N_("The head is the principal. Each member has a duty of their own."),
)  # fmt: skip
MEETINGS = Register(
    "group-meetings", models.GroupMeeting, forms.GroupMeetingForm, N_("Meetings of the leading group"),
    N_("Meeting"), N_("Record a meeting"), "calendar", ("held_on", "attended", "place"), VIEW, MANAGE,
    area="", of_child=False, ordered_by="held_on", check=checks.check_meeting, defaults=_meeting_of_today,
    searched=("agenda", "minutes", "place"), limit=reach.seen_meetings, counted_on="held_on",
    leads_to=(Lead("organisation.group", N_("Leading group"), "users", VIEW),),
    aside=Aside("organisation/_meeting.html", asides.of_meeting),
    help=N_("The group meets once a month and speaks about study, life and psychology."),
)  # fmt: skip
DECISIONS = Register(
    "group-decisions", models.GroupDecision, forms.GroupDecisionForm, N_("Decisions"), N_("Decision"),
    N_("Add a decision"), "check", ("words", "staff_id", "due_on", "done_on"), VIEW, MANAGE, area="",
    of_child=False, ordered_by="due_on",
    filters=(
        Filter("open", N_("Open"), lambda _today: queries.is_open()),
        Filter("late", N_("Overdue"), queries.is_late),
    ),
    check=checks.check_decision, parent=MEETINGS, searched=("words", "outcome"),
    limit=reach.seen_decisions, with_files=False,
    help=N_("Who sees to it finds it on the page of the week until it is done."),
)  # fmt: skip
DOCUMENTS = Register(
    "plan-documents", models.PlanDocument, forms.PlanDocumentForm, N_("Plans and rules"), N_("Document"),
    N_("Write a document"), "clipboard-text", ("title", "kind", "edition", "published_on"), VIEW, MANAGE,
    area="school", of_child=False,
    filters=(
        Filter("force", N_("In force"), lambda _today: queries.in_force()),
        Filter("draft", N_("Drafts"), lambda _today: models.PlanDocument.published_on.is_(None)),
    ),
    defaults=_starting_text, searched=("title", "body"), limit=reach.seen_documents,
    counted_on="published_on", is_fixed=lambda row: row.published_on is not None,
    shown={"edition": (N_("Edition"), {}), "published_on": (N_("Published on"), {})},
    leads_to=(
        Lead("organisation.reading", N_("To read"), "circle-check", VIEW),
        Lead("organisation.starting_texts", N_("Starting texts"), "clipboard-text", MANAGE),
    ),
    aside=Aside("organisation/_document.html", asides.of_document), aside_fields=("title", "body"),
    help=N_("When it is published, every homeroom teacher and group member gets a copy and confirms it."),
)  # fmt: skip
ACTIVITIES = Register(
    "class-activities", models.ClassActivity, forms.ClassActivityForm, N_("Weekly class activities"),
    N_("Class activity"), N_("Plan or record"), "users", ("week_on", "class_id", "planned", "held_on"),
    Permission.VIEW_PUPILS, Permission.RECORD_CARE, area="", of_child=False, ordered_by="week_on",
    filters=(
        Filter("open", N_("Planned only"), lambda _today: models.ClassActivity.held_on.is_(None)),
    ),
    check=checks.check_activity, complete=checks.whole_week, defaults=_week_of_class,
    searched=("planned", "done"), limit=reach.seen_activities, counted_on="held_on",
    leads_to=(
        Lead("organisation.activity_calendar", N_("Calendar"), "calendar", Permission.VIEW_PUPILS),
    ),
    aside=Aside("organisation/_activity.html", asides.of_activity),
    help=N_("Each class, each week: what is planned, and what was done."),
)  # fmt: skip
ALL = (MEMBERS, MEETINGS, DECISIONS, DOCUMENTS, ACTIVITIES)
