"""Pages of care: the class's month and the form to record."""

import structlog
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.care import letter_views, list_views, phone_views, record_views, sign_views, timing_views
from lxsaas.care.actions import record_care
from lxsaas.care.forms import CareForm, with_names
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareKind
from lxsaas.care.month import MonthRow, month_rows, tally
from lxsaas.care.pages import blueprint
from lxsaas.care.reach import (
    chosen_class,
    classes_in_reach,
    pupils_in_reach,
    reachable_pupil,
    reachable_pupils,
)
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import named
from lxsaas.pupils.reach import today
from lxsaas.registers.hooks import tell_saved

# Imported for the routes that they put on the blueprint.
REGISTERED = (letter_views, list_views, phone_views, record_views, sign_views, timing_views)
__all__ = ["REGISTERED", "blueprint"]

FOUND_LIMIT = 30
"""Children that a search shows; who looks for one child types more of the name."""


@blueprint.route("/care", methods=["GET", "POST"])
@requires(Permission.RECORD_CARE)
def overview() -> str:
    """This month in one's class; searched by POST, for names belong in no address."""
    classes = classes_in_reach()
    chosen = chosen_class(classes, request.values.get("class", type=int))
    wanted = request.form.get("q", "").strip()
    rows: list[MonthRow] = []
    if wanted:
        rows = _rows(pupils_in_reach().where(named(wanted)).limit(FOUND_LIMIT))
    elif chosen:
        rows = _rows(pupils_in_reach().where(Pupil.class_id == chosen.id))
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
    form = CareForm(formdata=None)
    kind = _kind_or_404(request.args.get("kind"))
    # A child whom one helps may be of a class that one does not teach: then the form is for this child.
    classes = [] if pupil else classes_in_reach()
    chosen = None if pupil else chosen_class(classes, wanted)
    class_id = pupil.class_id if pupil else chosen.id if chosen else None
    if class_id is None:
        return render_template("care/no_class.html")
    form.prefill(
        pupil.id if pupil else None, kind, day=today(), class_id=class_id, back=request.args.get("back", "")
    )
    rows = _rows(pupils_in_reach().where(Pupil.class_id == class_id))
    return _show_form(form, rows, classes=classes, chosen=chosen)


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
                note=form.note.data, detail=form.detail, files=form.cleaned_files(), client_key=form.key,
                by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(with_names(error, chosen))
        else:
            return _after_saving(form, len(made))
    chosen_ids = [pupil.id for pupil in chosen]
    in_class = Pupil.class_id == _own_class(form.class_id.data, chosen)
    rows = _rows(pupils_in_reach().where(in_class | Pupil.id.in_(chosen_ids)))
    return _show_form(form, rows), 422


def _rows(pupils: Select[Pupil]) -> list[MonthRow]:
    return month_rows(db.session(), pupils, today(), today=today(), school_id=realm().id)


def _show_form(form: CareForm, rows: list[MonthRow], **choice: object) -> str:
    form.offer([row.pupil for row in rows])
    chosen_ids = set(form.pupils.data or ())
    return render_template(
        "care/record_form.html", form=form, rows=rows, chosen_ids=chosen_ids, back=_back(form), **choice
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
        tell_saved(db.session(), realm().id, kind.name.lower(), form.milliseconds)
        seconds = form.milliseconds / 1000 if form.milliseconds else None
        structlog.get_logger().info("record_saved", kind=kind.name.lower(), seconds=seconds)
    else:
        text = gettext("This was recorded already: %(kind)s.", kind=name)
    db.session.commit()
    values = {"class": form.class_id.data or None, "kind": kind.name.lower(), "back": form.back.data}
    link = Markup('<a href="{}">{}</a>').format(
        url_for("care.record_form", **values), gettext("Record another")
    )
    flash(Markup("{} {}").format(text, link), "success")
    flash(form.draft.data or "", "draft")
    return redirect(_back(form))


def _back(form: CareForm) -> str:
    chosen = form.pupils.data or []
    if form.back.data == "pupil" and len(chosen) == 1:
        return url_for("care.child_records", pupil_id=chosen[0])
    if form.back.data == "week":
        return url_for("duties.week")
    pages = {"class": "care.class_records", "birthdays": "care.birthdays"}
    page = pages.get(form.back.data or "", "care.overview")
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
