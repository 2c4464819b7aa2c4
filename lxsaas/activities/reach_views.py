"""Whom activities reach (P23): care targets by how often they joined in a term, the forgotten ones first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.activities import queries
from lxsaas.activities.views import blueprint
from lxsaas.care.queries import term_on
from lxsaas.core.audit import audit
from lxsaas.core.export import Cell
from lxsaas.core.messages import N_
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import classes_with

PAGE_SIZE = 60
OFTEN = 3
"""So many activities and more are one bar of the chart."""


@blueprint.get("/activities/reach")
@requires(Permission.VIEW_PUPILS)
def activity_reach() -> str:
    """The care targets within reach, those first who joined nothing."""
    first, today = _term_so_far()
    query = queries.reached(_targets(), first, today)
    times = query.with_only_columns(query.selected_columns.times).order_by(None).subquery()
    counted: dict[int, int] = dict(
        db.session.execute(select(times.c.times, func.count()).group_by(times.c.times)).all()
    )
    total = sum(counted.values())
    pages = max(-(-total // PAGE_SIZE), 1)
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = db.session.execute(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return render_template(
        "activities/reach.html", page=Page(rows, number, pages, total), bars=_bars(counted), total=total,
        forgotten=counted.get(0, 0), first=first, today=today, class_id=_class_id(),
        classes=db.session.scalars(classes_with(reach.pupils())).all(),
    )  # fmt: skip


@blueprint.route("/activities/reach.xlsx", methods=["GET", "POST"])
@requires(Permission.VIEW_PUPILS)
def activity_reach_export() -> BaseResponse:
    """The same as a workbook, a long one asked for by POST; that it was taken is logged."""
    return list_or_job(REACHED)


def reach_content() -> Content:
    first, today = _term_so_far()
    days = gettext("%(first)s to %(last)s", first=format_date(first), last=format_date(today))
    return Sheets([
        sheet_of(
            db.session(), queries.reached(_targets(), first, today), _lines,
            title=gettext("Whom activities reach"), notes=[days],
            headings=[gettext("Child"), gettext("Class"), gettext("Activities"), gettext("Last on")],
            formats=["text", "text", "count", "text"],
        )
    ])  # fmt: skip


def _lines(rows: Sequence[Any]) -> Iterator[list[Cell]]:
    for pupil, code, times, last in rows:
        yield [pupil.name, code, times, last.isoformat() if last else ""]


def note_reach_export(rows: int) -> None:
    audit(
        db.session(), "export_activity", "activity", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


REACHED = declare(
    Kind(
        "activity_reach", N_("Whom activities reach"), Permission.VIEW_PUPILS, reach_content,
        "activity-reach", reach=reach.reached_ids, note=note_reach_export,
    )
)  # fmt: skip


def _term_so_far() -> tuple[date, date]:
    """The first day of the running term, or of the last one, and today."""
    today = reach.today()
    term = db.session.scalars(term_on(realm().district_id, today)).one_or_none()
    return (term.starts_on if term else today.replace(month=1, day=1)), today


def _class_id() -> int | None:
    return request.args.get("class", type=int)


def _targets() -> Select[Pupil]:
    """The care targets within reach, of the chosen class."""
    pupils = reach.pupils().where(queries.is_target(db.session(), realm().id, reach.today()))
    class_id = _class_id()
    return pupils.where(Pupil.class_id == class_id) if class_id else pupils


def _bars(counted: dict[int, int]) -> dict[str, Any]:
    """How many children joined nothing, one activity, two, more."""
    bars: Counter[int] = Counter()
    for times, children in counted.items():
        bars[min(times, OFTEN)] += children
    labels = [gettext("None"), gettext("One"), gettext("Two"), gettext("Three or more")]
    values = [bars[number] for number in range(OFTEN + 1)]
    series = [{"name": gettext("Children"), "values": values}]
    return {"labels": labels, "unit": "count", "target": None, "series": series}
