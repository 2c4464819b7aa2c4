"""Pages of counsellors: their cases, opened, reviewed, handed over, opened to a principal, closed."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from lxsaas import navigation
from lxsaas.accounts.access import realm, requires
from lxsaas.auditing.hooks import confidential
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.counselling import actions, messages, queries
from lxsaas.counselling.case_page import shown_case
from lxsaas.counselling.forms import CaseForm, CloseForm, ColleagueForm, ReaderForm, ReviewForm
from lxsaas.counselling.hours import ROOM_HOURS
from lxsaas.counselling.models import CaseReader, CounsellingCase, Risk
from lxsaas.counselling.pages import (
    PAGE_SIZE,
    child_of,
    letter_or_404,
    log_sight,
    own_case_or_404,
    show_form,
    today,
)
from lxsaas.counselling.sealing import counselling_cipher
from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers.outcome import succeeds
from lxsaas.registers.pages import mount
from lxsaas.registers.rows import values_of

blueprint = Blueprint("counselling", __name__, url_prefix="/s/<school_slug>")
mount(blueprint, ROOM_HOURS)
if queries.logged_care not in confidential:
    confidential.append(queries.logged_care)
add_section(
    Section("counselling.child_case", lazy_gettext("Counselling"), "message-circle", Permission.COUNSEL)
)
for _endpoint, _label, _icon, _permission in (
    ("counselling.case_list", lazy_gettext("My cases"), "message-circle", Permission.COUNSEL),
    ("counselling.letter_list", lazy_gettext("Letterbox"), "mail", Permission.COUNSEL),
    ("counselling.risk_list", lazy_gettext("Children at high risk"), "alert-triangle", Permission.VIEW_RISK),
):
    navigation.add_tile("protection", _endpoint, _label, _icon, _permission)

FIRST_REVIEW = timedelta(days=14)
"""Offered for the first review: as far apart as contacts with a child at high risk may be."""
OPENED_FOR = timedelta(days=30)
FOUND_LIMIT = 30
"""Children that a search shows; who looks for another types more of the name."""
SHOWN = ("open", "due", "closed")


@blueprint.context_processor
def words() -> dict[str, object]:
    """What the templates of this feature name levels and weekdays by."""
    return {"risks": messages.RISKS, "weekdays": messages.WEEKDAYS, "today": today()}


@blueprint.route("/counselling/cases", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def case_list() -> str:
    """One's own cases, those to be reviewed first; children are looked for by POST."""
    show = request.values.get("show", "open")
    show = show if show in SHOWN else "open"
    sort, wanted = request.values.get("sort", "review"), request.form.get("q", "").strip()
    query = queries.cases_of(current_user.id, show=show, words=wanted, sort=sort, on=today())
    rows = db.session.execute(query).all()
    return render_template(
        "counselling/case_list.html",
        page=Page.of(rows, request.values.get("page", 1, type=int), PAGE_SIZE),
        due=db.session.scalar(queries.due_count(current_user.id, today())),
        show=show, sort=sort, wanted=wanted,
    )  # fmt: skip


