"""Letters to parents (P12, P26): the school's texts, a class's letters to print, noted as sent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, format_date, gettext, lazy_gettext, ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.care.details import MEANS
from lxsaas.care.letter_actions import figures_of, send_letters
from lxsaas.care.letter_paper import letters_of
from lxsaas.care.letters import BODY_LENGTH, PLACEHOLDERS, STARTING_TEXTS, TITLE_LENGTH, check_text, filled
from lxsaas.care.models import CareKind, LetterTemplate
from lxsaas.care.pages import blueprint
from lxsaas.care.queries import term_on
from lxsaas.care.reach import chosen_class, classes_in_reach, pupils_in_reach
from lxsaas.core.audit import audit
from lxsaas.core.clock import add_months, month_start
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_, sentence
from lxsaas.core.permissions import Permission
from lxsaas.documents.answers import document_response
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import left_behind
from lxsaas.pupils.reach import care_definition, today
from lxsaas.registers.forms import RegisterForm, line, long_text
from lxsaas.registers.pages import mount
from lxsaas.registers.register import Lead, Register
from lxsaas.schools.labels import term_label
from lxsaas.schools.models import SchoolClass

LANGUAGE = "zh_Hans_CN"
"""Letters go to parents: what is filled in is Chinese, whatever language the screen has."""


class LetterForm(RegisterForm):
    title = line(lazy_gettext("Title"), limit=TITLE_LENGTH)
    body = long_text(lazy_gettext("Text"), limit=BODY_LENGTH, rows=18)


def _check(session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date) -> None:
    check_text(values["body"])


def _starting(_session: Session, _pupil: Pupil | None, _today: date) -> dict[str, Any]:
    """A new text begins with one of ours, where one was chosen."""
    wanted = request.args.get("start", "")
    return next(({"title": one.title, "body": one.body} for one in STARTING_TEXTS if one.code == wanted), {})


LETTERS = Register(
    name="letter-texts",
    model=LetterTemplate,
    form=LetterForm,
    title=N_("Texts of letters"),
    one=N_("Text of a letter"),
    add=N_("New text"),
    icon="mail",
    columns=("title",),
    record=Permission.EDIT_FILES,
    area="",
    of_child=False,
    with_files=False,
    check=_check,
    row_leads_to=(Lead("care.letter_class", N_("Letters of the class"), "printer", Permission.RECORD_CARE),),
    defaults=_starting,
    help=N_(
        "Names in braces, such as {孩子姓名}, are filled in for each child; the page of letters lists them."
    ),
)


def add_letters(blueprint: Blueprint) -> None:
    """Mounts the register of texts and the page of letters."""
    mount(blueprint, LETTERS)
    add_tile("care", "care.letters", lazy_gettext("Letters to parents"), "mail", Permission.RECORD_CARE)


add_letters(blueprint)


@blueprint.get("/letters")
@requires(Permission.RECORD_CARE)
def letters() -> str:
    """The school's texts, ours to begin with, and what can be filled in."""
    query = select(LetterTemplate).where(LetterTemplate.withdrawn_at.is_(None))
    return render_template(
        "care/letters.html",
        templates=db.session.scalars(query.order_by(LetterTemplate.id)).all(),
        starting=STARTING_TEXTS,
        placeholders=PLACEHOLDERS,
        may_write=Permission.EDIT_FILES in current_user.permissions,
    )


@blueprint.get("/letters/<int:letter_template_id>")
@requires(Permission.RECORD_CARE)
def letter_class(letter_template_id: int) -> str:
    """A preview with the first child's figures; from here a class's letters are printed and noted as sent."""
    template = _template(letter_template_id)
    classes = classes_in_reach()
    chosen = chosen_class(classes, request.args.get("class", type=int))
    pupils = _addressees(chosen) if chosen else []
    return render_template(
        "care/letter_class.html",
        template=template,
        classes=classes,
        chosen=chosen,
        everybody=_everybody(),
        pupils=pupils,
        preview=_preview(template, chosen, pupils[0]) if chosen and pupils else None,
        means=MEANS[CareKind.PARENT_LETTER],
        term_name=_term()[1],
    )


@blueprint.get("/letters/<int:letter_template_id>/print")
@requires(Permission.RECORD_CARE)
def letter_print(letter_template_id: int) -> str:
    """A class's letters, one a page; that they were made is logged."""
    template = _template(letter_template_id)
    chosen = chosen_class(classes_in_reach(), request.args.get("class", type=int)) or abort(404)
    pupils = _addressees(chosen)
    letters = _filled(template, pupils, _shared(chosen))
    _note_printing(template, chosen, len(letters))
    page = render_template("care/letters_print.html", template=template, letters=letters, chosen=chosen)
    db.session.commit()
    return page


