"""A school's pages: the term's table drafted, checked, signed; versions that were sent and their children."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts import throttle
from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.content import Sheet as ExportSheet
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.filings import actions, definitions, labels, messages, pages, queries, workbook
from lxsaas.filings.drafting import Sheet, Source, differences, figures_told, read_children, read_sheet
from lxsaas.filings.forms import SignForm
from lxsaas.filings.models import Filing
from lxsaas.navigation import add_tile
from lxsaas.schools.labels import term_label

__all__ = ["blueprint", "messages"]

blueprint = Blueprint("filings", __name__, url_prefix="/s/<school_slug>/filings")
add_tile(
    "school", "filings.filing_list", lazy_gettext("Term statistics"), "report", Permission.FILE_STATISTICS
)
PAGE_SIZE = 50


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"labels": labels, "filing_words": definitions}


@blueprint.get("")
@requires(Permission.FILE_STATISTICS)
def filing_list() -> str:
    """The terms, what is due when, and how each version stands."""
    return render_template("filings/filing_list.html", lines=pages.term_lines(), today=pages.today())


@blueprint.get("/terms/<int:term_id>")
@requires(Permission.FILE_STATISTICS)
def draft(term_id: int) -> str:
    """The table as the archive has it now, each rule as it stands, and the place to sign."""
    return show_draft(term_id, SignForm(formdata=None))


def show_draft(term_id: int, form: SignForm) -> str:
    term = pages.term_or_404(term_id)
    asked, versions = pages.asked(term), pages.versions(term.name)
    sheet = read_sheet(db.session(), Source.draft(realm().id, asked))
    form.seal.data = sheet.seal(asked.basis)
    line = pages.TermLine(term, asked, versions)
    newest = versions[0] if versions else None
    form.ask_reason(is_correction=newest is not None and newest.fits(asked))
    told = newest.told if newest else None
    return render_template(
        "filings/draft.html", term=term, asked=asked, sheet=sheet, form=form, versions=versions,
        state=line.state,
        today=pages.today(), changed=differences(figures_told(told), sheet.total) if told else {},
    )  # fmt: skip


@blueprint.post("/terms/<int:term_id>/signature")
@requires(Permission.SIGN_FILINGS)
def sign(term_id: int) -> BaseResponse | tuple[str, int]:
    """Signs, freezes and sends the table that was seen, with the password once more."""
    term, form = pages.term_or_404(term_id), SignForm()
    try:
        if not form.validate():
            return show_draft(term_id, form), 422
        throttle.check_own_attempts("password")
        filing = actions.sign_filing(
            db.session(), asked=pages.asked(term), seal=form.seal.data or "", reason=form.reason.data,
            password=form.password.data or "", today=pages.today(), by=current_user.account,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        if error.code == "filing_password_wrong":
            throttle.note_own_failure()
        form.refuse(error)
        return show_draft(term_id, form), 422
    number = filing.id
    db.session.commit()
    flash(gettext("Signed and sent to the district."), "success")
    return redirect(url_for("filings.filing_detail", filing_id=number))


@blueprint.get("/terms/<int:term_id>/children")
@requires(Permission.FILE_STATISTICS)
def draft_children(term_id: int) -> str:
    """The children behind a figure of the draft, or those that lack something."""
    term = pages.term_or_404(term_id)
    return show_children(
        pages.draft_source(term), None, url_for("filings.draft", term_id=term_id), term.name, term_id
    )


@blueprint.route("/terms/<int:term_id>/children.<any(xlsx, csv):form>", methods=["GET", "POST"])
@requires(Permission.FILE_STATISTICS)
def draft_children_export(term_id: int, form: str) -> BaseResponse:
    """The draft's children with their codes."""
    return list_or_job(CHILDREN, form, term_id=term_id)


@blueprint.get("/terms/<int:term_id>/table.xlsx")
@requires(Permission.FILE_STATISTICS)
def draft_table(term_id: int) -> Response:
    """The official table, marked as a draft."""
    asked = pages.asked(pages.term_or_404(term_id))
    sheet = read_sheet(db.session(), Source.draft(realm().id, asked))
    return official(sheet, asked.term, asked.cut_off_on, asked.definition.code)


