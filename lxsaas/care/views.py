"""Pages of care: the class's month, the form to record, the lists of a child and of a class."""

from datetime import date, timedelta

import structlog
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.care import listing, queries
from lxsaas.care.actions import record_care
from lxsaas.care.forms import CareForm
from lxsaas.care.messages import KINDS, MONTHLY
from lxsaas.care.models import CareKind
from lxsaas.care.month import MonthRow, month_rows, tally
from lxsaas.care.reach import (
    chosen_class,
    classes_in_reach,
    pupils_in_reach,
    reachable_pupil,
    reachable_pupils,
    today,
)
from lxsaas.core.clock import add_months, month_start
from lxsaas.core.errors import RuleError
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import named

blueprint = Blueprint("care", __name__, url_prefix="/s/<school_slug>")

PAGE_SIZE = 30
FOUND_LIMIT = 30
"""Children that a search shows; who looks for one child types more of the name."""
MONTHS = 13
"""Months that can be chosen back: a year, and the same month of the year before."""


@blueprint.context_processor
def words() -> dict[str, object]:
    """What the templates of this feature name care by."""
    day = today()
    return {"kinds": KINDS, "monthly": MONTHLY, "today": day, "yesterday": day - timedelta(days=1)}


@blueprint.route("/care", methods=["GET", "POST"])
@requires(Permission.RECORD_CARE)
def overview() -> str:
    """This month in one's class; searched by POST, for names belong in no address."""
    classes = classes_in_reach()
    chosen = chosen_class(classes, request.values.get("class", type=int))
    wanted = request.form.get("q", "").strip()
    rows: list[MonthRow] = []
    if wanted:
        rows = _rows(pupils_in_reach().where(named(wanted)).limit(FOUND_LIMIT), today())
    elif chosen:
        rows = _rows(pupils_in_reach().where(Pupil.class_id == chosen.id), today())
    return render_template(
        "care/overview.html",
        classes=classes,
        chosen=chosen,
        wanted=wanted,
        rows=rows if wanted else [row for row in rows if row.is_target],
        tally=tally(rows),
        roster_size=len(rows),
    )


@blueprint.get("/care-records/new")
@requires(Permission.RECORD_CARE)
def record_form() -> str:
    """The form, filled with what is known: child and kind from the overview, today."""
    pupil_id = request.args.get("pupil", type=int)
    pupil = reachable_pupil(pupil_id) if pupil_id else None
    wanted = pupil.class_id if pupil else request.args.get("class", type=int)
    classes = classes_in_reach()
    chosen = chosen_class(classes, wanted)
    if chosen is None:
        return render_template("care/no_class.html")
    form = CareForm(formdata=None)
    kind = _kind_or_404(request.args.get("kind"))
    form.prefill(
        pupil.id if pupil else None, kind, day=today(), class_id=chosen.id, back=request.args.get("back", "")
    )
    return _show_form(form, _rows(pupils_in_reach().where(Pupil.class_id == chosen.id), today()))


@blueprint.post("/care-records")
@requires(Permission.RECORD_CARE)
def save_record() -> BaseResponse | tuple[str, int]:
    """Records care for the chosen children and leads back to where the form was opened."""
    form = CareForm()
    # Checked before the form is: who is out of reach does not exist, whatever else is wrong.
    chosen = reachable_pupils(request.form.getlist("pupils", type=int))
    form.offer(chosen)
    if form.validate():
        try:
            made = record_care(
                db.session(), pupils=chosen, kind=CareKind(form.kind.data), occurred_on=form.occurred_on.data,
                note=form.note.data, client_key=form.key, by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(error, chosen)
        else:
            db.session.commit()
            return _after_saving(form, len(made))
    chosen_ids = [pupil.id for pupil in chosen]
    in_class = Pupil.class_id == _own_class(form.class_id.data, chosen)
    rows = _rows(pupils_in_reach().where(in_class | Pupil.id.in_(chosen_ids)), today())
    return _show_form(form, rows), 422


@blueprint.get("/pupils/<int:pupil_id>/care-records")
@requires(Permission.VIEW_PUPILS)
def child_records(pupil_id: int) -> str:
    """What was done for one child, newest first; as a fragment for the child's own page."""
    pupil = reachable_pupil(pupil_id)
    rows = db.session.execute(queries.records_of_pupil(pupil.id)).all()
    page = Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE)
    notes = listing.readable_notes(db.session(), pupil, [record for record, _, _ in page.items])
    template = "care/_child_list.html" if request.headers.get("HX-Request") else "care/child_records.html"
    shown = render_template(template, pupil=pupil, page=page, notes=notes)
    # Not before: a commit would have every row read again, one by one.
    db.session.commit()
    return shown


