"""The district's pages of the summaries that schools have sent: who has, who is missing, the documents."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date, format_datetime, gettext, ngettext
from flask_login import current_user
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.export import Cell
from lxsaas.core.messages import N_
from lxsaas.core.pages import page_of_rows
from lxsaas.core.permissions import Permission
from lxsaas.correspondence.actions import Writer
from lxsaas.documents.answers import document_response
from lxsaas.evaluation.years import years_with_terms
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.exports.townships import within_townships
from lxsaas.extensions import db
from lxsaas.indicators.queries import calendar_of
from lxsaas.registers.attempts import attempt
from lxsaas.registers.outcome import succeeds
from lxsaas.schools.years import year_name, year_of
from lxsaas.summaries import queries
from lxsaas.summaries.calling import set_due_day
from lxsaas.summaries.district_views import blueprint
from lxsaas.summaries.forms import DueDayForm
from lxsaas.summaries.sending import remind_of_summary

__all__ = ["blueprint"]

PAGE_SIZE = 40
ANSWER_WITHIN = timedelta(days=7)
"""By when a school that is asked for its summary answers."""
STATES = {"late": N_("Overdue"), "missing": N_("Not sent"), "sent": N_("Has sent")}
SORTS = {"school": "name", "sent": "sent_at"}


@blueprint.get("/schools")
@requires(Permission.RECEIVE_SUMMARIES)
def school_list() -> str:
    """Which schools have sent their summary of a year, and which have not."""
    year, rows = _year(), _standings().subquery()
    counted = db.session.execute(select(rows.c.state, func.count()).group_by(rows.c.state))
    return render_template(
        "summaries/school_list.html", year=year, years=_years(year), key=uuid4(), due_on=_due_on(year),
        counts=dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in counted}, state_names=STATES,
        states=[("", gettext("All")), *((code, gettext(text)) for code, text in STATES.items())],
        page=page_of_rows(db.session(), _chosen(), request.args.get("page", 1, type=int), PAGE_SIZE),
    )  # fmt: skip


@blueprint.route("/schools.<any(xlsx, csv):form>", methods=["GET", "POST"])
@requires(Permission.RECEIVE_SUMMARIES)
def school_export(form: str) -> BaseResponse:
    """The list as it is chosen, for a spreadsheet; many schools are asked for by POST."""
    return list_or_job(SENT, form)


def list_content() -> Content:
    headings = [
        gettext("School"), gettext("Township"), gettext("State"), gettext("Version"), gettext("Sent at"),
        gettext("Sent by"),
    ]  # fmt: skip
    return Sheets([
        sheet_of(
            db.session(), _chosen(), _lines, headings=headings,
            title=gettext("The schools’ summaries of %(year)s", year=year_name(_year())),
            notes=[gettext("As of %(day)s", day=format_date(_today()))],
            formats=["text", "text", "text", "count", "text", "text"],
        )
    ])  # fmt: skip


def _lines(rows: Sequence[Any]) -> Iterator[list[Cell]]:
    for row in rows:
        sent_at = format_datetime(row.sent_at, "short") if row.sent_at else None
        yield [row.name, row.township, gettext(STATES[row.state]), row.number, sent_at, row.signed_name]


SENT = declare(
    Kind(
        "district.summaries", N_("Which schools have sent their summary"), Permission.RECEIVE_SUMMARIES,
        list_content, "summaries", place="district", names_children=False, reach=within_townships(),
    )
)  # fmt: skip


@blueprint.get("/schools/<int:district_summary_id>/document.docx")
@requires(Permission.RECEIVE_SUMMARIES)
def school_document(district_summary_id: int) -> Response:
    """A school's document as it was sent; that an officer took it out is logged."""
    query = queries.sent_in_reach(realm().id, district_summary_id, current_user.township_ids)
    found, school = db.session.execute(query).one_or_none() or abort(404)
    content, year = found.content, found.year
    audit(
        db.session(), "export_summary", "district_summary", found.id, district_id=realm().id,
        by=current_user.id, school=found.unit_id, year=year, number=found.number,
    )  # fmt: skip
    db.session.commit()
    return document_response(content, f"{school} {gettext('Annual summary')} {year_name(year)}")


