"""The year's evaluation: the ranking for the principal, for each homeroom teacher the own score."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.downloads import download
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.evaluation import export, queries
from lxsaas.evaluation import messages as messages
from lxsaas.evaluation.actions import MOST, set_weights
from lxsaas.evaluation.definitions import LEAST_CHILDREN, LEAST_DUE, LEAST_SHARE, PARTS, TERM_DAYS
from lxsaas.evaluation.queries import Score
from lxsaas.evaluation.years import years_with_terms
from lxsaas.extensions import db
from lxsaas.indicators.periods import Calendar
from lxsaas.indicators.queries import calendar_of
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import SchoolClass
from lxsaas.schools.years import year_of

blueprint = Blueprint("evaluation", __name__, url_prefix="/s/<school_slug>")
add_tile(
    "school",
    "evaluation.ranking",
    lazy_gettext("Evaluation of homeroom teachers"),
    "chart",
    Permission.EVALUATE,
)
add_tile("school", "evaluation.own", lazy_gettext("My year"), "chart", Permission.RECORD_CARE)
PAGE_SIZE = 60


@blueprint.context_processor
def words() -> dict[str, object]:
    """The rule in numbers, and how a school year is called."""
    return {
        "least_due": LEAST_DUE, "least_children": LEAST_CHILDREN, "least_share": LEAST_SHARE,
        "term_days": TERM_DAYS, "year_name": year_name, "evaluation_parts": PARTS,
    }  # fmt: skip


def year_name(year: int) -> str:
    return str(gettext("School year %(first)s–%(last)s", first=year, last=year + 1))


@blueprint.get("/evaluation")
@requires(Permission.EVALUATE)
def ranking() -> str:
    """Every homeroom teacher's year so far, best first."""
    calendar, year = _calendar(), _year()
    scores, weights = _scores(calendar, year)
    return render_template(
        "evaluation/ranking.html", scores=scores, ranks=ranks_of(scores), year=year, weights=weights,
        years=_years(calendar, year),
    )  # fmt: skip


@blueprint.get("/evaluation.xlsx")
@requires(Permission.EVALUATE)
def ranking_export() -> Response:
    """The same for a spreadsheet; its making is logged."""
    year = _year()
    scores, weights = _scores(_calendar(), year)
    table = export.table(scores, weights, year_name(year), ranks_of(scores))
    audit(
        db.session(), "export_evaluation", "evaluation_weight", None,
        school_id=realm().id, by=current_user.id, year=year, rows=len(scores),
    )  # fmt: skip
    db.session.commit()
    return download(table, "xlsx", f"evaluation-{year}")


@blueprint.get("/evaluation/own")
@requires(Permission.RECORD_CARE)
def own() -> str:
    """The signed-in person's own year, with the formula."""
    return _one(current_user.id)


@blueprint.get("/evaluation/teachers/<int:staff_id>")
@requires(Permission.EVALUATE)
def teacher(staff_id: int) -> str:
    """One homeroom teacher's year, part by part."""
    return _one(staff_id)


@blueprint.get("/evaluation/teachers/<int:staff_id>/<code>")
@requires(Permission.RECORD_CARE)
def evidence(staff_id: int, code: str) -> str:
    """What the points of a part are made of: each thing due; of others only for the principal."""
    may_all = Permission.EVALUATE in current_user.permissions
    if code not in PARTS or not (may_all or staff_id == current_user.id):
        abort(404)
    calendar, year = _calendar(), _year()
    score = next((one for one in _scores(calendar, year)[0] if one.staff_id == staff_id), None) or abort(404)
    rows = queries.evidence_of(
        db.session(), school_id=realm().id, calendar=calendar, year=year, part=PARTS[code], staff_id=staff_id,
        today=reach.today(),
    )  # fmt: skip
    missing = request.args.get("show") == "missing"
    shown = [one for one in rows if not (missing and one.is_counted)]
    page = Page.of(shown, request.args.get("page", 1, type=int), PAGE_SIZE)
    return render_template(
        "evaluation/evidence.html", page=page, part=PARTS[code], score=score, year=year, missing=missing,
        held=next(one for one in score.parts if one.part.code == code), terms=calendar.terms,
        children=_children(page.items), classes=_classes(page.items),
    )  # fmt: skip


