"""The family phone (P15): the week's bookings, the form to book, what came of the calls, the log."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date, gettext, lazy_gettext, ngettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.care.forms import with_names
from lxsaas.care.messages import PARTIES
from lxsaas.care.models import CareRecord, PhoneBooking
from lxsaas.care.month import month_rows
from lxsaas.care.pages import blueprint, day_of, may_withdraw
from lxsaas.care.phone_actions import NOT_REACHED, REACHED, book_calls, cancel_call, note_call, undo_call
from lxsaas.care.phone_forms import PhoneForm
from lxsaas.care.phone_queries import Call, calls, newest_first, of_outcome
from lxsaas.care.reach import (
    chosen_class,
    classes_in_reach,
    pupils_in_reach,
    reachable_pupil,
    reachable_pupils,
)
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_, sentence
from lxsaas.core.pages import page_of_rows
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.reach import reached_ids, today
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers.hooks import tell_saved

PAGE_SIZE = 30
OUTCOMES = {REACHED: N_("spoke"), NOT_REACHED: N_("not reached")}

add_tile("care", "care.phone_week", lazy_gettext("Family phone"), "phone", Permission.RECORD_CARE)
add_section(Section("care.phone_form_of", lazy_gettext("Book the phone"), "phone", Permission.RECORD_CARE))


@blueprint.get("/family-phone")
@requires(Permission.RECORD_CARE)
def phone_week() -> str:
    """A week's bookings, day by day."""
    day = day_of(request.args.get("week")) or today()
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=number) for number in range(7)]
    found = [Call(*row) for row in db.session.execute(calls(pupils_in_reach(), first=days[0], last=days[6]))]
    return render_template(
        "care/phone_week.html",
        days=[(one, [call for call in found if call.booking.on_day == one]) for one in days],
        before=monday - timedelta(weeks=1),
        after=monday + timedelta(weeks=1),
        outcomes=OUTCOMES,
        reached=REACHED,
        not_reached=NOT_REACHED,
    )


@blueprint.get("/family-phone/new")
@requires(Permission.RECORD_CARE)
def phone_form() -> str:
    """The form to book, for a class."""
    classes = classes_in_reach()
    chosen = chosen_class(classes, request.args.get("class", type=int))
    if chosen is None:
        return render_template("care/no_class.html")
    return _new_form(chosen.id, None, classes=classes, chosen=chosen)


@blueprint.get("/pupils/<int:pupil_id>/family-phone")
@requires(Permission.RECORD_CARE)
def phone_form_of(pupil_id: int) -> str:
    """The form to book, for one child."""
    pupil = reachable_pupil(pupil_id)
    return _new_form(pupil.class_id, pupil.id)