@blueprint.route("/counselling/cases/choose", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def choose_child() -> str:
    """Children of the whole school by name: name and class, nothing else."""
    wanted = request.form.get("q", "").strip()
    letter_id = request.args.get("letter", type=int)
    if letter_id is not None:
        letter_or_404(letter_id)
    query = queries.children_named(realm().id, wanted, today()).limit(FOUND_LIMIT)
    found = db.session.execute(query).all() if wanted else []
    return render_template("counselling/choose.html", wanted=wanted, found=found, letter_id=letter_id)


@blueprint.route("/counselling/cases/new", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def new_case() -> Response | str | tuple[str, int]:
    """Opens a case of a chosen child, from a letter where one is named."""
    pupil = _pupil_or_404(request.args.get("pupil", type=int))
    letter_id = request.args.get("letter", type=int)
    form = CaseForm()
    if form.validate_on_submit():
        letter = letter_or_404(letter_id) if letter_id is not None else None
        if succeeds(form, lambda: actions.open_case(
            db.session(), pupil=pupil, risk=form.risk.data, opened_on=form.opened_on.data,
            review_on=form.review_on.data, reason=form.reason.data, letter=letter,
            client_key=form.key, by=current_user.id,
        )):  # fmt: skip
            flash(gettext("The case is open. Only you can read it."), "success")
            return redirect(url_for("counselling.child_case", pupil_id=pupil.id))
    elif request.method == "GET":
        form.open_new()
        form.opened_on.data, form.review_on.data = today(), today() + FIRST_REVIEW
        form.risk.data = int(Risk.MEDIUM)
    return show_form("counselling/case_form.html", form, child=child_of(pupil.id), letter_id=letter_id)


@blueprint.get("/pupils/<int:pupil_id>/counselling")
@requires(Permission.COUNSEL)
def child_case(pupil_id: int) -> Response:
    """One's own open case of a child, or the form to open one."""
    _pupil_or_404(pupil_id)
    case = db.session.scalars(queries.open_case_of(pupil_id, current_user.id)).one_or_none()
    if case is None:
        return redirect(url_for("counselling.new_case", pupil=pupil_id))
    return redirect(url_for("counselling.case_detail", counselling_case_id=case.id))


@blueprint.get("/counselling/cases/<int:counselling_case_id>")
@requires(Permission.COUNSEL)
def case_detail(counselling_case_id: int) -> str:
    """A case of one's own, opened; the sight is logged."""
    case = own_case_or_404(counselling_case_id)
    log_sight("view_counselling_case", case)
    shown = render_template("counselling/case_detail.html", may_write=True, **shown_case(case))
    # Not before: a commit would have every row read again, one by one.
    db.session.commit()
    return shown


@blueprint.route("/counselling/cases/<int:counselling_case_id>/review", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def review_case(counselling_case_id: int) -> Response | str | tuple[str, int]:
    """Looks at a case again: risk, next review, what it is about."""
    case = _open_or_404(counselling_case_id)
    form = ReviewForm()
    if form.validate_on_submit():
        if succeeds(form, lambda: actions.review_case(
            db.session(), case, risk=form.risk.data, review_on=form.review_on.data, reason=form.reason.data,
            version=form.seen_version, by=current_user.id,
        )):  # fmt: skip
            return _back_to(counselling_case_id, gettext("Saved."))
    elif request.method == "GET":
        values = values_of(case, counselling_cipher(db.session(), realm().id))
        form.risk.data, form.review_on.data, form.reason.data = case.risk, case.review_on, values["reason"]
        form.version.data = str(case.version)
        log_sight("view_counselling_case", case)
        shown = _step("review", form, counselling_case_id)
        db.session.commit()
        return shown
    return _step("review", form, counselling_case_id)


@blueprint.route("/counselling/cases/<int:counselling_case_id>/closing", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def close_case(counselling_case_id: int) -> Response | str | tuple[str, int]:
    """Closes a case with what came of it."""
    case = _open_or_404(counselling_case_id)
    form = CloseForm()
    if request.method == "GET":
        form.version.data = str(case.version)
    if form.validate_on_submit() and succeeds(form, lambda: actions.close_case(
        db.session(), case, outcome=form.outcome.data, version=form.seen_version, by=current_user.id
    )):  # fmt: skip
        return _back_to(counselling_case_id, gettext("The case is closed."))
    return _step("closing", form, counselling_case_id)


@blueprint.route("/counselling/cases/<int:counselling_case_id>/handover", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def hand_over_case(counselling_case_id: int) -> Response | str | tuple[str, int]:
    """Gives a case to another counsellor."""
    case = own_case_or_404(counselling_case_id)
    form = ColleagueForm()
    counsellors = db.session.scalars(queries.active_staff_with(queries.COUNSELLOR_ROLES))
    form.offer(one for one in counsellors if one.id != current_user.id)
    if request.method == "GET":
        form.version.data = str(case.version)
    if form.validate_on_submit() and succeeds(form, lambda: actions.hand_over_case(
        db.session(), case, staff_id=form.staff_id.data, version=form.seen_version, by=current_user.id
    )):  # fmt: skip
        flash(gettext("Handed over. You cannot read the case any more."), "success")
        return redirect(url_for("counselling.case_list"))
    return _step("handover", form, counselling_case_id)


@blueprint.route("/counselling/cases/<int:counselling_case_id>/readers", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def open_case_to(counselling_case_id: int) -> Response | str | tuple[str, int]:
    """Lets a principal read a case, by name and for a time."""
    case = own_case_or_404(counselling_case_id)
    form = ReaderForm()
    form.offer(db.session.scalars(queries.active_staff_with(queries.PRINCIPAL_ROLES)))
    if request.method == "GET":
        form.last_day.data = today() + OPENED_FOR
    if form.validate_on_submit() and succeeds(form, lambda: actions.open_case_to(
        db.session(), case, staff_id=form.staff_id.data, last_day=form.last_day.data, by=current_user.id
    )):  # fmt: skip
        return _back_to(counselling_case_id, gettext("The case is open to this person."))
    return _step("readers", form, counselling_case_id)


@blueprint.post("/counselling/cases/<int:counselling_case_id>/readers/<int:case_reader_id>/end")
@requires(Permission.COUNSEL)
def end_reading(counselling_case_id: int, case_reader_id: int) -> Response:
    """Takes the sight of a case from somebody."""
    case = own_case_or_404(counselling_case_id)
    query = queries.readers_of(case.id, today()).where(CaseReader.id == case_reader_id)
    row = db.session.execute(query).one_or_none() or abort(404)
    actions.end_reading(db.session(), case, row[0], by=current_user.id)
    db.session.commit()
    return _back_to(counselling_case_id, gettext("The case is no longer open to this person."))


def _pupil_or_404(pupil_id: int | None) -> Pupil:
    """Any enrolled child: whom a counsellor talks to is not given by class."""
    query = queries.enrolled_pupil(realm().id, pupil_id if pupil_id is not None else abort(404), today())
    return db.session.scalars(query).one_or_none() or abort(404)


def _open_or_404(case_id: int) -> CounsellingCase:
    case = own_case_or_404(case_id)
    return case if case.closed_on is None else abort(404)


def _back_to(case_id: int, told: str) -> Response:
    flash(told, "success")
    return redirect(url_for("counselling.case_detail", counselling_case_id=case_id))


def _step(step: str, form: ReviewForm | CloseForm | ColleagueForm, case_id: int) -> str | tuple[str, int]:
    """The page of one step of a case."""
    case = own_case_or_404(case_id)
    return show_form("counselling/case_step.html", form, step=step, case=case, child=child_of(case.pupil_id))
