"""The survey of a term: opened once, answered for each child."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.movement import queries
from lxsaas.movement.models import Survey, SurveyAnswer
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import ParentAbsence, Pupil
from lxsaas.registers.actions import add_row, edit_row


def open_survey(session: Session, *, school_id: int, term: str, by: int) -> Survey:
    """Opens a term's survey. Raises RuleError where it is open already."""
    made = session.scalar(
        insert(Survey)
        .values(school_id=school_id, term=term, opened_by=by)
        .on_conflict_do_nothing(index_elements=["school_id", "term"])
        .returning(Survey.id)
    )
    if made is None:
        raise RuleError("survey_twice")
    audit(session, "open_survey", "survey", made, school_id=school_id, by=by)
    return session.get_one(Survey, (school_id, made))


def confirm_child(session: Session, survey: Survey, pupil: Pupil, *, seen: int, by: int) -> None:
    """All is as known."""
    _answer(session, survey, pupil, "confirmed", seen=seen, by=by)


def close_absence(
    session: Session,
    survey: Survey,
    pupil: Pupil,
    *,
    parent: str,
    back_on: date,
    today: date,
    seen: int,
    by: int,
) -> None:
    """A parent has come back to stay. Raises RuleError with the field concerned."""
    held = session.scalars(queries.open_absences([pupil.id]).where(ParentAbsence.parent == parent)).first()
    if held is None:
        raise RuleError("absence_none", field="parent")
    if back_on > today:
        raise RuleError("in_future", field="day")
    if back_on <= held.starts_on:
        raise RuleError("ends_before_start", field="day")
    edit_row(session, held, values={"ends_on": back_on}, version=held.version, by=by)
    renew_spells(session, school_id=pupil.school_id, pupil_ids=[pupil.id])
    left = session.scalars(queries.open_absences([pupil.id])).first()
    _answer(session, survey, pupil, "changed" if left else "closed", seen=seen, by=by)


def open_absence(
    session: Session,
    survey: Survey,
    pupil: Pupil,
    *,
    parent: str,
    left_on: date,
    place: str | None,
    today: date,
    seen: int,
    by: int,
) -> None:
    """A parent has left. Raises RuleError with the field concerned."""
    if left_on > today:
        raise RuleError("in_future", field="day")
    if left_on < pupil.born_on:
        raise RuleError("before_birth", field="day")
    values = {
        "pupil_id": pupil.id, "parent": parent, "starts_on": left_on, "start_is_estimated": False,
        "ends_on": None, "place": place, "source": "survey",
    }  # fmt: skip
    try:
        add_row(session, ParentAbsence, school_id=pupil.school_id, values=values, by=by)
    except RuleError as error:
        raise RuleError(error.code, field="day") from error
    renew_spells(session, school_id=pupil.school_id, pupil_ids=[pupil.id])
    _answer(session, survey, pupil, "changed", seen=seen, by=by)


def _answer(session: Session, survey: Survey, pupil: Pupil, answer: str, *, seen: int, by: int) -> None:
    """`seen`: version of the answer that stood when this one was given, 0 for none.

    Raises RuleError where somebody else has answered meanwhile; the same confirmation twice is one.
    """
    held = _first_answer(session, survey, pupil, answer, by)
    if held is not None:
        if answer == held.answer == "confirmed" and held.answered_by == by:
            return
        if held.version != seen:
            name = session.get_one(Staff, (survey.school_id, held.answered_by)).name
            raise RuleError("answered_already", name=name)
        held.answer, held.answered_by = answer, by
        held.answered_at = session.scalar(select(func.now())) or held.answered_at
        held.version += 1
    audit(
        session, "survey_child", "survey", survey.id,
        school_id=survey.school_id, by=by, pupil_id=pupil.id, answer=answer,
    )  # fmt: skip
    session.flush()


def _first_answer(
    session: Session, survey: Survey, pupil: Pupil, answer: str, by: int
) -> SurveyAnswer | None:
    """Makes the answer; where there is one (somebody else's transaction is waited for) returns it, locked."""
    keys = {"school_id": survey.school_id, "survey_id": survey.id, "pupil_id": pupil.id}
    made = session.scalar(
        insert(SurveyAnswer)
        .values(answer=answer, answered_by=by, **keys)
        .on_conflict_do_nothing(index_elements=list(keys))
        .returning(SurveyAnswer.id)
    )
    if made is not None:
        return None
    return session.scalars(select(SurveyAnswer).filter_by(**keys).with_for_update()).one()
