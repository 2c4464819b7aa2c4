"""A school's own figures, exact: what its records say of its care."""

from flask import Blueprint, render_template

from lxsaas.accounts.access import realm, requires
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.indicators import queries
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import months_before, own_figures, trends
from lxsaas.indicators.night import targets_of

blueprint = Blueprint("indicators", __name__, url_prefix="/s/<school_slug>")
TREND_MONTHS = 12


@blueprint.get("/figures")
@requires(Permission.VIEW_SCHOOL_FIGURES)
def school_figures() -> str:
    """The last night's figures with their change, and the course of a year."""
    day = db.session.scalar(queries.last_counted_day(realm().id))
    if day is None:
        return render_template("indicators/no_figures.html")
    months = months_before(day, TREND_MONTHS)
    history = db.session.scalars(queries.own_history(realm().id, since=months[0])).all()
    term_start = db.session.scalar(queries.last_term_start(day))
    now = db.session.scalars(queries.own_figures_as_of(realm().id, day, term_start)).all()
    targets = targets_of(db.session(), realm().district_id)
    return render_template(
        "indicators/school_figures.html",
        as_of=day,
        headline_figures=own_figures(now, history, targets),
        trends=trends(history, months, targets),
        indicators=INDICATORS.values(),
    )
