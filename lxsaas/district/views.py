"""The district's pages: overview, all schools, one school's aggregates; exports of the same figures."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy.orm import Session

from lxsaas.accounts.access import realm, requires
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.district import export, queries
from lxsaas.district.figures import (
    Figure,
    Key,
    Trend,
    UnitRow,
    figures_by_key,
    months_before,
    sorted_rows,
    trends,
    unit_rows,
)
from lxsaas.extensions import db
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.models import IndicatorRun

blueprint = Blueprint("district", __name__, url_prefix="/d/<district_slug>")

TREND_MONTHS = 12
WORST_SCHOOLS = 10
PAGE_SIZE = 50


@dataclass(frozen=True)
class Night:
    """The last finished run, with every figure of it and of the run before."""

    run: IndicatorRun
    figures: dict[Key, Figure]


@blueprint.get("/overview")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def dashboard() -> str:
    """Where care is missing: headline figures, trend, townships, the schools that miss most."""
    night = last_night(db.session())
    if night is None:
        return render_template("district/no_figures.html")
    figures, schools = night.figures, school_rows(night)
    return render_template(
        "district/dashboard.html",
        run=night.run,
        headline_figures=[figures.get(("district", realm().id, code)) for code in INDICATORS],
        trends=trends_of("district", realm().id, night.run.as_of),
        townships=township_rows(night),
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
    rows = chosen_rows(night)
    return render_template(
        "district/school_table.html",
        run=night.run,
        page=Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE),
        township_options=[(name, name) for name in township_names(night)],
        indicators=INDICATORS.values(),
        sort=request.args.get("sort", "-missed"),
    )


@blueprint.get("/schools.<any(xlsx, csv):form>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_export(form: str) -> Response:
    """The table of schools as it is chosen on the page, for a spreadsheet."""
    night = last_night(db.session()) or abort(404)
    table = export.schools(chosen_rows(night), night.run.as_of)
    return export.response(table, form, f"lxsaas-{realm().slug}-{night.run.as_of}")


@blueprint.get("/schools/<int:school_id>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_detail(school_id: int) -> str:
    """One school's published figures and their course; never a child."""
    night = last_night(db.session())
    if night is None:
        return render_template("district/no_figures.html")
    row = next((row for row in school_rows(night) if row.id == school_id), None) or abort(404)
    return render_template(
        "district/school_detail.html",
        run=night.run,
        school=row,
        trends=trends_of("school", school_id, night.run.as_of),
    )


def last_night(session: Session) -> Night | None:
    """The newest finished run with its figures; None before the first."""
    run = session.scalars(queries.finished_runs().limit(1)).one_or_none()
    if run is None:
        return None
    rows = session.scalars(queries.figures_as_of(run.as_of)).all()
    before = session.scalars(
        queries.figures_before(run.as_of, daily=codes_of("day"), monthly=codes_of("month"))
    ).all()
    return Night(run, figures_by_key(rows, before))


def school_rows(night: Night) -> list[UnitRow]:
    """Every school, those that miss most first."""
    schools = db.session.execute(queries.schools_with_township()).all()
    return unit_rows("school", [(row[0], row[1], row[3]) for row in schools], night.figures)


def township_rows(night: Night) -> list[UnitRow]:
    units = db.session.execute(queries.townships()).all()
    return unit_rows("township", [(row[0], row[1], None) for row in units], night.figures)


def township_names(night: Night) -> list[str]:
    """Names of the townships that have schools."""
    return sorted({row.township for row in school_rows(night) if row.township})


def chosen_rows(night: Night) -> list[UnitRow]:
    """The schools that the address asks for, in its order."""
    wanted, township = request.args.get("q", "").strip(), request.args.get("township", "")
    rows = [
        row
        for row in school_rows(night)
        if wanted in row.name
        and (not township or row.township == township)
        and (not request.args.get("missed") or row.missed)
    ]
    sort = request.args.get("sort", "-missed")
    return sorted_rows(rows, sort.removeprefix("-"), sort.startswith("-"))


def trends_of(level: str, unit_id: int, as_of: date) -> list[Trend]:
    """The course of every indicator of a unit over the last months."""
    months = months_before(as_of, TREND_MONTHS)
    query = queries.history(
        level=level, unit_id=unit_id, since=months[0], daily=codes_of("day"), monthly=codes_of("month")
    )
    return trends(db.session.scalars(query), months)


def codes_of(period: str) -> tuple[str, ...]:
    """The indicators counted for each day, month or term."""
    return tuple(code for code, indicator in INDICATORS.items() if indicator.period == period)
