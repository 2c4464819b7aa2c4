"""What the signed-in person may see of exams: those of the own classes, or of the school."""

from datetime import date

from flask import abort
from flask_login import current_user

from lxsaas.accounts.access import realm
from lxsaas.extensions import db
from lxsaas.portfolio import queries
from lxsaas.portfolio.models import Exam
from lxsaas.pupils.reach import today, whole_school
from lxsaas.schools.labels import term_label
from lxsaas.schools.models import SchoolClass, Term


def classes_in_reach() -> list[SchoolClass]:
    query = queries.classes_in_reach(realm().id, current_user.id, whole_school=whole_school(), on=today())
    return list(db.session.scalars(query))


def chosen_class(classes: list[SchoolClass], wanted: int | None) -> SchoolClass | None:
    """The class asked for (404 out of reach), else the first, or None where there is none."""
    if wanted is None:
        return classes[0] if classes else None
    return next((one for one in classes if one.id == wanted), None) or abort(404)


def exam_or_404(exam_id: int) -> tuple[Exam, SchoolClass]:
    """An exam of a class within reach, with the class; also a withdrawn one."""
    exam = db.session.get(Exam, (realm().id, exam_id)) or abort(404)
    held = next((one for one in classes_in_reach() if one.id == exam.class_id), None)
    return exam, held or abort(404)


def standing_exam_or_404(exam_id: int) -> tuple[Exam, SchoolClass]:
    """The same, of exams that were not withdrawn."""
    exam, held = exam_or_404(exam_id)
    if exam.withdrawn_at is not None:
        abort(404)
    return exam, held


def term_name(terms: list[Term], day: date) -> str | None:
    """The name of the term in which a day lies."""
    return next((term_label(term.name) for term in terms if term.starts_on <= day <= term.ends_on), None)
