"""Weekly class activities: the calendar of a term with its gaps, and marking done with a tap."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from flask import abort, redirect, render_template, request, url_for
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.organisation import actions, queries
from lxsaas.organisation import reach as own
from lxsaas.organisation.checks import monday
from lxsaas.organisation.models import ClassActivity
from lxsaas.organisation.views import blueprint
from lxsaas.pupils import reach
from lxsaas.registers.attempts import attempt
from lxsaas.registers.offers import classes_in_reach
from lxsaas.schools.models import Term


@dataclass(frozen=True)
class Cell:
    """A class in a week."""

    class_id: int
    activity: ClassActivity | None
    state: str
    """'done', 'planned', 'gap' (the week is over and nothing was planned) or 'ahead'."""


@blueprint.get("/class-activities/calendar")
@requires(Permission.VIEW_PUPILS)
def activity_calendar() -> str:
    """Weeks and classes of a term: what was done, what is planned, where nothing is."""
    terms = db.session.scalars(
        select(Term).where(Term.district_id == realm().district_id).order_by(Term.starts_on.desc())
    ).all()
    named = request.args.get("term")
    term = next((one for one in terms if one.name == named), None) if named else own.term_now()
    if named and term is None:
        abort(404)
    classes = db.session.scalars(classes_in_reach()).all()
    weeks = weeks_of(term) if term else []
    found = queries.activities_of([one.id for one in classes], weeks[0], weeks[-1]) if weeks else None
    held = db.session.scalars(found).all() if found is not None else []
    by_cell: dict[tuple[int, date], list[ClassActivity]] = defaultdict(list)
    for one in held:
        by_cell[one.class_id, one.week_on].append(one)
    rows = [
        (week, [_cell(one.id, week, by_cell[one.id, week]) for one in classes]) for week in reversed(weeks)
    ]
    over = [cell for week, cells in rows for cell in cells if week + timedelta(days=6) < reach.today()]
    return render_template(
        "organisation/activity_calendar.html", term=term, terms=terms, classes=classes, rows=rows,
        today=reach.today(), this_week=monday(reach.today()),
        may_record=Permission.RECORD_CARE in current_user.permissions,
        due=len(over), done=sum(cell.state == "done" for cell in over),
    )  # fmt: skip


def weeks_of(term: Term) -> list[date]:
    """The Mondays of a term's whole school weeks up to next week, as the indicator counts them."""
    first = monday(term.starts_on + timedelta(days=6))
    last = min(term.ends_on - timedelta(days=4), reach.today() + timedelta(days=7))
    return [first + timedelta(weeks=number) for number in range(max((last - first).days // 7 + 1, 0))]


def _cell(class_id: int, week: date, here: list[ClassActivity]) -> Cell:
    done = next((one for one in here if one.held_on), None)
    if done:
        return Cell(class_id, done, "done")
    if here:
        return Cell(class_id, here[0], "planned")
    return Cell(class_id, None, "gap" if week + timedelta(days=6) < reach.today() else "ahead")


@blueprint.post("/class-activities/<int:class_activity_id>/completion")
@requires(Permission.RECORD_CARE)
def activity_completion(class_activity_id: int) -> BaseResponse:
    """Marks an activity done as it was planned."""
    query = select(ClassActivity).where(ClassActivity.id == class_activity_id, own.seen_activities())
    activity = db.session.scalars(query.where(ClassActivity.withdrawn_at.is_(None))).one_or_none() or abort(
        404
    )

    def act() -> str:
        actions.complete_activity(db.session(), activity, today=reach.today(), by=current_user.id)
        return str(gettext("Done on %(day)s.", day=format_date(activity.held_on)))

    attempt(act)
    if request.form.get("from") == "calendar":
        return redirect(url_for("organisation.activity_calendar"))
    return redirect(url_for("organisation.class_activity_detail", class_activity_id=class_activity_id))
