"""The log as the principal reads it, and the yearly pack."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import format_datetime, gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.auditing import labels, queries
from lxsaas.auditing.pack import pack
from lxsaas.auditing.queries import Wish
from lxsaas.core.audit import audit
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import ask, list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers.offers import staff_offered

blueprint = Blueprint("auditing", __name__, url_prefix="/s/<school_slug>")
PAGE_SIZE = 50
add_tile("school", "auditing.log", lazy_gettext("Who saw what"), "history", Permission.VIEW_AUDIT)
add_section(Section("auditing.log_of_child", lazy_gettext("Who saw what"), "history", Permission.VIEW_AUDIT))


@blueprint.get("/audit")
@requires(Permission.VIEW_AUDIT)
def log() -> str:
    """Every entry, by who, what and when."""
    return _shown(_wish())


@blueprint.get("/pupils/<int:pupil_id>/audit")
@requires(Permission.VIEW_AUDIT)
def log_of_child(pupil_id: int) -> str:
    """Who saw or changed one child's file."""
    pupil = reach.pupil_or_404(pupil_id)
    return _shown(_wish(pupil.id), pupil=pupil)


@blueprint.route("/audit.xlsx", methods=["GET", "POST"])
@requires(Permission.VIEW_AUDIT)
def log_export() -> BaseResponse:
    """The entries as chosen, as a workbook, many asked for by POST; that it was taken is an entry itself."""
    return list_or_job(LOG)


def log_content() -> Content:
    query = queries.entries(realm().id, _wish(), realm().timezone)
    headings = [gettext("When"), gettext("Who"), gettext("What"), gettext("Child")]
    return Sheets([sheet_of(db.session(), query, _lines, title=gettext("Who saw what"), headings=headings)])


def _lines(rows: Sequence[Any]) -> Iterator[list[str]]:
    for entry, name, _, child in rows:
        yield [
            format_datetime(entry.at, "yyyy-MM-dd HH:mm:ss"),
            name or gettext("The operator"),
            labels.words(entry.action, entry.subject),
            child or "",
        ]


def note_log_export(rows: int) -> None:
    audit(
        db.session(), "export_audit", "audit_entry", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


LOG = declare(
    Kind(
        "audit", N_("Who saw what"), Permission.VIEW_AUDIT, log_content, "audit", note=note_log_export
    )
)  # fmt: skip


@blueprint.post("/audit/pack")
@requires(Permission.VIEW_AUDIT)
def yearly_pack() -> BaseResponse:
    """A year's pack, always made by a worker: the whole log is walked to see that nothing is gone."""
    _year_asked()
    return ask(PACK)


def pack_content() -> Content:
    here = realm()
    return pack(
        db.session(), school_id=here.id, slug=here.slug, school=here.name, year=_year_asked(),
        timezone=here.timezone,
    )  # fmt: skip


def note_pack(_rows: int) -> None:
    audit(
        db.session(), "export_audit_pack", "audit_entry", None,
        school_id=realm().id, by=current_user.id, year=_year_asked(),
    )  # fmt: skip


def _year_asked() -> int:
    year = request.form.get("year", type=int) or abort(404)
    return year if 2000 <= year <= reach.today().year else abort(404)


PACK = declare(
    Kind(
        "audit_pack", N_("Audit pack of a year"), Permission.VIEW_AUDIT, pack_content, "audit-pack",
        note=note_pack,
    )
)  # fmt: skip


def _shown(wish: Wish, **more: object) -> str:
    query = queries.entries(realm().id, wish, realm().timezone)
    number = max(request.args.get("page", 1, type=int), 1)
    # Not counted: the log has millions of lines in time; the page asks for one more than it shows.
    rows = db.session.execute(query.limit(PAGE_SIZE + 1).offset((number - 1) * PAGE_SIZE)).all()
    return render_template(
        "auditing/log.html", rows=rows[:PAGE_SIZE], number=number, has_next=len(rows) > PAGE_SIZE, wish=wish,
        words=labels.words, verbs=labels.VERBS, staff=staff_offered(db.session(), realm().id),
        years=[(year, str(year)) for year in range(reach.today().year, reach.today().year - 5, -1)], **more,
    )  # fmt: skip


def _wish(pupil_id: int | None = None) -> Wish:
    verb = request.args.get("verb", "")
    return Wish(
        staff_id=request.args.get("staff", type=int),
        verb=verb if verb in labels.VERBS else "",
        first=_day("first"),
        last=_day("last"),
        pupil_id=pupil_id,
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
