"""A school's own figures, exact: what its records say of its care."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.messages import N_
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.correspondence import pages as letters
from lxsaas.correspondence import queries as correspondence
from lxsaas.correspondence.models import CorrespondenceThread
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.indicators import export, queries
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.explaining import Explained, explain
from lxsaas.indicators.figures import months_before, own_figures, trends
from lxsaas.indicators.models import SchoolIndicator
from lxsaas.indicators.night import targets_of

blueprint = Blueprint("indicators", __name__, url_prefix="/s/<school_slug>")
TREND_MONTHS = 12
PAGE_SIZE = 50
CONFIDENTIAL = ("high_risk_followed",)
"""Indicators whose children are in counselling."""


@blueprint.get("/figures")
@requires(Permission.VIEW_SCHOOL_FIGURES)
def school_figures() -> str:
    """The last night's figures with their change, and the course of a year."""
    day = db.session.scalar(queries.last_counted_day(realm().id))
    if day is None:
        return render_template("indicators/no_figures.html")
    months = months_before(day, TREND_MONTHS)
    history = db.session.scalars(queries.own_history(realm().id, since=months[0])).all()
    now = db.session.scalars(queries.own_figures_as_of(realm().id, day)).all()
    before = db.session.scalars(queries.own_figures_before(realm().id, day)).all()
    targets = targets_of(db.session(), realm().district_id)
    return render_template(
        "indicators/school_figures.html",
        as_of=day,
        headline_figures=own_figures(now, before, targets),
        trends=trends(history, months),
        indicators=INDICATORS.values(),
        asked=open_requests(),
        today=clock.today(realm().timezone),
        hidden_lists=() if Permission.VIEW_RISK in current_user.permissions else CONFIDENTIAL,
    )


@blueprint.get("/figures/<code>")
@requires(Permission.VIEW_SCHOOL_FIGURES)
def figure_detail(code: str) -> str:
    """What stands behind a figure: the children or items counted and missing, now and last night."""
    stored = _stored(code)
    found = _explained(stored)
    if code in CONFIDENTIAL:
        audit(
            db.session(), "view_risk_list", "counselling_case", None,
            school_id=realm().id, by=current_user.id, pupil_ids=[one.item for one in found.due],
        )  # fmt: skip
        db.session.commit()
    shown = [one for one in found.due if request.args.get("show") != "missing" or not one.is_counted]
    return render_template(
        "indicators/figure_detail.html",
        stored=stored,
        found=found,
        page=Page.of(shown, request.args.get("page", 1, type=int), PAGE_SIZE),
        definition=INDICATORS[code],
        target=targets_of(db.session(), realm().district_id).of(code, stored.as_of),
    )


@blueprint.route("/figures/<code>.<any(xlsx, csv):form>", methods=["GET", "POST"])
@requires(Permission.VIEW_SCHOOL_FIGURES)
def figure_export(code: str, form: str) -> BaseResponse:
    """The same list for a spreadsheet, a long one asked for by POST."""
    return list_or_job(BEHIND_FIGURE, form, code=code)


def figure_content(code: str) -> Content:
    found = _explained(_stored(code))
    return Sheets([Sheet(gettext(found.indicator.name), export.table(found), len(found.due))])


def note_figure_export(rows: int, code: str) -> None:
    audit(
        db.session(), "export_figure", "school_indicator", None,
        school_id=realm().id, by=current_user.id, indicator=code, rows=rows,
    )  # fmt: skip


def lists_reached() -> list[int]:
    """A number where one sees who is in counselling: who no longer does loses the file."""
    return [1] if Permission.VIEW_RISK in current_user.permissions else []


BEHIND_FIGURE = declare(
    Kind(
        "figure", N_("The list behind a figure"), Permission.VIEW_SCHOOL_FIGURES, figure_content, "figure",
        reach=lists_reached, note=note_figure_export,
    )
)  # fmt: skip


def open_requests() -> Sequence[CorrespondenceThread]:
    """What the district has asked of the school, for who may read it."""
    if Permission.READ_CORRESPONDENCE not in current_user.permissions:
        return []
    return db.session.scalars(correspondence.open_requests(realm().district_id, letters.reach())).all()


def _stored(code: str) -> SchoolIndicator:
    """The figure of the last night, or of the day that the address names; 404 where there is none.

    Who is at high risk is known to few (P8): for others that list does not exist.
    """
    if code not in INDICATORS or (
        code in CONFIDENTIAL and Permission.VIEW_RISK not in current_user.permissions
    ):
        abort(404)
    asked = request.args.get("as_of", type=date.fromisoformat)
    day = asked or db.session.scalar(queries.last_counted_day(realm().id))
    query = queries.own_figure(realm().id, code, day) if day else None
    found = db.session.scalars(query).one_or_none() if query is not None else None
    return found or abort(404)


def _explained(stored: SchoolIndicator) -> Explained:
    return explain(
        db.session(), school_id=realm().id, district_id=realm().district_id, code=stored.indicator,
        as_of=stored.as_of,
    )  # fmt: skip
