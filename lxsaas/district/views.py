"""The district's pages: overview, all schools, one school's aggregates; exports of the same figures."""

from flask import Blueprint, Response, abort, render_template, request

from lxsaas.accounts.access import realm, requires
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.district import export
from lxsaas.extensions import db
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.export import response
from lxsaas.indicators.figures import UnitRow, sorted_rows
from lxsaas.indicators.night import last_night, school_rows, township_rows, trends_of

blueprint = Blueprint("district", __name__, url_prefix="/d/<district_slug>")

TREND_MONTHS = 12
WORST_SCHOOLS = 10
PAGE_SIZE = 50


@blueprint.get("/overview")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def dashboard() -> str:
    """Where care is missing: headline figures, trend, townships, the schools that miss most."""
    night = last_night(db.session(), change_of=("district", realm().id))
    if night is None:
        return render_template("district/no_figures.html")
    schools = school_rows(db.session(), night)
    return render_template(
        "district/dashboard.html",
        run=night.run,
        headline_figures=[night.figures.get(("district", realm().id, code)) for code in INDICATORS],
        trends=trends_of(db.session(), "district", realm().id, night, TREND_MONTHS),
        townships=township_rows(db.session(), night),
        schools=schools[:WORST_SCHOOLS],
        school_count=len(schools),
        missing_count=sum(row.missed > 0 for row in schools),
        indicators=INDICATORS.values(),
    )


@blueprint.get("/schools")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_table() -> str:
    """All schools with their figures: search, filter by township, sort, page."""
    night = last_night(db.session())
    if night is None:
        return render_template("district/no_figures.html")
    schools = school_rows(db.session(), night)
    townships = sorted({row.township for row in schools if row.township})
    return render_template(
        "district/school_table.html",
        run=night.run,
        page=Page.of(chosen(schools), request.args.get("page", 1, type=int), PAGE_SIZE),
        township_options=[(name, name) for name in townships],
        indicators=INDICATORS.values(),
        sort=request.args.get("sort", "-missed"),
    )


@blueprint.get("/schools.<any(xlsx, csv):form>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_export(form: str) -> Response:
    """The table of schools as it is chosen on the page, for a spreadsheet."""
    night = last_night(db.session()) or abort(404)
    table = export.schools(chosen(school_rows(db.session(), night)), night.run.as_of)
    return response(table, form, f"{realm().slug}-{night.run.as_of}")


@blueprint.get("/indicators/<code>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def figure_schools(code: str) -> str:
    """One indicator in every school: what the district's figure is the sum of."""
    night, indicator = last_night(db.session()), INDICATORS.get(code)
    if night is None or indicator is None:
        abort(404)
    rows = chosen(school_rows(db.session(), night), sort=code)
    return render_template(
        "district/figure_schools.html",
        run=night.run,
        indicator=indicator,
        figure=night.figures.get(("district", realm().id, code)),
        page=Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE),
        sort=request.args.get("sort", code),
    )


@blueprint.get("/schools/<int:school_id>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_detail(school_id: int) -> str:
    """One school's published figures and their course; never a child."""
    night = last_night(db.session(), change_of=("school", school_id)) or abort(404)
    rows = school_rows(db.session(), night)
    row = next((one for one in rows if one.id == school_id), None) or abort(404)
    return render_template(
        "district/school_detail.html",
        run=night.run,
        school=row,
        trends=trends_of(db.session(), "school", school_id, night, TREND_MONTHS),
    )


def chosen(schools: list[UnitRow], sort: str = "-missed") -> list[UnitRow]:
    """The schools that the address asks for, in its order, else in that of `sort`."""
    wanted, township = request.args.get("q", "").strip(), request.args.get("township", "")
    rows = [
        row
        for row in schools
        if wanted in row.name
        and (not township or row.township == township)
        and (not request.args.get("missed") or row.missed)
    ]
    sort = request.args.get("sort", sort)
    return sorted_rows(rows, sort.removeprefix("-"), sort.startswith("-"))
