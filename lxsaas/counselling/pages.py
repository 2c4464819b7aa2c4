"""What the pages of counselling have in common: the row that is one's own or 404, the page of a form."""

from datetime import date
from typing import TypeVar

from flask import abort, render_template
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Select, select

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.counselling import queries
from lxsaas.counselling.letter_queries import letters_for
from lxsaas.counselling.models import CounsellingCase, CounsellingSession, LetterboxLetter
from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import SchoolClass

T = TypeVar("T")
PAGE_SIZE = 30


def today() -> date:
    """The calendar day at the school."""
    return clock.today(realm().timezone)


def own_case_or_404(case_id: int) -> CounsellingCase:
    """A case of one's own; for everybody else it does not exist."""
    return _one(queries.own_case(case_id, current_user.id))


def own_session_or_404(session_id: int) -> CounsellingSession:
    return _one(queries.own_session(session_id, current_user.id))


def letter_or_404(letter_id: int) -> LetterboxLetter:
    """A letter that one may read: not that of a colleague's case."""
    return _one(letters_for(current_user.id).where(LetterboxLetter.id == letter_id))


def child_of(pupil_id: int) -> tuple[str, str]:
    """A child's name and class, also of one who has left the school."""
    query = (
        select(Pupil.name, SchoolClass.code)
        .join(SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id))
        .where(Pupil.id == pupil_id)
    )
    name, code = db.session.execute(query).one()
    return name, code


def show_form(template: str, form: FlaskForm, **context: object) -> str | tuple[str, int]:
    """The page of a form: 422 where something is wrong with what was sent."""
    shown = render_template(template, form=form, **context)
    return (shown, 422) if form.errors or form.form_errors else shown


def log_sight(action: str, row: CounsellingCase | CounsellingSession) -> None:
    """Logs that somebody saw the texts of a case, with the child and nothing else."""
    audit(
        db.session(), action, row.__tablename__, row.id,
        school_id=realm().id, by=current_user.id, pupil_id=row.pupil_id,
    )  # fmt: skip


def _one(query: Select[T]) -> T:
    found = db.session.scalars(query).one_or_none()
    return found if found is not None else abort(404)