@blueprint.get("/letters/<int:letter_template_id>/letters.docx")
@requires(Permission.RECORD_CARE)
def letter_word(letter_template_id: int) -> Response:
    """A class's letters as one Word document on the school's letterhead; that they were made is logged."""
    template = _template(letter_template_id)
    chosen = chosen_class(classes_in_reach(), request.args.get("class", type=int)) or abort(404)
    pupils, shared = _addressees(chosen) or abort(404), _shared(chosen)
    letters = [(pupil.name, text) for pupil, text in _filled(template, pupils, shared)]
    with force_locale(LANGUAGE):
        content = letters_of(db.session(), template, letters, shared)
    _note_printing(template, chosen, len(letters))
    db.session.commit()
    return document_response(content, f"letters-{template.id}-{chosen.code}")


def _note_printing(template: LetterTemplate, chosen: SchoolClass, letters: int) -> None:
    audit(
        db.session(), "print_letters", "letter_template", template.id,
        school_id=realm().id, by=current_user.id, class_id=chosen.id, letters=letters,
    )  # fmt: skip


@blueprint.post("/letters/<int:letter_template_id>/sent")
@requires(Permission.RECORD_CARE)
def letter_sent(letter_template_id: int) -> BaseResponse:
    """Makes the care records of a class in one tap; a second tap makes none."""
    template = _template(letter_template_id)
    chosen = chosen_class(classes_in_reach(), request.form.get("class", type=int)) or abort(404)
    address = url_for("care.letter_class", letter_template_id=letter_template_id, **_of(chosen))
    try:
        made = send_letters(
            db.session(), template=template, pupils=_addressees(chosen), term_start=_term()[0],
            means=request.form.get("means", type=int), on=today(), by=current_user.id,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
        return redirect(address)
    db.session.commit()
    said = ngettext(
        "Noted for %(num)s child that the letter was sent.",
        "Noted for %(num)s children that the letter was sent.",
        len(made),
    )
    flash(said if made else gettext("This letter was noted as sent already."), "success" if made else "info")
    return redirect(address)


def _template(template_id: int) -> LetterTemplate:
    held = db.session.get(LetterTemplate, (realm().id, template_id))
    return held if held is not None and held.withdrawn_at is None else abort(404)


def _of(chosen: SchoolClass) -> dict[str, Any]:
    """The class and whether all of its children are meant, for an address."""
    return {"class": chosen.id, "who": "all" if _everybody() else None}


def _everybody() -> bool:
    return request.values.get("who") == "all"


def _addressees(chosen: SchoolClass) -> list[Pupil]:
    """The care targets of a class, or all of its children where that is asked for."""
    query = pupils_in_reach().where(Pupil.class_id == chosen.id)
    if not _everybody():
        query = query.where(left_behind(care_definition(), today()))
    return list(db.session.scalars(query))


def _term() -> tuple[date, str]:
    """First day and name of the term; where the district has none, of the half year."""
    term = db.session.scalars(term_on(realm().district_id, today())).one_or_none()
    with force_locale(LANGUAGE):
        if term:
            return term.starts_on, term_label(term.name)
        return month_start(add_months(today(), -5)), str(gettext("this half year"))


def _filled(
    template: LetterTemplate, pupils: list[Pupil], shared: Mapping[str, str]
) -> list[tuple[Pupil, str]]:
    figures = figures_of(db.session(), [pupil.id for pupil in pupils], _term()[0], today())
    return [
        (pupil, filled(template.body, {**shared, **figures[pupil.id], "child": pupil.name}))
        for pupil in pupils
    ]


def _preview(template: LetterTemplate, chosen: SchoolClass, pupil: Pupil) -> str:
    return _filled(template, [pupil], _shared(chosen))[0][1]


def _shared(chosen: SchoolClass) -> dict[str, str]:
    """What is filled in alike in all letters of a class, by placeholder."""
    with force_locale(LANGUAGE):
        return {
            "school": realm().name,
            "class": gettext("Grade %(grade)s, class %(number)s", grade=chosen.grade, number=chosen.number),
            "teacher": _teacher_of(chosen.id) or current_user.name,
            "term": _term()[1],
            "today": format_date(today(), "long"),
        }


def _teacher_of(class_id: int) -> str | None:
    """The homeroom teacher of a class today."""
    on, teacher = today(), ClassTeacher
    query = (
        select(Staff.name)
        .join(teacher, (teacher.school_id == Staff.school_id) & (teacher.staff_id == Staff.id))
        .where(
            teacher.class_id == class_id,
            teacher.starts_on <= on,
            teacher.ends_on.is_(None) | (teacher.ends_on > on),
        )
    )
    return db.session.scalars(query.limit(1)).one_or_none()
