"""The district's first page, the screen on the office's wall, and the page with which a person begins."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import is_inside, realm, requires
from lxsaas.accounts.actions import choose_start_view as choose
from lxsaas.alarms import labels
from lxsaas.alarms.queries import Reach, open_alarms_shown
from lxsaas.core.permissions import Permission
from lxsaas.district.board import Board, board
from lxsaas.district.kept_pages import shown
from lxsaas.district.selection import SILENT_DAYS
from lxsaas.extensions import db
from lxsaas.indicators.definitions import INDICATORS

blueprint = Blueprint("district", __name__, url_prefix="/d/<district_slug>")

WORST_SCHOOLS = 10
ALARMS = 6
ON_THE_WALL = (
    "care_targets", "talk_monthly", "home_visit_monthly", "parent_call_monthly", "three_way_monthly",
    "must_visit_on_time", "archive_complete", "drop_outs",
)  # fmt: skip
"""The figures that the wall has room for."""
ON_THE_WALL_SCHOOLS = 6


@blueprint.get("/overview")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def dashboard() -> Response:
    """Where care is missing: headline figures, schools that miss most, townships, the course of two years."""
    return shown("district/overview.html", overview)


def overview() -> Mapping[str, Any]:
    found = read_board()
    if found is None:
        return {"board": None}
    worst = found.missing[:WORST_SCHOOLS]
    found.read(worst, change_of=("district", realm().id))
    return {
        "board": found,
        "headline_figures": found.whole(realm().id),
        "worst": worst,
        "silent_days": SILENT_DAYS[0],
        **standing_alarms(),
        "trends": found.course("district", realm().id),
        "indicators": INDICATORS.values(),
        "manages": Permission.SET_DISTRICT_DUTIES in current_user.permissions,
    }


def standing_alarms(school_id: int | None = None) -> Mapping[str, Any]:
    """The alarms that stand, within reach; of one school only those about it."""
    reach = Reach(current_user.township_ids, Permission.VIEW_HARM_STATES in current_user.permissions)
    rows = db.session.execute(open_alarms_shown(realm().id, reach, school_id=school_id, most=ALARMS)).all()
    return {
        "alarms": [(alarm, rule, name) for alarm, rule, name, _ in rows],
        "alarm_count": rows[0][3] if rows else 0,
        "labels": labels,
    }


def read_board() -> Board | None:
    """The last night within the reach of the signed-in person."""
    return board(db.session(), realm().id, current_user.township_ids)


def board_or_404() -> Board:
    return read_board() or abort(404)


@blueprint.get("/wall")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def wall() -> Response:
    """A few figures in large type for the office's screen; it brings itself up to date."""
    return shown("district/wall.html", on_the_wall)


def on_the_wall() -> Mapping[str, Any]:
    found = read_board()
    if found is None:
        return {"board": None}
    worst = found.missing[:ON_THE_WALL_SCHOOLS]
    found.read(worst, change_of=("district", realm().id))
    figures = found.night.figures.of("district", realm().id)
    return {
        "board": found,
        "headline_figures": [figure for code in ON_THE_WALL if (figure := figures[code]) is not None],
        "worst": worst,
        **standing_alarms(),
    }


@blueprint.post("/start-view")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def choose_start_view() -> BaseResponse:
    """Keeps a page as the one with which the signed-in person begins; empty: the usual one."""
    view = request.form.get("view", "")
    address = f"{realm().path}{view}"
    if not is_inside(address) or len(view) > 500:
        abort(400)
    choose(db.session(), current_user.account, view or None)
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(address if view else url_for("district.dashboard"))
