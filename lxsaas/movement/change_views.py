"""Who entered and who left the left-behind children between two days, on a page and as a workbook."""

from datetime import date, timedelta

from flask import render_template, request
from flask_babel import format_date, gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.export import Table
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.movement import queries
from lxsaas.movement.changes import Change, changes_between
from lxsaas.movement.views import blueprint
from lxsaas.navigation import add_tile
from lxsaas.pupils import labels, reach
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.pupils.models import ParentAbsence, Pupil

add_tile("year", "movement.changes", lazy_gettext("Who entered, who left"), "users", Permission.EDIT_FILES)


@blueprint.get("/left-behind-changes")
@requires(Permission.EDIT_FILES)
def changes() -> str:
    """Who entered and who left between two days under a definition, and who counted on each."""
    first, last, definition = _asked()
    found = changes_between(db.session(), _everybody(), definition, first, last)
    return render_template(
        "movement/changes.html", found=found, first=first, last=last, definition=definition,
        reason_in_words=reason_in_words,
        definitions=[(code, gettext(one.name)) for code, one in DEFINITIONS.items()],
    )  # fmt: skip


@blueprint.post("/left-behind-changes.xlsx")
@requires(Permission.EDIT_FILES)
def changes_export() -> BaseResponse:
    """The same as a workbook; its making is logged."""
    return list_or_job(CHANGES)


def changes_content() -> Content:
    """Two sheets: who entered and who left, who counted on the last day."""
    first, last, definition = _asked()
    notes = [gettext(DEFINITIONS[definition].name), f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"]
    found = changes_between(db.session(), _everybody(), definition, first, last)
    rows = [
        [one.pupil.name, one.class_code, gettext("entered") if entered else gettext("left"),
         reason_in_words(one), format_date(one.on, "yyyy-MM-dd")]
        for entered, listed in ((True, found.entered), (False, found.left))
        for one in listed
    ]  # fmt: skip
    counted = db.session.execute(queries.counted_on(_everybody(), definition, last)).all()
    codes = dict(db.session.execute(queries.membership_on([one.id for one, _ in counted], last)).all())
    child = [gettext("Child"), gettext("Class")]
    moved = Table(
        gettext("Who entered, who left"), notes,
        [*child, gettext("What happened"), gettext("Reason"), gettext("Day")], ["text"] * 5, rows,
    )  # fmt: skip
    listed = Table(
        gettext("Who counted on %(day)s", day=format_date(last, "yyyy-MM-dd")), notes[:1],
        [*child, gettext("Kind")], ["text"] * 3,
        [[one.name, codes.get(one.id, ""), gettext(labels.KINDS[kind])] for one, kind in counted],
    )  # fmt: skip
    return Sheets([Sheet(moved.title, moved, len(rows)), Sheet(gettext("Who counted"), listed, len(counted))])


def note_changes_export(rows: int) -> None:
    audit(
        db.session(), "export_changes", "left_behind_spell", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


CHANGES = declare(
    Kind(
        "changes", N_("Who entered, who left"), Permission.EDIT_FILES, changes_content, "left-behind-changes",
        reach=reach.reached_ids, note=note_changes_export,
    )
)  # fmt: skip


def reason_in_words(change: Change) -> str:
    """'a parent has been away long enough: father since 2025-03-01'."""
    return str(gettext(", ")).join(
        [gettext(change.reason), *(_of_parent(one, change.on) for one in change.parents)]
    )


def _of_parent(absence: ParentAbsence, on: date) -> str:
    parent = gettext(labels.PARENTS[absence.parent])
    if absence.ends_on == on:
        return str(gettext("%(parent)s back on %(day)s", parent=parent, day=format_date(on, "yyyy-MM-dd")))
    since = format_date(absence.starts_on, "yyyy-MM-dd")
    return str(gettext("%(parent)s away since %(day)s", parent=parent, day=since))


def _everybody() -> Select[Pupil]:
    """The pupils one may see, for who sees the whole school with those who have left."""
    if reach.whole_school():
        return select(Pupil).where(Pupil.school_id == realm().id)
    return reach.pupils()


def _asked() -> tuple[date, date, str]:
    """The days and the definition of the request: by default the last month, as the district counts."""
    today = reach.today()
    last = min(_day("last") or today, today)
    first = min(_day("first") or last - timedelta(days=30), last)
    definition = request.values.get("definition", "")
    if definition not in DEFINITIONS:
        definition = reach.care_definition()
    return first, last, definition


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return None
