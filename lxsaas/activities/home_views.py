"""The children's home (P22) by phone: opened, visitors tapped, calls counted, closed; and its statistics."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.activities import actions, queries
from lxsaas.activities.labels import CONDITIONS, WEEKDAYS
from lxsaas.activities.models import HomeDuty, HomeOpening
from lxsaas.activities.registers import DUTY
from lxsaas.activities.views import blueprint
from lxsaas.care.queries import term_on
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.registers.carried import OnceForm, RefusableForm
from lxsaas.registers.fields import StaffTicks
from lxsaas.registers.forms import clock_time, line, number
from lxsaas.registers.listing import Names
from lxsaas.registers.offers import staff_offered
from lxsaas.registers.roster_pages import RosterPages

WEEKS = 26
"""The most weeks of the statistics."""
add_tile("life", "activities.home", lazy_gettext("Children’s home"), "home-heart", Permission.VIEW_PUPILS)


class OpenForm(OnceForm):
    staff_ids = StaffTicks(lazy_gettext("On duty"))


class CloseForm(RefusableForm):
    closes_at = clock_time(lazy_gettext("Closed at"))
    calls = number(lazy_gettext("Calls to parents"), most=1000, optional=True)
    words = line(lazy_gettext("What was done"), optional=True, limit=500)


@blueprint.get("/home")
@requires(Permission.VIEW_PUPILS)
def home() -> str:
    """Open: who is there, and how to close it; closed: one button to open it, duty, week, inventory."""
    running = db.session.scalars(queries.openings_running(realm().id)).all()
    opening = next((one for one in running if one.opened_on == reach.today()), None)
    if opening and Permission.RECORD_CARE in current_user.permissions:
        return _show_open(opening, _close_form(opening))
    return _show_closed(_open_form(), [one for one in running if one.opened_on < reach.today()])


@blueprint.post("/home/opening")
@requires(Permission.RECORD_CARE)
def home_open() -> BaseResponse | tuple[str, int]:
    """Opens the children's home now."""
    form = OpenForm()
    form.staff_ids.offer(staff_offered(db.session(), realm().id))
    if form.validate():
        try:
            actions.open_home(
                db.session(), school_id=realm().id, staff_ids=form.staff_ids.data or (), at=_now(),
                client_key=form.key, by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(gettext("The children’s home is open."), "success")
            return redirect(url_for("activities.home"))
    return _show_closed(form, []), 422


@blueprint.post("/home-openings/<int:home_opening_id>/calls")
@requires(Permission.RECORD_CARE)
def home_call(home_opening_id: int) -> BaseResponse:
    """One more call to parents, in one tap."""
    opening = _opening(home_opening_id)
    try:
        actions.count_call(db.session(), opening, by=current_user.id)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
    return redirect(url_for("activities.home"))


@blueprint.post("/home-openings/<int:home_opening_id>/closing")
@requires(Permission.RECORD_CARE)
def home_close(home_opening_id: int) -> BaseResponse | tuple[str, int]:
    """Closes the children's home."""
    opening, form = _opening(home_opening_id), CloseForm()
    if not form.validate():
        return _show_open(opening, form), 422
    try:
        actions.close_home(
            db.session(), opening, at=form.closes_at.data, calls=form.calls.data, words=form.words.data,
            by=current_user.id,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        if error.field:
            form.refuse(error)
            return _show_open(_opening(home_opening_id), form), 422
        flash(sentence(error, gettext), "error")
        return redirect(url_for("activities.home"))
    db.session.commit()
    flash(gettext("The children’s home is closed."), "success")
    return redirect(url_for("activities.home_opening_detail", home_opening_id=home_opening_id))


@blueprint.get("/home/statistics")
@requires(Permission.VIEW_PUPILS)
def home_statistics() -> str:
    """Openings a week against the target, visits, calls, and which classes come; of the term so far."""
    today = reach.today()
    term = db.session.scalars(term_on(realm().district_id, today)).one_or_none()
    first = max(term.starts_on if term else date.min, today - timedelta(weeks=WEEKS - 1))
    # As at night: a week counts whose school days lie in the term, and when it is over.
    first += timedelta(days=-first.weekday() % 7)
    found = {row[0]: row for row in db.session.execute(queries.opening_weeks(realm().id, first, today))}
    mondays = [first + timedelta(weeks=number) for number in range(max((today - first).days // 7, 0) + 1)]
    weeks = [found.get(monday, (monday, 0, 0, 0, 0)) for monday in mondays]
    classes = db.session.execute(queries.visits_by_class(realm().id, first, today)).all()
    return render_template(
        "activities/home_statistics.html", weeks=weeks, classes=classes, first=first, today=today,
        two=queries.TWO, over=[week for week in weeks if week[0] + timedelta(days=6) <= today],
    )  # fmt: skip


def _show_open(opening: HomeOpening, form: CloseForm) -> str:
    visitors = RosterPages.mounted["activities.home_opening_visitors"]
    names = dict(staff_offered(db.session(), realm().id))
    staff_ids = [one.staff_id for one in db.session.scalars(queries.staff_of(opening))]
    context = visitors.context(opening) | {"next": url_for("activities.home")}
    return render_template(
        "activities/home_open.html", opening=opening, form=form, staff=[names.get(one) for one in staff_ids],
        two=queries.TWO, register=visitors.pages.register, **context,
    )  # fmt: skip


def _show_closed(form: OpenForm, left_open: list[HomeOpening]) -> str:
    today = reach.today()
    monday = today - timedelta(days=today.weekday())
    week = db.session.execute(queries.opening_weeks(realm().id, monday, today)).one_or_none()
    duties = db.session.scalars(queries.duties_of(realm().id, today)).all()
    return render_template(
        "activities/home.html", form=form, left_open=left_open, week=week, two=queries.TWO, duties=duties,
        names=Names(db.session(), DUTY, duties), weekdays=WEEKDAYS, today=today, conditions=CONDITIONS,
        items=dict(db.session.execute(queries.items_by_condition(realm().id)).all()),
        may_keep=Permission.KEEP_SCHOOL_LIFE in current_user.permissions,
        may_open=Permission.RECORD_CARE in current_user.permissions,
    )  # fmt: skip


def _on_duty(duties: Any) -> list[int]:
    """Who is on duty today by the roster."""
    here: list[HomeDuty] = [one for one in duties if one.weekday == reach.today().isoweekday()]
    return [staff_id for one in here for staff_id in (one.first_staff_id, one.second_staff_id)]


def _open_form() -> OpenForm:
    form = OpenForm(formdata=None)
    form.staff_ids.offer(staff_offered(db.session(), realm().id))
    duties = db.session.scalars(queries.duties_of(realm().id, reach.today())).all()
    form.staff_ids.data = _on_duty(duties) or [current_user.id]
    form.open_new()
    return form


def _close_form(opening: HomeOpening) -> CloseForm:
    form = CloseForm(formdata=None)
    form.closes_at.data, form.calls.data, form.words.data = _now().time(), opening.calls, opening.words
    return form


def _opening(opening_id: int) -> HomeOpening:
    opening = db.session.get(HomeOpening, (realm().id, opening_id))
    return opening if opening is not None and opening.withdrawn_at is None else abort(404)


def _now() -> datetime:
    """The time at the school."""
    return clock.now().astimezone(ZoneInfo(realm().timezone))
