"""One township with its schools, and one indicator in all of them."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request

from lxsaas.accounts.access import realm, requires
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.district.kept_pages import shown
from lxsaas.district.school_views import TABLE_PAGE
from lxsaas.district.selection import Selection
from lxsaas.district.views import blueprint, board_or_404
from lxsaas.indicators.definitions import INDICATORS


@blueprint.get("/townships/<int:township_id>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def township_detail(township_id: int) -> Response:
    """A township's figures, their course and its schools."""
    return shown("district/township_detail.html", lambda: township_figures(township_id))


def township_figures(township_id: int) -> Mapping[str, Any]:
    found = board_or_404()
    township = found.township(township_id) or abort(404)
    schools = [row for row in found.schools if row.township_id == township_id]
    found.read(schools, change_of=("township", township_id))
    return {
        "board": found,
        "township": township,
        "schools": schools,
        "trends": found.course("township", township_id),
        "indicators": list(INDICATORS.values()),
    }


@blueprint.get("/indicators/<code>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def figure_schools(code: str) -> Response:
    """One indicator in the townships and in every school: what the district's figure is the sum of."""
    if code not in INDICATORS:
        abort(404)
    return shown("district/figure_schools.html", lambda: figure_of_schools(code))


def figure_of_schools(code: str) -> Mapping[str, Any]:
    found = board_or_404()
    found.read((), change_of=("district", realm().id))
    found.read_indicator(code)
    rows = Selection.of(request.args, sort=code).schools(found)
    trends = found.course("district", realm().id)
    return {
        "board": found,
        "indicator": INDICATORS[code],
        "figure": found.night.figures.get(("district", realm().id, code)),
        "page": Page.of(rows, request.args.get("page", 1, type=int), TABLE_PAGE),
        "sort": request.args.get("sort", code),
        "trends": [trend for trend in trends if trend.indicator.code == code],
    }
