"""Pages of a class: contact cards on paper, the weekly ledger of parents' contact, who has no entrustment."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date, gettext, lazy_gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.archive import queries
from lxsaas.archive.card_paper import told, word_cards
from lxsaas.archive.cards import cards_of
from lxsaas.archive.views import blueprint
from lxsaas.archive.weeks import PARTIES, WEEKS_BACK, Mark, note_contacts, week_of
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_, sentence
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.documents.answers import document_response
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import classes_with
from lxsaas.schools.models import SchoolClass

PAGE_SIZE = 50
add_tile("child", "archive.class_choice", lazy_gettext("Contact cards"), "printer", Permission.VIEW_SECRETS)
add_tile(
    "child", "archive.missing_entrustments", lazy_gettext("Without entrustment"), "alert-triangle",
    Permission.VIEW_SECRETS,
)  # fmt: skip
add_tile(
    "care", "archive.contact_weeks", lazy_gettext("Parents’ weekly contact"), "phone", Permission.EDIT_FILES
)


@blueprint.get("/contact-cards")
@requires(Permission.VIEW_SECRETS)
def class_choice() -> str:
    """The classes whose cards one may print."""
    return render_template("archive/class_choice.html", classes=_classes())


@blueprint.get("/classes/<int:class_id>/contact-cards")
@requires(Permission.VIEW_SECRETS)
def class_cards(class_id: int) -> str:
    """The cards of a class as one document, one page a child; each child's sight is logged."""
    word = url_for("archive.class_cards_word", class_id=class_id)
    return _cards(_of_class(class_id), url_for("archive.class_choice"), word)


@blueprint.get("/classes/<int:class_id>/contact-cards.docx")
@requires(Permission.VIEW_SECRETS)
def class_cards_word(class_id: int) -> Response:
    """The same for Word, on the school's template; each child's sight is logged."""
    return _word(_of_class(class_id))


@blueprint.get("/pupils/<int:pupil_id>/contact-card")
@requires(Permission.VIEW_SECRETS)
def contact_card(pupil_id: int) -> str:
    """One child's card."""
    pupil = reach.kept_or_404(pupil_id)
    word = url_for("archive.contact_card_word", pupil_id=pupil_id)
    return _cards([pupil], url_for("pupils.pupil_detail", pupil_id=pupil.id), word)


@blueprint.get("/pupils/<int:pupil_id>/contact-card.docx")
@requires(Permission.VIEW_SECRETS)
def contact_card_word(pupil_id: int) -> Response:
    """One child's card for Word."""
    return _word([reach.kept_or_404(pupil_id)])


def _of_class(class_id: int) -> list[Pupil]:
    query = reach.kept().where(Pupil.class_id == class_id).order_by(Pupil.pinyin, Pupil.id)
    return list(db.session.scalars(query)) or abort(404)


def _cards(pupils: list[Pupil], back: str, word: str) -> str:
    cards = cards_of(db.session(), pupils, on=reach.today(), by=current_user.id)
    shown = render_template(
        "archive/cards.html", cards=[told(one) for one in cards], back=back, word=word, today=reach.today()
    )
    # Not before: a commit would have every row read again, one by one.
    db.session.commit()
    return shown


def _word(pupils: list[Pupil]) -> Response:
    cards = cards_of(db.session(), pupils, on=reach.today(), by=current_user.id)
    content = word_cards(db.session(), cards, school_id=realm().id, school=realm().name, today=reach.today())
    db.session.commit()
    return document_response(content, gettext("Contact cards"))


@blueprint.get("/parent-contacts")
@requires(Permission.EDIT_FILES)
def contact_weeks() -> str:
    """A class's week: who was in touch with whom, a tap a cell."""
    classes = _classes()
    wanted = request.args.get("class", type=int)
    chosen = next((one for one in classes if wanted in (None, one.id)), None)
    if chosen is None and (classes or wanted):
        abort(404)
    return _grid(classes, chosen, _week())