@blueprint.get("/<int:filing_id>")
@requires(Permission.FILE_STATISTICS)
def filing_detail(filing_id: int) -> str:
    """A version as it was sent, what the district says, and what it corrected."""
    filing = pages.filing_or_404(filing_id)
    versions = pages.versions(filing.term)
    one = next(version for version in versions if version.filing.id == filing_id)
    before = next((v for v in versions if v.filing.version == filing.version - 1), None)
    sheet = read_sheet(db.session(), Source.kept(filing))
    term = next((line for line in pages.term_lines() if line.term.name == filing.term), None)
    return render_template(
        "filings/filing_detail.html", one=one, sheet=sheet, versions=versions, line=term,
        remarks=db.session.scalars(queries.remarks_on(realm().id, filing_id)).all(),
        changed=differences(figures_told(before.told), sheet.total) if before and before.told else {},
    )  # fmt: skip


@blueprint.get("/<int:filing_id>/children")
@requires(Permission.FILE_STATISTICS)
def filing_children(filing_id: int) -> str:
    """The children behind a frozen figure, as they were counted."""
    filing = pages.filing_or_404(filing_id)
    back = url_for("filings.filing_detail", filing_id=filing_id)
    return show_children(Source.kept(filing), filing_id, back, filing.term)


@blueprint.route("/<int:filing_id>/children.<any(xlsx, csv):form>", methods=["GET", "POST"])
@requires(Permission.FILE_STATISTICS)
def filing_children_export(filing_id: int, form: str) -> BaseResponse:
    """All children of a version, for the school's own files."""
    return list_or_job(CHILDREN, form, filing_id=filing_id)


@blueprint.get("/<int:filing_id>/table.xlsx")
@requires(Permission.FILE_STATISTICS)
def filing_table(filing_id: int) -> Response:
    """The official table of a version."""
    one = pages.filing_or_404(filing_id)
    sheet = read_sheet(db.session(), Source.kept(one))
    return official(sheet, one.term, one.cut_off_on, one.definition, one)


def show_children(
    source: Source, filing_id: int | None, back: str, term: str, term_id: int | None = None
) -> str:
    column, grade, found = pages.children_asked(source, filing_id)
    return render_template(
        "filings/children.html", column=column, grade=grade, back=back, term=term, term_id=term_id,
        page=Page.of(found, request.args.get("page", 1, type=int), PAGE_SIZE),
        division=definitions.BY_CODE.get(column.removeprefix(definitions.MISSING)),
    )  # fmt: skip


def children_content(term_id: int = 0, filing_id: int | None = None) -> Content:
    """The children of a term's draft, or of a version that was sent, for a file."""
    if filing_id is None:
        term = pages.term_or_404(term_id)
        source, notes = pages.draft_source(term), [term_label(term.name), gettext("Draft")]
    else:
        filing = pages.filing_or_404(filing_id)
        source, notes = Source.kept(filing), [term_label(filing.term), pages.version_note(filing)]
    found = read_children(db.session(), source)
    title = gettext("Children of the term statistics")
    return Sheets([ExportSheet(title, workbook.children_table(title, notes, found), len(found))])


def note_children(rows: int, term_id: int = 0, filing_id: int | None = None) -> None:
    """The taking out is logged, with how many children were in it."""
    audit(
        db.session(), "export_filing", "filing", filing_id,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


CHILDREN = declare(
    Kind(
        "filing.children", N_("Children of the term statistics"), Permission.FILE_STATISTICS,
        children_content, "filing-children", note=note_children,
    )
)  # fmt: skip


def official(sheet: Sheet, term: str, day: date, definition: str, filing: Filing | None = None) -> Response:
    """The official table; of a draft it says so."""
    with workbook.in_chinese():
        note = pages.version_note(filing) if filing else gettext("Draft, not signed")
        paper = workbook.Paper(
            realm().name, term, day, definition, workbook.sheet_rows(sheet), gettext("Grade"), [note],
            filing.signed_name if filing else "",
        )  # fmt: skip
    return workbook.response(paper, f"filing-{day}")
