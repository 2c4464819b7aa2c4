"""Undoing a moving up, until the new term starts: everything exactly as it was (P6).

Only children whose files another school has received since stay as they are: they are gone for good.
"""

from datetime import date

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from lxsaas.accounts.models import ClassTeacher
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.movement import queries
from lxsaas.movement.models import ClassMembership, Promotion, PromotionStep
from lxsaas.movement.promotion import follow_move, set_day
from lxsaas.movement.transfer_models import TransferPackage
from lxsaas.pupils.models import Pupil
from lxsaas.registers.rows import lock_school


def undo(session: Session, promotion: Promotion, *, district_id: int, today: date, by: int) -> None:
    """Puts everything back as it was before the school was moved up.

    Raises RuleError when the new term has begun, or pupils or teachers were changed since.
    """
    lock_school(session, "promotion", promotion.school_id)
    session.refresh(promotion, with_for_update=True)
    if promotion.undone_at is not None:
        raise RuleError("undone_already")
    term = session.scalars(queries.next_term(district_id, promotion.moved_on)).one_or_none()
    if term is not None and today >= term.starts_on:
        raise RuleError("undo_too_late")
    others = session.scalars(touched(promotion)).all()
    if others:
        raise RuleError("undo_touched", count=len(others))
    if not _teachers_stand(session, promotion):
        raise RuleError("undo_teachers")
    _restore(session, promotion)
    promotion.undone_by, promotion.undone_at = by, session.scalar(select(func.now()))
    audit(session, "undo_move", "promotion", promotion.id, school_id=promotion.school_id, by=by)
    follow_move(session, promotion)


def _here(promotion: Promotion) -> ColumnElement[bool]:
    """The steps of a moving up whose children are still the school's."""
    step, package = PromotionStep, TransferPackage
    gone = exists().where(
        package.school_id == step.school_id,
        package.pupil_id == step.pupil_id,
        package.state.in_(("received", "forgotten")),
    )
    return and_(step.school_id == promotion.school_id, step.promotion_id == promotion.id, ~gone)


def touched(promotion: Promotion) -> Select[str]:
    """Pupils whose class or leaving day is no longer what the moving up made it."""
    step = PromotionStep
    other_class = step.to_class.is_not(None) & (
        (Pupil.class_id != step.to_class) | Pupil.left_on.is_not(None)
    )
    other_leaving = step.to_class.is_(None) & Pupil.left_on.is_distinct_from(promotion.moved_on)
    return (
        select(Pupil.name)
        .join(step, (Pupil.school_id == step.school_id) & (Pupil.id == step.pupil_id))
        .where(_here(promotion), other_class | other_leaving)
        .order_by(Pupil.pinyin, Pupil.id)
    )


def _teachers_stand(session: Session, promotion: Promotion) -> bool:
    """Whether the rows begun are there and open, and nobody else has taken a class that gets its own back."""
    begun = promotion.detail.get("begun", [])
    open_now = session.scalars(
        select(ClassTeacher).where(
            ClassTeacher.school_id == promotion.school_id,
            ClassTeacher.ends_on.is_(None) | (ClassTeacher.ends_on > promotion.moved_on),
        )
    ).all()
    if not set(begun) <= {one.id for one in open_now if one.ends_on is None}:
        return False
    ended = [one for one, _ in promotion.detail.get("ended", [])]
    back = set(session.scalars(select(ClassTeacher.class_id).where(ClassTeacher.id.in_(ended))))
    back |= {class_id for class_id, _ in promotion.detail.get("dropped", [])}
    return all(one.id in begun or one.class_id not in back for one in open_now)


def _restore(session: Session, promotion: Promotion) -> None:
    step = PromotionStep
    same = (Pupil.school_id == step.school_id) & (Pupil.id == step.pupil_id)
    set_day(session, "undo")
    for change, which in (
        ({"class_id": step.from_class}, step.to_class.is_not(None)),
        ({"left_on": None}, step.to_class.is_(None)),
    ):
        session.execute(
            update(Pupil)
            .where(same, _here(promotion), which)
            .values(change)
            .execution_options(synchronize_session=False)
        )
    set_day(session, "")
    _restore_memberships(session, promotion)
    ended, dropped = promotion.detail.get("ended", []), promotion.detail.get("dropped", [])
    session.execute(delete(ClassTeacher).where(ClassTeacher.id.in_(promotion.detail.get("begun", []))))
    for row_id, until in ended:
        ends_on = date.fromisoformat(until) if until else None
        session.execute(update(ClassTeacher).where(ClassTeacher.id == row_id).values(ends_on=ends_on))
    for class_id, staff_id in dropped:
        session.add(
            ClassTeacher(
                school_id=promotion.school_id, class_id=class_id, staff_id=staff_id,
                starts_on=promotion.moved_on,
            )
        )  # fmt: skip


def _restore_memberships(session: Session, promotion: Promotion) -> None:
    """What the trigger ended goes on; who was enrolled on that very day has one row, in the class before."""
    step, member, before = PromotionStep, ClassMembership, aliased(ClassMembership)
    moved = select(step.pupil_id).where(_here(promotion), step.to_class.is_not(None))
    earlier = exists().where(
        before.school_id == member.school_id,
        before.pupil_id == member.pupil_id,
        before.ends_on == promotion.moved_on,
    )
    begun = member.pupil_id.in_(moved), member.starts_on == promotion.moved_on
    still = {"synchronize_session": False}
    session.execute(delete(member).where(*begun, earlier).execution_options(**still))
    session.execute(
        update(member)
        .where(
            *begun, step.school_id == member.school_id, step.promotion_id == promotion.id,
            step.pupil_id == member.pupil_id,
        )
        .values(class_id=step.from_class)
        .execution_options(**still)
    )  # fmt: skip
    session.execute(
        update(member)
        .where(member.pupil_id.in_(moved), member.ends_on == promotion.moved_on)
        .values(ends_on=None)
        .execution_options(**still)
    )
