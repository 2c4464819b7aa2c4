"""The registers of this feature, declared."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from lxsaas.core.crypto import school_cipher
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.pupils.models import Pupil
from lxsaas.registers.register import Filter, Register
from lxsaas.registers.rows import values_of
from lxsaas.support import actions, checks, forms, labels, models, queries

COPIED = ("level", "lacks", "priorities", "goals", "contents", "times", "teacher_id")
"""What a new plan takes over from the last one."""


def _today_as(*names: str) -> Any:
    return lambda _session, _pupil, today: dict.fromkeys(names, today)


def _last_plan(session: Session, pupil: Pupil | None, today: date) -> dict[str, Any]:
    """What the child's last plan said: goals are changed, not written anew (P10)."""
    if pupil is None:
        return {}
    last = session.scalars(queries.latest_plan(pupil.school_id, pupil.id)).one_or_none()
    if last is None:
        return {"level": "usual"}
    values = values_of(last, school_cipher(session, pupil.school_id))
    return {name: values[name] for name in COPIED}


def _check_due(today: date) -> ColumnElement[bool]:
    return queries.check_due(today - timedelta(weeks=8), today)


PAIRINGS = Register(
    "pairings", models.Pairing, forms.PairingForm, N_("Pairings"), N_("Pairing"), N_("Pair the child"),
    "users", ("kind", "staff_id", "helper_pupil_id", "helper_name", "starts_on", "ends_on"),
    ordered_by="starts_on",
    filters=(
        Filter("open", N_("In force"), queries.paired),
        Filter("orphaned", N_("Without their helper"), queries.orphaned),
        Filter("check", N_("Check due"), _check_due),
    ),
    check=checks.check_pairing, follow=actions.follow_pairing, defaults=_today_as("starts_on"),
    with_files=False, by_keeper=True,
    help=N_("Each child has one teacher and one classmate who help, perhaps more."),
    area="care",
)  # fmt: skip
PAIRING_CHECKS = Register(
    "pairing-checks", models.PairingCheck, forms.PairingCheckForm, N_("Effect checks"), N_("Effect check"),
    N_("Check the effect"), "check", ("checked_on", "finding"), ordered_by="checked_on", area="",
    parent=PAIRINGS, check=checks.check_found, defaults=_today_as("checked_on"), with_files=False,
    help=N_("Does the pairing help? Who looked, when, and what was found."),
)  # fmt: skip
PLANS = Register(
    "help-plans", models.HelpPlan, forms.HelpPlanForm, N_("Help plans"), N_("Help plan"),
    N_("Plan help"), "clipboard-text", ("term", "level", "lacks", "teacher_id", "result"),
    filters=(
        Filter("open", N_("Without a result"), lambda _today: models.HelpPlan.result.is_(None)),
    ),
    follow=actions.follow_plan, defaults=_last_plan, by_keeper=True,
    help=N_("A new plan starts from the last one: change what has changed."),
    area="care",
)  # fmt: skip
PLAN_STEPS = Register(
    "plan-steps", models.PlanStep, forms.PlanStepForm, N_("Steps"), N_("Step"), N_("Add a step"),
    "check", ("due_on", "done_on"), ordered_by="due_on", area="", parent=PLANS,
    check=checks.check_found, with_files=False,
)  # fmt: skip
PLAN_REVIEWS = Register(
    "plan-reviews", models.PlanReview, forms.PlanReviewForm, N_("Stage reviews"), N_("Stage review"),
    N_("Review"), "target", ("reviewed_on", "standing"), ordered_by="reviewed_on", area="", parent=PLANS,
    check=checks.check_found, defaults=_today_as("reviewed_on"),
)  # fmt: skip
CONDUCT = Register(
    "conduct-cases", models.ConductCase, forms.ConductCaseForm, N_("Conduct"), N_("Conduct case"),
    N_("Open a conduct case"), "message-circle", ("opened_on", "problems", "closed_on", "outcome"),
    ordered_by="opened_on",
    filters=(Filter("open", N_("Open"), lambda _today: models.ConductCase.closed_on.is_(None)),),
    check=checks.check_conduct, defaults=_today_as("opened_on"),
    help=N_("What happens, what was agreed with the child, what came of it."),
    area="care",
)  # fmt: skip
MUST_VISITS = Register(
    "must-visits", models.MustVisit, forms.MustVisitForm, N_("Must-visits"), N_("Must-visit"),
    N_("Raise a must-visit"), "home-heart",
    ("reason", "raised_on", "due_on", "closed_on"), ordered_by="raised_on",
    filters=(
        Filter("open", N_("Open"), lambda _today: queries.open_visits()),
        Filter("late", N_("Overdue"), queries.late_visits),
    ),
    check=checks.check_found, follow=actions.follow_must_visit, defaults=_today_as("raised_on"),
    complete=actions.due_visit, with_files=False,
    shown={
        "due_on": (N_("Due on"), {}),
        "origin": (N_("Raised by"), labels.VISIT_ORIGINS),
        "closed_on": (N_("Visited on"), {}),
    },
    help=N_("A home visit on or after this day closes it; late ones are shown to the principal."),
    area="care",
)  # fmt: skip
ATTENDANCE = Register(
    "attendance", models.AttendanceEvent, forms.AttendanceForm, N_("Absence and lateness"), N_("Attendance"),
    N_("Enter absence or lateness"), "clock", ("kind", "occurred_on", "is_excused"),
    ordered_by="occurred_on", check=checks.check_found, follow=actions.follow_attendance,
    defaults=_today_as("occurred_on"),
    area="care",
)  # fmt: skip
DROP_OUTS = Register(
    "drop-outs", models.DropOut, forms.DropOutForm, N_("Drop-outs"), N_("Drop-out"),
    N_("Report a drop-out"), "alert-triangle", ("since_on", "reason", "returned_on"), ordered_by="since_on",
    filters=(Filter("open", N_("Not back yet"), queries.dropped_out),),
    check=checks.check_found, follow=actions.follow_drop_out,
    help=N_("Drop-outs must be zero: every step to bring the child back is kept here."),
    area="care",
)  # fmt: skip
DROP_OUT_STEPS = Register(
    "drop-out-steps", models.DropOutStep, forms.DropOutStepForm, N_("Steps taken"), N_("Step taken"),
    N_("Add a step"), "arrow-right", ("done_on", "means"), ordered_by="done_on", area="", parent=DROP_OUTS,
    check=checks.check_found, defaults=_today_as("done_on"),
)  # fmt: skip
AID = Register(
    "aid", models.Aid, forms.AidForm, N_("Aid received"), N_("Aid"), N_("Enter aid"), "heart",
    ("kind", "received_on", "amount_cents", "source"), ordered_by="received_on",
    check=checks.check_found, defaults=_today_as("received_on"), record=Permission.RECORD_CARE,
    area="care",
)  # fmt: skip
ALL = (
    PAIRINGS, PAIRING_CHECKS, PLANS, PLAN_STEPS, PLAN_REVIEWS, CONDUCT, MUST_VISITS, ATTENDANCE, DROP_OUTS,
    DROP_OUT_STEPS, AID,
)  # fmt: skip
