"""What can be chosen in a register's form: colleagues, children and classes within reach, terms."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lxsaas.accounts.access import realm
from lxsaas.accounts.models import Staff
from lxsaas.accounts.queries import classes_taught_by
from lxsaas.pupils import queries, reach
from lxsaas.pupils.models import Pupil
from lxsaas.registers.fields import ClassField, PupilTicks, RowField, StaffTicks, TermField
from lxsaas.registers.forms import ClassmateField, RegisterForm, StaffField
from lxsaas.schools.models import SchoolClass, Term

TERMS = 4
"""Terms that can be chosen: this one, the next, and two before."""


def offers_for(session: Session, pupil: Pupil | None) -> Mapping[type[Any], Callable[[], Sequence[Any]]]:
    """By kind of field, what it offers to the signed-in person; asked only where a form has such a field."""
    return {
        StaffField: lambda: staff_offered(session, realm().id),
        StaffTicks: lambda: staff_offered(session, realm().id),
        ClassmateField: lambda: classmates_offered(session, pupil),
        PupilTicks: lambda: children_offered(session),
        ClassField: lambda: classes_offered(session),
        TermField: lambda: terms_offered(session, realm().district_id, reach.today()),
    }


def offer_rows(session: Session, form: RegisterForm) -> None:
    """Sets what can be chosen in fields that name a row of another table."""
    for field in form:
        if isinstance(field, RowField):
            called = getattr(field.of, field.called)
            query = select(field.of.id, called).where(
                field.of.school_id == realm().id,
                field.of.withdrawn_at.is_(None) | (field.of.id == field.data),
            )
            field.offer([(row[0], row[1]) for row in session.execute(query.order_by(called, field.of.id))])


def staff_offered(session: Session, school_id: int) -> list[tuple[int, str]]:
    """The colleagues who can be chosen: active ones, by name."""
    query = select(Staff.id, Staff.name).where(Staff.school_id == school_id, Staff.is_active)
    return [(row.id, row.name) for row in session.execute(query.order_by(Staff.name, Staff.id))]


def classmates_offered(session: Session, pupil: Pupil | None) -> list[tuple[int, str]]:
    """The other children of a child's class, by name."""
    if pupil is None:
        return []
    query = reach_classmates(pupil).order_by(Pupil.pinyin, Pupil.id)
    return [(row.id, row.name) for row in session.execute(query)]


def reach_classmates(pupil: Pupil) -> Select[int, str]:
    """(id, name) of the enrolled children of a child's class, the child itself left out."""
    return select(Pupil.id, Pupil.name).where(
        Pupil.school_id == pupil.school_id,
        Pupil.class_id == pupil.class_id,
        Pupil.id != pupil.id,
        queries.enrolled(reach.today()),
    )


def children_offered(session: Session) -> list[tuple[int, str]]:
    """The children within reach with their class, class by class."""
    same = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    query = reach.pupils().join(SchoolClass, same).order_by(SchoolClass.code, Pupil.pinyin, Pupil.id)
    rows = session.execute(query.with_only_columns(Pupil.id, Pupil.name, SchoolClass.code))
    return [(row.id, f"{row.name} · {row.code}") for row in rows]


def classes_in_reach() -> Select[SchoolClass]:
    """The classes that the signed-in person teaches today, or all of the school."""
    query = select(SchoolClass).where(SchoolClass.school_id == realm().id)
    if not reach.whole_school():
        taught = classes_taught_by(current_user.id, reach.today())
        query = query.where(SchoolClass.id.in_(taught))
    return query.order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.code)


def classes_offered(session: Session) -> list[tuple[int, str]]:
    return [(one.id, gettext("Class %(code)s", code=one.code)) for one in session.scalars(classes_in_reach())]


def terms_offered(session: Session, district_id: int, today: date) -> list[tuple[str, bool]]:
    """(name, whether it is one of now): the running or next terms first, then those before."""
    terms = session.scalars(
        select(Term).where(Term.district_id == district_id).order_by(Term.starts_on.desc())
    ).all()
    coming = [one for one in reversed(terms) if one.ends_on >= today]
    past = [one for one in terms if one.ends_on < today]
    near = {one.name for one in [*coming[:2], *past[: TERMS - 2]]}
    return [(one.name, one.name in near) for one in [*coming, *past]]
