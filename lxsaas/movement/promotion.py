"""Moving the school up at the year's end: planned, and done in one step (P6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from lxsaas.accounts.models import ClassTeacher
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.movement import queries
from lxsaas.movement.models import Promotion, PromotionStep
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import enrolled
from lxsaas.registers.rows import lock_school
from lxsaas.schools.models import SchoolClass

SCHOOL_YEAR = timedelta(days=180)
"""Half a year: whoever moves the school up again so soon has not seen that it was moved up."""
LAST_GRADES = (6, 9, 12)
"""Grades after which a stage of school ends."""


@dataclass(frozen=True)
class ClassMove:
    """What is planned for one class."""

    school_class: SchoolClass
    pupils: Sequence[Pupil]
    target: str | None
    """Code of the class into which they move; None: they leave the school."""
    teacher: ClassTeacher | None


def planned_moves(session: Session, *, school_id: int, on: date) -> list[ClassMove]:
    """Each class with its pupils and the next grade's class of the same number; the last grade leaves."""
    classes = session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == school_id)
        .order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.code)
    ).all()
    pupils: dict[int, list[Pupil]] = {}
    enrolled_now = select(Pupil).where(Pupil.school_id == school_id, enrolled(on))
    for pupil in session.scalars(enrolled_now.order_by(Pupil.pinyin, Pupil.id)):
        pupils.setdefault(pupil.class_id, []).append(pupil)
    teachers = {one.class_id: one for one in session.scalars(queries.teachers_on(on))}
    peopled = {one.grade for one in classes if pupils.get(one.id)}
    return [
        ClassMove(one, pupils[one.id], _target(one, peopled), teachers.get(one.id))
        for one in classes
        if pupils.get(one.id)
    ]


def move_up(
    session: Session,
    *,
    school_id: int,
    on: date,
    stay: Collection[int] = (),
    teachers_move: Collection[int] = (),
    by: int,
) -> Promotion:
    """Moves every class up on a day, except the pupils who `stay` a year longer.

    `teachers_move`: classes whose homeroom teacher goes with them. Raises RuleError when there is nobody to
    move, or the school was moved up for this school year already.
    """
    lock_school(session, "promotion", school_id)
    last = session.scalars(
        queries.promotions(school_id).where(Promotion.undone_at.is_(None)).limit(1)
    ).first()
    if last is not None and abs(on - last.moved_on) < SCHOOL_YEAR:
        raise RuleError("moved_already", day=last.moved_on.isoformat())
    moves = planned_moves(session, school_id=school_id, on=on)
    promotion = Promotion(school_id=school_id, moved_on=on, made_by=by)
    session.add(promotion)
    session.flush()
    targets = _class_ids(session, school_id, {move.target for move in moves if move.target})
    steps = [
        {
            "school_id": school_id,
            "promotion_id": promotion.id,
            "pupil_id": pupil.id,
            "from_class": move.school_class.id,
            "to_class": targets[move.target] if move.target else None,
        }
        for move in moves
        for pupil in move.pupils
        if pupil.id not in stay
    ]
    if not steps:
        raise RuleError("nothing_to_move")
    session.execute(insert(table_of(PromotionStep)), steps)
    _move_pupils(session, promotion)
    promotion.detail = _move_teachers(session, moves, targets, teachers_move, on)
    audit(session, "move_school", "promotion", promotion.id, school_id=school_id, by=by, pupils=len(steps))
    follow_move(session, promotion)
    return promotion


def _target(one: SchoolClass, peopled: Collection[int]) -> str | None:
    """A stage ends where its last grade is the school's last with pupils: nine-year schools go on to nine."""
    if one.grade in LAST_GRADES and one.grade + 1 not in peopled and max(peopled) == one.grade:
        return None
    return f"{one.grade + 1:02d}{one.number:02d}"


def _class_ids(session: Session, school_id: int, codes: Collection[str]) -> dict[str, int]:
    query = select(SchoolClass.code, SchoolClass.id).where(
        SchoolClass.school_id == school_id, SchoolClass.code.in_(codes)
    )
    known = {row.code: row.id for row in session.execute(query)}
    for code in sorted(set(codes) - known.keys()):
        made = SchoolClass(school_id=school_id, code=code, grade=int(code[:2]), number=int(code[2:]))
        session.add(made)
        session.flush()
        known[code] = made.id
    return known


def _move_pupils(session: Session, promotion: Promotion) -> None:
    """Two statements, however many pupils; the trigger keeps in which class each was until then."""
    step = PromotionStep
    mine = (step.school_id == promotion.school_id) & (step.promotion_id == promotion.id)
    set_day(session, promotion.moved_on.isoformat())
    session.execute(
        update(Pupil)
        .where(Pupil.school_id == step.school_id, Pupil.id == step.pupil_id, mine, step.to_class.is_not(None))
        .values(class_id=step.to_class)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Pupil)
        .where(Pupil.school_id == step.school_id, Pupil.id == step.pupil_id, mine, step.to_class.is_(None))
        .values(left_on=promotion.moved_on)
        .execution_options(synchronize_session=False)
    )
    set_day(session, "")


def _move_teachers(
    session: Session,
    moves: Sequence[ClassMove],
    targets: Mapping[str, int],
    with_class: Collection[int],
    on: date,
) -> dict[str, list[Any]]:
    """Ends the homeroom teachers' rows of classes that leave or change, begins those of who goes along."""
    going = [move for move in moves if move.teacher and move.target and move.school_class.id in with_class]
    over = {move.school_class.id for move in moves if move in going or move.target is None}
    over |= {targets[str(move.target)] for move in going}
    ended = [one for one in session.scalars(queries.teachers_on(on)) if one.class_id in over]
    begun = [
        ClassTeacher(
            school_id=move.teacher.school_id,
            class_id=targets[str(move.target)],
            staff_id=move.teacher.staff_id,
            starts_on=on,
        )
        for move in going
        if move.teacher
    ]
    # A row that began today leaves no day behind: it is taken back, and written down to be put back.
    gone = [one for one in ended if one.starts_on >= on]
    dropped = [[one.class_id, one.staff_id] for one in gone]
    kept = [[one.id, one.ends_on.isoformat() if one.ends_on else None] for one in ended if one not in gone]
    for one in ended:
        if one in gone:
            session.delete(one)
        else:
            one.ends_on = on
    session.flush()
    session.add_all(begun)
    session.flush()
    return {"ended": kept, "dropped": dropped, "begun": [one.id for one in begun]}


def follow_move(session: Session, promotion: Promotion) -> None:
    """Grades decide under some definitions, and who is enrolled under all."""
    steps = select(PromotionStep.pupil_id).where(
        PromotionStep.school_id == promotion.school_id, PromotionStep.promotion_id == promotion.id
    )
    session.flush()
    session.expire_all()
    renew_spells(session, school_id=promotion.school_id, pupil_ids=session.scalars(steps).all())
    note_change(session, school_id=promotion.school_id, starts_on=promotion.moved_on, ends_on=None)
    session.flush()


def set_day(session: Session, day: str) -> None:
    """Tells the trigger on pupils on which day they change class (migration 0009)."""
    session.execute(text("select set_config('lx.moved_on', :day, true)"), {"day": day})
