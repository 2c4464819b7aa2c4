"""Whom activities reach (P23): care targets by how often they joined in a term, the forgotten ones first."""

from collections import Counter
from datetime import date
from typing import Any

from flask import Response, render_template, request
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy import Select, func, select

from lxsaas.accounts.access import realm, requires
from lxsaas.activities import queries
from lxsaas.activities.views import blueprint
from lxsaas.care.queries import term_on
from lxsaas.core.audit import audit
from lxsaas.core.export import Table, to_xlsx
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import classes_with
from lxsaas.registers.pages import XLSX

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


@blueprint.get("/activities/reach.xlsx")
@requires(Permission.VIEW_PUPILS)
def activity_reach_export() -> Response:
    """The same as a workbook; that it was taken is logged."""
    first, today = _term_so_far()
    rows = db.session.execute(queries.reached(_targets(), first, today)).all()
    cells = [[pupil.name, code, times, last.isoformat() if last else ""] for pupil, code, times, last in rows]
    headings = [gettext("Child"), gettext("Class"), gettext("Activities"), gettext("Last on")]
    days = gettext("%(first)s to %(last)s", first=format_date(first), last=format_date(today))
    table = Table(
        gettext("Whom activities reach"), [days], headings, ["text", "text", "count", "text"], cells
    )
    audit(
        db.session(), "export_activity", "activity", None,
        school_id=realm().id, by=current_user.id, rows=len(rows),
    )  # fmt: skip
    db.session.commit()
    headers = {"Content-Disposition": 'attachment; filename="activity-reach.xlsx"'}
    return Response(to_xlsx(table), content_type=XLSX, headers=headers)


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