@blueprint.post("/family-phone")
@requires(Permission.RECORD_CARE)
def phone_book() -> BaseResponse | tuple[str, int]:
    """Books calls for the chosen children."""
    form = PhoneForm()
    chosen = reachable_pupils(request.form.getlist("pupils", type=int))
    form.offer(chosen)
    if form.validate():
        try:
            made = book_calls(
                db.session(), pupils=chosen, on_day=form.on_day.data, at=form.at.data, party=form.party.data,
                minutes=form.minutes.data, weeks=form.weeks.data, client_key=form.key, by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            tell_saved(db.session(), realm().id, "phone_booking", form.milliseconds)
            db.session.commit()
            said = ngettext("%(num)s call booked.", "%(num)s calls booked.", len(made))
            flash(said if made else gettext("This was booked already."), "success")
            flash(form.draft, "draft")
            return redirect(url_for("care.phone_week", week=form.on_day.data.isoformat()))
    text = form.class_id.data or ""
    class_id = int(text) if text.isdecimal() and len(text) < 19 else None
    return _show(form, class_id or (chosen[0].class_id if chosen else 0)), 422


@blueprint.post("/family-phone/<int:phone_booking_id>/outcome")
@requires(Permission.RECORD_CARE)
def phone_outcome(phone_booking_id: int) -> BaseResponse:
    """Notes what came of a call, in one tap; one that reached a parent makes a care record."""
    outcome = request.form.get("outcome", type=int)
    if outcome not in OUTCOMES:
        abort(400)

    def note(session: Session, booking: PhoneBooking, version: int) -> None:
        note_call(session, booking, outcome=outcome, version=version, by=current_user.id)

    return _acted(phone_booking_id, note)


@blueprint.post("/family-phone/<int:phone_booking_id>/undo")
@requires(Permission.RECORD_CARE)
def phone_undo(phone_booking_id: int) -> BaseResponse:
    """Takes back what was noted of a call."""

    def undo(session: Session, booking: PhoneBooking, version: int) -> None:
        if booking.care_record_id is not None:
            record = session.get_one(CareRecord, (booking.school_id, booking.care_record_id))
            if not may_withdraw(record):
                raise RuleError("phone_not_own")
        undo_call(session, booking, version=version, reason=gettext("Noted by mistake"), by=current_user.id)

    return _acted(phone_booking_id, undo)


@blueprint.post("/family-phone/<int:phone_booking_id>/cancellation")
@requires(Permission.RECORD_CARE)
def phone_cancel(phone_booking_id: int) -> BaseResponse:
    """Takes a booking back."""

    def cancel(session: Session, booking: PhoneBooking, version: int) -> None:
        reason = gettext("Booking cancelled")
        cancel_call(session, booking, version=version, reason=reason, by=current_user.id)

    return _acted(phone_booking_id, cancel)


@blueprint.get("/family-phone/log")
@requires(Permission.RECORD_CARE)
def phone_log() -> str:
    """The calls that were noted, the newest first."""
    outcome, first, last = _wish()
    query = newest_first(of_outcome(calls(pupils_in_reach(), first=first, last=last), outcome))
    rows = page_of_rows(db.session(), query, request.args.get("page", 1, type=int), PAGE_SIZE)
    page = rows.mapped(lambda row: Call(*row))
    return render_template(
        "care/phone_log.html", page=page, outcomes=OUTCOMES, outcome=outcome, first=first, last=last
    )


@blueprint.route("/family-phone/log.xlsx", methods=["GET", "POST"])
@requires(Permission.RECORD_CARE)
def phone_export() -> BaseResponse:
    """The log as a workbook, a long one asked for by POST; that it was taken is logged."""
    return list_or_job(PHONE_LOG)


def phone_content() -> Content:
    outcome, first, last = _wish()
    query = of_outcome(calls(pupils_in_reach(), first=first, last=last), outcome)
    headings = [gettext(one) for one in ("Day", "Time", "Child", "Class", "With whom", "Outcome")]
    notes = [format_date(today(), "yyyy-MM-dd")]
    return Sheets(
        [
            sheet_of(
                db.session(),
                query,
                _call_lines,
                title=gettext("Family phone"),
                headings=headings,
                notes=notes,
            )
        ]
    )


def _call_lines(rows: Sequence[Any]) -> Iterator[list[str]]:
    for call in (Call(*row) for row in rows):
        yield [
            call.booking.on_day.isoformat(),
            f"{call.booking.at:%H:%M}",
            call.child,
            call.class_code,
            gettext(PARTIES.get(call.booking.party, "–")),
            gettext(OUTCOMES[call.booking.outcome or NOT_REACHED]),
        ]


def note_phone_export(rows: int) -> None:
    audit(
        db.session(), "export_phone_bookings", "phone_booking", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


PHONE_LOG = declare(
    Kind(
        "family_phone", N_("Family phone"), Permission.RECORD_CARE, phone_content, "family-phone",
        reach=reached_ids, note=note_phone_export,
    )
)  # fmt: skip


def _new_form(class_id: int, pupil_id: int | None, **choice: object) -> str:
    form = PhoneForm(formdata=None)
    form.prefill(pupil_id, day=today(), class_id=class_id)
    return _show(form, class_id, **choice)


def _show(form: PhoneForm, class_id: int, **choice: object) -> str:
    chosen = set(form.pupils.data or ())
    pupils = pupils_in_reach().where((Pupil.class_id == class_id) | Pupil.id.in_(chosen))
    rows = month_rows(db.session(), pupils, today(), today=today(), school_id=realm().id)
    form.offer([row.pupil for row in rows])
    return render_template("care/phone_form.html", form=form, rows=rows, chosen_ids=chosen, **choice)


def _acted(booking_id: int, act: Callable[[Session, PhoneBooking, int], None]) -> BaseResponse:
    """Does something to a booking within reach and leads back to its week."""
    booking = db.session.get(PhoneBooking, (realm().id, booking_id))
    if booking is None:
        abort(404)
    pupil = reachable_pupil(booking.pupil_id)
    week = booking.on_day.isoformat()
    try:
        act(db.session(), booking, request.form.get("version", 0, type=int))
    except RuleError as error:
        db.session.rollback()
        flash(sentence(with_names(error, [pupil]), gettext), "error")
    else:
        db.session.commit()
    return redirect(url_for("care.phone_week", week=week))


def _wish() -> tuple[int | None, date | None, date | None]:
    outcome = request.args.get("outcome", type=int)
    first, last = day_of(request.args.get("from")), day_of(request.args.get("to"))
    return outcome if outcome in OUTCOMES else None, first, last