@blueprint.get("/care-records")
@requires(Permission.VIEW_PUPILS)
def class_records() -> str:
    """What was done in a class in a month: one line a record, sorted as asked, page by page."""
    classes = classes_in_reach()
    chosen = chosen_class(classes, request.args.get("class", type=int))
    month = _month()
    sort = request.args.get("sort", "-day")
    rows = listing.class_rows(db.session(), chosen.id, month, today(), sort) if chosen else []
    return render_template(
        "care/class_records.html",
        classes=classes,
        chosen=chosen,
        month=month,
        months=[add_months(month_start(today()), -back) for back in range(MONTHS)],
        sort=sort,
        page=Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE),
    )


@blueprint.get("/care-records.xlsx")
@requires(Permission.VIEW_PUPILS)
def class_export() -> Response:
    """The class's month as a workbook, sorted as on the page."""
    chosen = chosen_class(classes_in_reach(), request.args.get("class", type=int)) or abort(404)
    month = _month()
    rows = listing.class_rows(db.session(), chosen.id, month, today(), request.args.get("sort", "-day"))
    return listing.workbook(db.session(), rows, chosen, month)


def _rows(pupils: Select[Pupil], month: date) -> list[MonthRow]:
    return month_rows(db.session(), pupils, month, today=today(), school_id=realm().id)


def _show_form(form: CareForm, rows: list[MonthRow]) -> str:
    form.offer([row.pupil for row in rows])
    return render_template(
        "care/record_form.html", form=form, rows=rows, chosen_ids=set(form.pupils.data or ())
    )


def _after_saving(form: CareForm, made: int) -> BaseResponse:
    kind = CareKind(form.kind.data)
    name = gettext(KINDS[kind])
    if made:
        text = ngettext(
            "Recorded for %(num)s child: %(kind)s.",
            "Recorded for %(num)s children: %(kind)s.",
            made,
            kind=name,
        )
        structlog.get_logger().info("record_saved", kind=kind.name.lower(), seconds=form.seconds)
    else:
        text = gettext("This was recorded already: %(kind)s.", kind=name)
    values = {"class": form.class_id.data or None, "kind": kind.name.lower(), "back": form.back.data}
    link = Markup('<a href="{}">{}</a>').format(
        url_for("care.record_form", **values), gettext("Record another")
    )
    flash(Markup("{} {}").format(text, link), "success")
    flash(form.draft.data or "", "draft")
    return redirect(_back(form))


def _back(form: CareForm) -> str:
    if form.back.data == "pupil" and len(form.pupils.data) == 1:
        return url_for("care.child_records", pupil_id=form.pupils.data[0])
    page = "care.class_records" if form.back.data == "class" else "care.overview"
    return url_for(page, **{"class": form.class_id.data or None})


def _own_class(text: str | None, chosen: list[Pupil]) -> int | None:
    wanted = int(text) if text and text.isdecimal() and len(text) < 19 else None
    if wanted is None and chosen:
        return chosen[0].class_id
    return wanted


def _kind_or_404(text: str | None) -> CareKind | None:
    if not text:
        return None
    return CareKind[text.upper()] if text.upper() in CareKind.__members__ else abort(404)


def _month() -> date:
    """The month of the address, 'YYYY-MM'; by default this one, never a later one."""
    text = request.args.get("month", "")
    try:
        wanted = date.fromisoformat(f"{text}-01") if text else today()
    except ValueError:
        abort(404)
    return month_start(min(wanted, today()))
