"""Every table of the district's pages as a file for spreadsheets."""

from flask import Response, abort, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.downloads import download
from lxsaas.core.export import Table
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.district import exports
from lxsaas.district.peers import compare, peers_of
from lxsaas.district.selection import Selection
from lxsaas.district.views import blueprint, board_or_404
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.townships import within_townships
from lxsaas.indicators.definitions import INDICATORS

FORM = "<any(xlsx, csv):form>"


@blueprint.get(f"/overview.{FORM}")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def overview_export(form: str) -> Response:
    """The district's own figures."""
    found = board_or_404()
    found.read((), change_of=("district", realm().id))
    table = exports.figures(realm().name, found.whole(realm().id), found.as_of)
    return _file(table, form, "overview", found.as_of)


@blueprint.get(f"/townships.{FORM}")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def township_export(form: str) -> Response:
    """The townships beside each other."""
    found = board_or_404()
    found.read(())
    table = exports.units(gettext("Townships of the district"), found.townships, found.as_of)
    return _file(table, form, "townships", found.as_of)


@blueprint.route(f"/schools.{FORM}", methods=["GET", "POST"])
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_export(form: str) -> BaseResponse:
    """The schools as they are chosen on the page, many asked for by POST; of one indicator with `?only=`."""
    return list_or_job(SCHOOLS, form)


def school_content() -> Content:
    found, code = board_or_404(), request.args.get("only", "")
    only = [INDICATORS[code]] if code in INDICATORS else []
    rows = Selection.of(request.args).schools(found)
    found.read(rows)
    title = gettext("Schools of the district")
    return Sheets([Sheet(title, exports.units(title, rows, found.as_of, only), len(rows))])


SCHOOLS = declare(
    Kind(
        "district.schools", N_("Schools of the district"), Permission.VIEW_DISTRICT_FIGURES, school_content,
        "schools", place="district", names_children=False, reach=within_townships(),
    )
)  # fmt: skip


@blueprint.get(f"/trends.{FORM}")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def trend_export(form: str) -> Response:
    """The course of the district over two years."""
    found = board_or_404()
    table = exports.trends(realm().name, found.course("district", realm().id), found.as_of)
    return _file(table, form, "trends", found.as_of)


@blueprint.get(f"/townships/<int:township_id>/trends.{FORM}")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def township_trend_export(township_id: int, form: str) -> Response:
    """The course of a township over two years."""
    found = board_or_404()
    township = found.township(township_id) or abort(404)
    course = found.course("township", township_id)
    table = exports.trends(township.name, course, found.as_of)
    return _file(table, form, f"township-{township_id}", found.as_of)


@blueprint.get(f"/schools/<int:school_id>/trends.{FORM}")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def school_trend_export(school_id: int, form: str) -> Response:
    """The course of a school over two years."""
    found = board_or_404()
    school = found.school(school_id) or abort(404)
    table = exports.trends(school.name, found.course("school", school_id), found.as_of)
    return _file(table, form, f"school-{school_id}", found.as_of)


@blueprint.get(f"/schools/<int:school_id>/comparison.{FORM}")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def comparison_export(school_id: int, form: str) -> Response:
    """A school beside the schools of its size."""
    found = board_or_404()
    school = found.school(school_id) or abort(404)
    peers = peers_of(school, found.schools)
    found.read([school, *peers])
    rows = compare(school, peers)
    return _file(exports.comparison(school.name, rows, found.as_of), form, f"size-{school_id}", found.as_of)


def _file(table: Table, form: str, what: str, as_of: object) -> Response:
    return download(table, form, f"{realm().slug}-{what}-{as_of}")
