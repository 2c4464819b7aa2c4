"""Pages of awards: nominations, decisions, the year's list, certificates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask_babel import format_date, gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from lxsaas import navigation
from lxsaas.accounts.access import realm, requires
from lxsaas.awards import labels, registers
from lxsaas.awards import messages as messages
from lxsaas.awards.actions import decide_nomination
from lxsaas.awards.certificate import KIND, Honour, certificate_of
from lxsaas.awards.forms import YEARS_BACK, DecisionForm
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.export import Table
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.document_templates.making import in_its_language
from lxsaas.documents.answers import document_response
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.registers.listing import Names, Wish, rows_of
from lxsaas.registers.page_base import PageBase
from lxsaas.registers.pages import mount
from lxsaas.registers.register import Register
from lxsaas.schools.years import year_name, year_of

blueprint = Blueprint("awards", __name__, url_prefix="/s/<school_slug>")
for register in registers.ALL:
    mount(blueprint, register)
navigation.add_tile("school", "awards.year", lazy_gettext("Awards"), "report", Permission.VIEW_PUPILS)


@dataclass(frozen=True)
class Line:
    """One nomination in the year's list."""

    award: str
    name: str
    row: Any
    address: str


@blueprint.get("/awards")
@requires(Permission.VIEW_PUPILS)
def year() -> str:
    """The awards of a school year, those that are decided first."""
    chosen = _chosen_year()
    now = year_of(reach.today())
    return render_template(
        "awards/year.html", lines=list(_lines(db.session(), chosen)), chosen=chosen, labels=labels,
        years=[(one, year_name(one)) for one in range(now + 1, now - YEARS_BACK, -1)],
        leads=[(one, PageBase.mounted[one.key].endpoint("list")) for one in registers.ALL],
    )  # fmt: skip


@blueprint.post("/awards.xlsx")
@requires(Permission.VIEW_PUPILS)
def year_export() -> BaseResponse:
    """The same list for a spreadsheet; its making is logged."""
    return list_or_job(AWARDS)


def export_content() -> Content:
    chosen = _chosen_year()
    cells = [
        [one.award, one.name, gettext(labels.DECISIONS.get(one.row.decision, "–")), _day(one.row.decided_on)]
        for one in _lines(db.session(), chosen)
    ]
    headings = [gettext("Award"), gettext("Who"), gettext("Award decision"), gettext("Award decided on")]
    table = Table(gettext("Awards"), [year_name(chosen)], headings, ["text"] * 4, cells)
    return Sheets([Sheet(table.title, table, len(cells))])


def note_export(rows: int) -> None:
    audit(
        db.session(), "export_awards", "child_nomination", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


AWARDS = declare(
    Kind(
        "awards", N_("Awards"), Permission.VIEW_PUPILS, export_content, "awards",
        reach=reach.reached_ids, note=note_export,
    )
)  # fmt: skip


@blueprint.route("/teacher-nominations/<int:teacher_nomination_id>/decision", methods=["GET", "POST"])
@requires(Permission.DECIDE_AWARDS)
def decide_teacher(teacher_nomination_id: int) -> BaseResponse | str | tuple[str, int]:
    return _decide(registers.TEACHERS, teacher_nomination_id)


@blueprint.route("/child-nominations/<int:child_nomination_id>/decision", methods=["GET", "POST"])
@requires(Permission.DECIDE_AWARDS)
def decide_child(child_nomination_id: int) -> BaseResponse | str | tuple[str, int]:
    return _decide(registers.CHILDREN, child_nomination_id)


@blueprint.post("/teacher-nominations/<int:teacher_nomination_id>/certificate")
@requires(Permission.RECORD_CARE)
def teacher_certificate(teacher_nomination_id: int) -> Response:
    return _certificate(registers.TEACHERS, teacher_nomination_id)


@blueprint.post("/child-nominations/<int:child_nomination_id>/certificate")
@requires(Permission.RECORD_CARE)
def child_certificate(child_nomination_id: int) -> Response:
    return _certificate(registers.CHILDREN, child_nomination_id)


def _decide(register: Register, row_id: int) -> BaseResponse | str | tuple[str, int]:
    """Decides a nomination once; afterwards it stays as it is."""
    pages = PageBase.mounted[register.key]
    row, _ = pages.load(row_id)
    if not pages.may_change(row):
        abort(404)
    form = DecisionForm()
    if request.method == "GET":
        form.decided_on.data, form.version.data = reach.today(), str(row.version)
    elif form.validate():
        try:
            decide_nomination(
                db.session(), row, decision=form.decision.data, decided_on=form.decided_on.data,
                words=form.decision_words.data, version=form.seen_version, today=reach.today(),
                by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(gettext("Decided."), "success")
            return redirect(pages.address(row_id))
    return _show_decision(register, row_id, form)


def _show_decision(register: Register, row_id: int, form: DecisionForm) -> str | tuple[str, int]:
    pages = PageBase.mounted[register.key]
    row, _ = pages.load(row_id)
    name = _name_of(register, row, Names(db.session(), register, [row]))
    shown = render_template(
        "awards/decision_form.html", form=form, name=name, award=_award_of(row), back=pages.address(row_id)
    )
    return (shown, 422) if form.errors or form.form_errors else shown


def _certificate(register: Register, row_id: int) -> Response:
    """The certificate of what was awarded; its making is logged."""
    row, _ = PageBase.mounted[register.key].load(row_id)
    if row.decision != "awarded" or row.withdrawn_at is not None:
        abort(404)
    with in_its_language(db.session(), KIND, school_id=realm().id):
        honour = Honour(
            _name_of(register, row, Names(db.session(), register, [row])), _award_of(row),
            year_name(row.school_year), realm().name, row.decided_on,
        )  # fmt: skip
        content = certificate_of(db.session(), honour, school_id=realm().id)
    child = {"pupil_id": row.pupil_id} if register.of_child else {}
    audit(
        db.session(), "print_certificate", register.key, row.id,
        school_id=realm().id, by=current_user.id, **child,
    )  # fmt: skip
    db.session.commit()
    return document_response(content, f"certificate-{register.key.replace('_', '-')}-{row_id}")


def _lines(session: Session, chosen: int) -> Iterator[Line]:
    """The nominations of a school year within reach: teachers, then children and parents."""
    for register in registers.ALL:
        model: Any = register.model
        query = rows_of(register, Wish(), today=reach.today()).where(model.school_year == chosen)
        rows = session.scalars(query).all()
        names, pages = Names(session, register, rows), PageBase.mounted[register.key]
        for row in sorted(rows, key=lambda one: (one.decision != "awarded", _award_of(one))):
            yield Line(_award_of(row), _name_of(register, row, names), row, pages.address(row.id))


def _award_of(row: Any) -> str:
    kind = getattr(row, "kind", None)
    return str(gettext(labels.KINDS[kind] if kind else labels.TEACHER))


def _name_of(register: Register, row: Any, names: Names) -> str:
    """Whose name stands on the certificate."""
    if not register.of_child:
        return names.text("staff_id", row.staff_id)
    if row.kind == "parent":
        return str(row.parent_name)
    child = names.child(row.pupil_id)[0]
    if row.kind != "pair":
        return child
    partner = names.text("partner_id", row.partner_id)
    return str(gettext("%(one)s and %(other)s", one=child, other=partner))


def _chosen_year() -> int:
    asked = request.values.get("year", type=int)
    now = year_of(reach.today())
    return asked if asked and now - YEARS_BACK < asked <= now + 1 else now


def _day(on: date | None) -> str:
    return format_date(on) if on else ""