@blueprint.route("/evaluation/weights", methods=["GET", "POST"])
@requires(Permission.EVALUATE)
def weights() -> BaseResponse | str | tuple[str, int]:
    """What each part weighs this year."""
    year, errors = _year(), {}
    known = queries.weights_of(db.session(), realm().id, year)
    if request.method == "POST":
        try:
            set_weights(db.session(), school_id=realm().id, year=year, weights=_typed(), by=current_user.id)
        except RuleError as error:
            db.session.rollback()
            errors = {error.field or "": sentence(error, gettext)}
        else:
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for("evaluation.ranking", year=year))
    typed = {code: request.form.get(code, str(weight)) for code, weight in known.items()}
    shown = render_template("evaluation/weights.html", year=year, typed=typed, errors=errors, most=MOST)
    return (shown, 422) if errors else shown


def ranks_of(scores: Sequence[Score]) -> list[int | None]:
    """The place of each; who shows as many points shares it, who has none has no place."""
    points = [None if one.points is None else round(one.points, 1) for one in scores]
    return [None if mine is None else 1 + sum(other is not None and other > mine for other in points)
            for mine in points]  # fmt: skip


def _typed() -> dict[str, int]:
    """The weights that were sent; raises RuleError at the first that is no number."""
    found = {}
    for code in PARTS:
        text = request.form.get(code, "").strip()
        if not text.isdecimal() or len(text) > 3:
            raise RuleError("weight_range", field=code, most=MOST)
        found[code] = int(text)
    return found


def _one(staff_id: int) -> str:
    calendar, year = _calendar(), _year()
    scores, weights = _scores(calendar, year)
    score = next((one for one in scores if one.staff_id == staff_id), None)
    if score is None and staff_id != current_user.id:
        abort(404)
    return render_template(
        "evaluation/teacher.html", score=score, year=year, years=_years(calendar, year), weights=weights,
        is_own=staff_id == current_user.id, may_all=Permission.EVALUATE in current_user.permissions,
    )  # fmt: skip


def _scores(calendar: Calendar, year: int) -> tuple[list[Score], queries.Weights]:
    weights = queries.weights_of(db.session(), realm().id, year)
    scores = queries.scores_of(
        db.session(), school_id=realm().id, calendar=calendar, year=year, weights=weights, today=reach.today()
    )
    return scores, weights


def _calendar() -> Calendar:
    return calendar_of(db.session(), realm().district_id, [reach.today()])


def _year() -> int:
    """The school year that the address names, else that of today; 404 for what is none."""
    year = request.args.get("year", year_of(reach.today()), type=int)
    return year if 2000 <= year <= year_of(reach.today()) else abort(404)


def _years(calendar: Calendar, chosen: int) -> list[int]:
    return sorted({*years_with_terms(calendar.terms, reach.today()), chosen}, reverse=True)


def _children(rows: Sequence[Any]) -> dict[int, str]:
    """Names of the children whom the signed-in person may see today: of the others none (P8)."""
    ids = {one.pupil_id for one in rows if one.pupil_id}
    query = select(Pupil.id, Pupil.name).where(Pupil.school_id == realm().id, Pupil.id.in_(ids))
    if not reach.whole_school():
        query = query.where(Pupil.id.in_(reach.pupils().with_only_columns(Pupil.id)))
    return {row.id: row.name for row in db.session.execute(query)}


def _classes(rows: Sequence[Any]) -> dict[int, str]:
    query = select(SchoolClass.id, SchoolClass.code).where(
        SchoolClass.school_id == realm().id, SchoolClass.id.in_({one.class_id for one in rows})
    )
    return {row.id: row.code for row in db.session.execute(query)}
