"""Schools beside each other, as a table and as a heat map, and one school's aggregates; never a child."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request
from flask_babel import lazy_gettext
from flask_login import current_user

from lxsaas.accounts.access import requires
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.district.kept_pages import shown
from lxsaas.district.peers import compare, peers_of
from lxsaas.district.selection import SILENT_DAYS, SIZES, Selection, size_of
from lxsaas.district.views import blueprint, board_or_404, read_board, standing_alarms
from lxsaas.indicators.definitions import INDICATORS

TABLE_PAGE = 50
HEAT_MAP_PAGE = 100
SIZE_NAMES = {
    "tiny": lazy_gettext("below 100 pupils"),
    "small": lazy_gettext("100–299 pupils"),
    "middle": lazy_gettext("300–599 pupils"),
    "large": lazy_gettext("600–1,199 pupils"),
    "huge": lazy_gettext("1,200 pupils and more"),
}


@blueprint.get("/schools")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_table() -> Response:
    """All schools with their figures: search, filter, sort, page."""
    return shown("district/school_table.html", lambda: chosen_schools(TABLE_PAGE))


@blueprint.get("/heat-map")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def heat_map() -> Response:
    """Schools × indicators, coloured by how far each is from its target."""
    return shown("district/heat_map.html", lambda: chosen_schools(HEAT_MAP_PAGE))


def chosen_schools(size: int) -> Mapping[str, Any]:
    """A page of the schools that the address asks for, with what the filters offer."""
    found = read_board()
    if found is None:
        return {"board": None}
    selection = Selection.of(request.args)
    page = Page.of(selection.schools(found), request.args.get("page", 1, type=int), size)
    found.read(page.items)
    return {
        "board": found,
        "selection": selection,
        "page": page,
        "indicators": list(INDICATORS.values()),
        "size_names": {name: SIZE_NAMES[name] for name in SIZES},
        "silent_days": SILENT_DAYS,
    }


@blueprint.get("/schools/<int:school_id>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_detail(school_id: int) -> Response:
    """One school's published figures, their course, and the schools of its size beside it."""
    return shown("district/school_detail.html", lambda: school_figures(school_id))


def school_figures(school_id: int) -> Mapping[str, Any]:
    found = board_or_404()
    school = found.school(school_id) or abort(404)
    peers = peers_of(school, found.schools)
    found.read([school, *peers], change_of=("school", school_id))
    return {
        "board": found,
        "school": school,
        "size_name": SIZE_NAMES.get(size_of(school) or ""),
        "peers": peers,
        "comparison": compare(school, peers),
        "trends": found.course("school", school_id),
        "writes": Permission.WRITE_CORRESPONDENCE in current_user.permissions,
        **standing_alarms(school_id),
    }
