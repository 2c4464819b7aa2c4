"""A class's facts for the statistics on one page: guardianship, home, boarding, health, registration."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_login import current_user
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.archive.facts import CODES, set_facts
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.filings import facts, pages
from lxsaas.filings.definitions import FACT_OF
from lxsaas.filings.drafting import Source, asked_now
from lxsaas.filings.facts import FactRow
from lxsaas.filings.views import blueprint
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import classes_with, pupils_kept_by
from lxsaas.schools.models import SchoolClass

__all__ = ["blueprint"]

PAGE_SIZE = 50
add_tile(
    "child", "filings.class_facts", lazy_gettext("Guardianship by class"), "home-heart", Permission.EDIT_FILES
)


@blueprint.get("/facts")
@requires(Permission.EDIT_FILES)
def class_facts() -> str:
    """A row a child, of one class or of all that lack something."""
    return show(*chosen())


@blueprint.post("/facts")
@requires(Permission.EDIT_FILES)
def save_class_facts() -> BaseResponse | tuple[str, int]:
    """Keeps what was changed on the page, for all its children or for none."""
    rows, asked = chosen()
    changes = facts.changes_of(rows, request.form)
    try:
        facts.check_homes(rows, changes)
        count = set_facts(
            db.session(), school_id=realm().id, changes=changes, today=reach.today(), by=current_user.id
        )
    except RuleError as error:
        db.session.rollback()
        fresh, asked = chosen()
        return show(with_typed(fresh, rows, error), asked), 422
    db.session.commit()
    flash(ngettext("Saved: %(num)s child changed.", "Saved: %(num)s children changed.", count), "success")
    return redirect(url_for("filings.class_facts", **asked))


def with_typed(fresh: list[FactRow], sent: list[FactRow], error: RuleError) -> list[FactRow]:
    """The rows as they stand now, with what was typed, and the refusal at its child."""
    typed = {one.pupil_id: one.typed for one in sent}
    for row in fresh:
        row.typed = typed.get(row.pupil_id, {})
        row.error = error if error.field == str(row.pupil_id) else None
    return fresh


def chosen() -> tuple[list[FactRow], dict[str, Any]]:
    """(rows, what the address asks for): a class, or what is missing; else the first class."""
    missing, class_id = request.args.get("missing") or None, request.args.get("class", type=int)
    if missing is not None and missing not in FACT_OF:
        abort(404)
    if missing is None and class_id is None:
        first = db.session.scalars(classes_with(reach.kept()).limit(1)).one_or_none()
        class_id = first.id if first else None
    counted = source()
    rows = facts.rows_of(db.session(), counted, kept(counted), class_id=class_id, missing=missing)
    return rows, {"class": class_id, "missing": missing, "term": request.args.get("term", type=int)}


def kept(counted: Source) -> Select[Pupil]:
    """Children of the table whose files one keeps: of a whole school also those who have left since."""
    if not reach.whole_school():
        return reach.kept()
    return pupils_kept_by(
        school_id=realm().id, staff_id=current_user.id, whole_school=True, on=counted.parameters["on"]
    )


def source() -> Source:
    """The children of the term that the address names, else of the newest that has begun."""
    term_id = request.args.get("term", type=int)
    if term_id is not None:
        return pages.draft_source(pages.term_or_404(term_id))
    return Source.draft(realm().id, asked_now(db.session(), realm().district_id, reach.today()))


def show(rows: list[FactRow], asked: dict[str, Any]) -> str:
    classes: list[SchoolClass] = list(db.session.scalars(classes_with(reach.kept())))
    refused = next((row for row in rows if row.error), None)
    number = request.args.get("page", 1, type=int)
    if refused is not None:
        number = rows.index(refused) // PAGE_SIZE + 1
    shown = render_template(
        "filings/class_facts.html", page=Page.of(rows, number, PAGE_SIZE), asked=asked, classes=classes,
        divisions=facts.DIVISIONS, of_division=FACT_OF, codes=CODES,
        errors={row.pupil_id: sentence(row.error, gettext) for row in rows if row.error},
    )  # fmt: skip
    pages.log_sight("view_filing", None, column=asked["missing"] or "facts", grade=None, rows=len(rows))
    return shown