@blueprint.post("/classes/<int:class_id>/parent-contacts")
@requires(Permission.EDIT_FILES)
def save_contact_weeks(class_id: int) -> BaseResponse:
    """Keeps the cells that were changed on the page."""
    ids = set(db.session.scalars(reach.kept().with_only_columns(Pupil.id).where(Pupil.class_id == class_id)))
    week = _week()
    seen, ticked = _marks(request.form.get("seen", "").split()), _marks(request.form.getlist("mark"))
    changes = {mark: mark in ticked for mark in seen ^ ticked}
    if not ids or any(pupil_id not in ids for pupil_id, _ in changes):
        abort(404)
    try:
        note_contacts(
            db.session(), school_id=realm().id, week_on=week, marks=changes, today=reach.today(),
            by=current_user.id,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        text = ngettext("Saved: %(num)s change.", "Saved: %(num)s changes.", len(changes))
        flash(text, "success")
    words: dict[str, Any] = {"class": class_id, "week": week.isoformat()}
    return redirect(url_for("archive.contact_weeks", **words))


def _grid(classes: list[SchoolClass], chosen: SchoolClass | None, week: date) -> str:
    pupils: list[Pupil] = []
    if chosen:
        query = reach.kept().where(Pupil.class_id == chosen.id)
        query = query.where(queries.needing_entrustment(reach.care_definition(), reach.today()))
        pupils = list(db.session.scalars(query.order_by(Pupil.pinyin, Pupil.id)))
    first = week - timedelta(weeks=3)
    held = db.session.scalars(queries.weeks_of(realm().id, [one.id for one in pupils], first)).all()
    rows = {(one.pupil_id, one.week_on): one for one in held}
    this = week_of(reach.today())
    return render_template(
        "archive/contact_weeks.html",
        classes=classes,
        chosen=chosen,
        pupils=pupils,
        rows=rows,
        week=week,
        week_before=[week - timedelta(weeks=back) for back in (1, 2, 3)],
        weeks=[this - timedelta(weeks=back) for back in range(WEEKS_BACK + 1)],
        seen=" ".join(
            f"{one.pupil_id}:{party}"
            for one in held
            for party in PARTIES
            if one.week_on == week and getattr(one, party)
        ),
    )


@blueprint.get("/entrustments/missing")
@requires(Permission.VIEW_SECRETS)
def missing_entrustments() -> str:
    """Children whose parents owe an entrustment that holds today; who lives alone stands first."""
    query = queries.unentrusted(reach.kept(), reach.care_definition(), reach.today())
    rows = db.session.execute(query).all()
    page = request.args.get("page", 1, type=int)
    return render_template("archive/missing_entrustments.html", page=Page.of(rows, page, PAGE_SIZE))


@blueprint.post("/entrustments/missing.xlsx")
@requires(Permission.VIEW_SECRETS)
def missing_export() -> BaseResponse:
    """The same as a workbook; its making is logged."""
    return list_or_job(MISSING)


def missing_content() -> Content:
    query = queries.unentrusted(reach.kept(), reach.care_definition(), reach.today())
    headings = [
        gettext("Name"), gettext("Class"), gettext("Born on"), gettext("Lives alone"),
        gettext("Last entrustment ended on"),
    ]  # fmt: skip
    notes = [gettext("As of %(day)s", day=format_date(reach.today()))]
    title = gettext("Without entrustment")
    return Sheets(
        [sheet_of(db.session(), query, _missing_lines, title=title, headings=headings, notes=notes)]
    )


def _missing_lines(rows: Sequence[Any]) -> Iterator[list[str]]:
    for pupil, code, alone, ended_on in rows:
        yield [pupil.name, code, str(pupil.born_on), gettext("yes") if alone else "", str(ended_on or "")]


def note_missing_export(rows: int) -> None:
    audit(
        db.session(), "export_unentrusted", "pupil", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


MISSING = declare(
    Kind(
        "unentrusted", N_("Without entrustment"), Permission.VIEW_SECRETS, missing_content,
        "without-entrustment", reach=reach.reached_ids, note=note_missing_export,
    )
)  # fmt: skip


def _classes() -> list[SchoolClass]:
    return list(db.session.scalars(classes_with(reach.kept())))


def _week() -> date:
    """The week that the request names by one of its days; this one where it names none."""
    text = request.values.get("week", "")
    try:
        return week_of(date.fromisoformat(text) if text else reach.today())
    except ValueError:
        abort(404)


def _marks(texts: list[str]) -> set[Mark]:
    """Cells of the grid: '42:with_child'."""
    found = set()
    for text in texts:
        pupil_id, _, party = text.partition(":")
        if not (pupil_id.isdecimal() and len(pupil_id) < 19 and party in PARTIES):
            abort(404)
        found.add((int(pupil_id), party))
    return found