@blueprint.route("/schools/due-day", methods=["GET", "POST"])
@requires(Permission.SET_FILINGS)
def due_day() -> BaseResponse | str | tuple[str, int]:
    """By when the schools send the summary of a year."""
    year, form = _year(), DueDayForm()
    if not form.is_submitted():
        form.due_on.data = _due_on(year)
    if form.validate_on_submit() and succeeds(form, lambda: set_due_day(
        db.session(), district_id=realm().id, year=year, due_on=form.due_on.data, today=_today(),
        by=current_user.id,
    )):  # fmt: skip
        flash(gettext("Saved."), "success")
        return redirect(url_for("district_summaries.school_list", year=year))
    shown = render_template("summaries/due_day.html", form=form, year=year)
    return (shown, 422) if form.errors or form.form_errors else shown


@blueprint.post("/schools/reminders")
@requires(Permission.WRITE_CORRESPONDENCE)
def remind() -> BaseResponse:
    """Asks each school that has sent none, by a request of its own among notices and requests."""
    year, today = _year(), _today()

    def act() -> str:
        count = remind_of_summary(
            db.session(), district_id=realm().id, year=year, townships=current_user.township_ids,
            title=gettext("Annual summary %(year)s", year=year_name(year)),
            text=gettext(
                "Your annual summary of the school year %(year)s has not been sent. Please make it final and"
                " send it, or say here what hinders.", year=year_name(year),
            ),
            due_on=today + ANSWER_WITHIN, today=today, client_key=_key(),
            by=Writer("district", current_user.id, current_user.name),
        )  # fmt: skip
        return str(ngettext("Asked: %(num)s school.", "Asked: %(num)s schools.", count))

    attempt(act)
    return redirect(url_for("district_summaries.school_list", year=year))


def _key() -> UUID:
    """The page's own key: sent twice, it asks once."""
    try:
        return UUID(request.form.get("key", ""))
    except ValueError:
        return uuid4()


def _today() -> date:
    return clock.today(realm().timezone)


def _year() -> int:
    """The school year that the request names, else the last one that is over; 404 for what is none."""
    newest = year_of(_today())
    year = request.values.get("year", newest - 1, type=int)
    return year if 2000 <= year <= newest else abort(404)


def _years(chosen: int) -> list[tuple[int, str]]:
    terms = calendar_of(db.session(), realm().id, [_today()]).terms
    years = sorted({*years_with_terms(terms, _today()), chosen}, reverse=True)
    return [(one, year_name(one)) for one in years]


def _due_on(year: int) -> date | None:
    found = db.session.scalars(queries.call_of(realm().id, year)).one_or_none()
    return found.due_on if found else None


def _standings() -> Select[*tuple[Any, ...]]:
    year = _year()
    due_on = _due_on(year)
    is_late = due_on is not None and due_on < _today()
    return queries.standings(realm().id, year, current_user.township_ids, is_late=is_late)


def _chosen() -> Select[*tuple[Any, ...]]:
    """The schools that the list's form asks for; those that are missing first."""
    rows = _standings()
    if request.args.get("q", "").strip():
        rows = rows.where(queries.named(request.args["q"].strip()[:100]))
    one = rows.subquery()
    query = select(one)
    if request.args.get("state") in STATES:
        query = query.where(one.c.state == request.args["state"])
    sort = request.args.get("sort", "")
    if sort.removeprefix("-") not in SORTS:
        return query.order_by(one.c.told_id.is_not(None), one.c.name)
    by = one.c[SORTS[sort.removeprefix("-")]]
    return query.order_by((by.desc() if sort.startswith("-") else by.asc()).nulls_last(), one.c.name)
