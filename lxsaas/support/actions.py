"""What follows from entries: who may see whom, must-visits opened and closed, work handed over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.duty_rules.queries import amounts_of
from lxsaas.pupils.assignments import assign_pupil, unassign_pupil
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import add_row, edit_row
from lxsaas.schools.models import District, School
from lxsaas.support import queries
from lxsaas.support.checks import check_limit
from lxsaas.support.models import AttendanceEvent, DropOut, HelpPlan, MustVisit, Pairing

LATE_WINDOW = timedelta(days=30)


def follow_pairing(session: Session, row: Pairing, *, by: int) -> None:
    """A colleague sees the child as long as the pairing holds (P8); figures of its days are counted anew."""
    if row.staff_id is None:
        unassign_pupil(session, school_id=row.school_id, subject="pairing", subject_id=row.id)
    else:
        ended = row.starts_on if row.withdrawn_at else row.ends_on
        assign_pupil(
            session, school_id=row.school_id, pupil_id=row.pupil_id, staff_id=row.staff_id,
            subject="pairing", subject_id=row.id, starts_on=row.starts_on, ends_on=ended,
        )  # fmt: skip
    note_change(session, school_id=row.school_id, starts_on=row.starts_on, ends_on=None)


def follow_plan(session: Session, row: HelpPlan, *, by: int) -> None:
    """The subject teacher of a plan sees the child for its term; the term's figures are counted anew."""
    today = _today(session, row.school_id)
    if row.teacher_id is None or row.withdrawn_at is not None:
        unassign_pupil(session, school_id=row.school_id, subject="help_plan", subject_id=row.id)
    else:
        over = session.scalar(queries.plan_over(row.school_id, row.term))
        assign_pupil(
            session, school_id=row.school_id, pupil_id=row.pupil_id, staff_id=row.teacher_id,
            subject="help_plan", subject_id=row.id, starts_on=today, ends_on=over,
        )  # fmt: skip
    note_change(session, school_id=row.school_id, starts_on=today, ends_on=None)


def follow_drop_out(session: Session, row: DropOut, *, by: int) -> None:
    note_change(session, school_id=row.school_id, starts_on=row.since_on, ends_on=None)


def due_visit(
    session: Session, pupil: Pupil | None, values: Mapping[str, Any], _today: date
) -> dict[str, Any]:
    """When a must-visit is due: 7 days after it was noticed, or what the school has set (P14)."""
    assert pupil is not None
    days = _amount(session, pupil.school_id, "must_visit_days")
    return {"due_on": values["raised_on"] + timedelta(days=days)}


def follow_must_visit(session: Session, row: MustVisit, *, by: int) -> None:
    """A must-visit that was entered is closed at once by a visit made since."""
    if row.closed_on is None and row.withdrawn_at is None:
        visit = _first_visit(session, row.school_id, row.pupil_id, row.raised_on)
        if visit is not None:
            row.closed_on, row.care_record_id = visit.occurred_on, visit.id
    note_change(session, school_id=row.school_id, starts_on=row.raised_on, ends_on=None)
    session.flush()


def raise_must_visits(
    session: Session,
    *,
    school_id: int,
    pupil_ids: Collection[int],
    reason: str,
    origin: str,
    on: date,
    by: int,
) -> int:
    """Opens a must-visit for each of these children that has none open for this reason; how many."""
    if not pupil_ids:
        return 0
    due_on = on + timedelta(days=_amount(session, school_id, "must_visit_days"))
    rows = [
        {
            "school_id": school_id, "pupil_id": pupil_id, "recorded_by": by, "reason": reason,
            "origin": origin, "raised_on": on, "due_on": due_on,
        }
        for pupil_id in sorted(set(pupil_ids))
    ]  # fmt: skip
    made = session.scalars(
        insert(table_of(MustVisit)).values(rows).on_conflict_do_nothing().returning(table_of(MustVisit).c.id)
    ).all()
    for visit_id in made:
        audit(
            session, "raise_must_visit", "must_visit", visit_id,
            school_id=school_id, by=by, reason=reason, origin=origin,
        )  # fmt: skip
    if made:
        note_change(session, school_id=school_id, starts_on=on, ends_on=None)
    return len(made)


def close_visited(
    session: Session,
    school_id: int,
    made: Collection[tuple[int, int]],
    kind: CareKind,
    occurred_on: date,
    by: int,
) -> None:
    """A home visit closes the child's must-visits raised by that day (hook of `care`).

    One conditional update: of two who close at once the second finds nothing left to close.
    """
    if kind is not CareKind.HOME_VISIT:
        return
    for record_id, pupil_id in made:
        closed = session.scalars(
            update(MustVisit)
            .where(
                MustVisit.school_id == school_id,
                MustVisit.pupil_id == pupil_id,
                MustVisit.raised_on <= occurred_on,
                queries.open_visits(),
            )
            .values(closed_on=occurred_on, care_record_id=record_id, version=MustVisit.version + 1)
            .returning(MustVisit.id)
            .execution_options(synchronize_session=False)
        ).all()
        for visit_id in closed:
            audit(session, "close_must_visit", "must_visit", visit_id, school_id=school_id, by=by)


def reopen_visited(session: Session, school_id: int, record_id: int) -> None:
    """A home visit was withdrawn or moved: what it had closed is closed by another visit, or open again.

    Raises RuleError where another must-visit for the same reason was opened since: one alone can be open.
    """
    closed = session.scalars(
        select(MustVisit)
        .where(MustVisit.school_id == school_id, MustVisit.care_record_id == record_id)
        .order_by(MustVisit.id)
    ).all()
    for row in closed:
        visit = _first_visit(session, school_id, row.pupil_id, row.raised_on)
        if visit is None and row.withdrawn_at is None and session.scalar(queries.open_beside(row)):
            raise RuleError("must_visit_since")
        row.closed_on = visit.occurred_on if visit else None
        row.care_record_id = visit.id if visit else None
        session.flush()
        note_change(session, school_id=school_id, starts_on=row.raised_on, ends_on=None)


def follow_attendance(session: Session, row: AttendanceEvent, *, by: int) -> None:
    """Repeated lateness opens a must-visit by itself (P14)."""
    if row.withdrawn_at is not None or row.kind == "absent":
        return
    today = _today(session, row.school_id)
    counted = session.execute(
        queries.times_late(row.school_id, [row.pupil_id], today - LATE_WINDOW, today)
    ).all()
    limit = _amount(session, row.school_id, "late_times")
    often = [pupil_id for pupil_id, times in counted if limit and times >= limit]
    raise_must_visits(
        session, school_id=row.school_id, pupil_ids=often, reason="lateness", origin="attendance",
        on=today, by=by,
    )  # fmt: skip


def raise_for_marks(
    session: Session, school_id: int, pupil_ids: Sequence[int], _exam_id: int, by: int
) -> None:
    """Falling marks in an entered exam open a must-visit by themselves (P14; hook of `portfolio`)."""
    raise_must_visits(
        session, school_id=school_id, pupil_ids=pupil_ids, reason="marks", origin="exam",
        on=_today(session, school_id), by=by,
    )  # fmt: skip


def hand_over(
    session: Session,
    *,
    school_id: int,
    from_staff: int,
    to_staff: int,
    reason: str,
    today: date,
    by: int,
) -> int:
    """Gives all children of one helper to another, from today on, in one step; how many children.

    Raises RuleError when both are the same, or the other would carry too many.
    """
    if from_staff == to_staff:
        raise RuleError("same_helper", field="to_staff")
    held = session.scalars(queries.pairings_of_helper(school_id, from_staff, today)).all()
    check_limit(session, school_id, to_staff, [row.pupil_id for row in held], today)
    for row in held:
        until = row.ends_on
        edit_row(session, row, values={"ends_on": today, "end_reason": reason}, version=row.version, by=by)
        follow_pairing(session, row, by=by)
        _continue_with(session, row, to_staff, today, until, by)
    return len({row.pupil_id for row in held})


def _continue_with(
    session: Session, row: Pairing, staff_id: int, today: date, until: date | None, by: int
) -> None:
    """The same pairing with another helper, unless that one helps the child already."""
    known = queries.pairings_of_helper(row.school_id, staff_id, today)
    same = known.where(Pairing.pupil_id == row.pupil_id, Pairing.kind == row.kind)
    if session.scalars(same).first() is not None:
        return
    values = {
        "pupil_id": row.pupil_id, "kind": row.kind, "staff_id": staff_id, "helper_pupil_id": None,
        "helper_name": None, "starts_on": today, "ends_on": until, "end_reason": None,
    }  # fmt: skip
    made, _ = add_row(session, Pairing, school_id=row.school_id, values=values, by=by)
    follow_pairing(session, made, by=by)


def teachers_pair(
    session: Session, *, school_id: int, pupil_ids: Iterable[int], staff_id: int, today: date, by: int
) -> int:
    """Pairs several children with one teacher at once, those who are so already left out; how many."""
    wanted = sorted(set(pupil_ids))
    check_limit(session, school_id, staff_id, wanted, today)
    known = queries.pairings_of_helper(school_id, staff_id, today).where(Pairing.kind == "teacher")
    there = {row.pupil_id for row in session.scalars(known)}
    for pupil_id in wanted:
        if pupil_id not in there:
            values = {
                "pupil_id": pupil_id, "kind": "teacher", "staff_id": staff_id, "helper_pupil_id": None,
                "helper_name": None, "starts_on": today, "ends_on": None, "end_reason": None,
            }  # fmt: skip
            row, _ = add_row(session, Pairing, school_id=school_id, values=values, by=by)
            follow_pairing(session, row, by=by)
    return len(set(wanted) - there)


def _first_visit(session: Session, school_id: int, pupil_id: int, since: date) -> CareRecord | None:
    return session.scalars(
        select(CareRecord)
        .where(
            CareRecord.school_id == school_id,
            CareRecord.pupil_id == pupil_id,
            CareRecord.kind == CareKind.HOME_VISIT,
            CareRecord.occurred_on >= since,
            CareRecord.withdrawn_at.is_(None),
        )
        .order_by(CareRecord.occurred_on, CareRecord.id)
        .limit(1)
    ).one_or_none()


def _amount(session: Session, school_id: int, duty: str) -> int:
    district_id = session.scalar(select(School.district_id).where(School.id == school_id)) or 0
    return amounts_of(session, school_id=school_id, district_id=district_id).of(duty)


def _today(session: Session, school_id: int) -> date:
    query = select(District.timezone).join(School, School.district_id == District.id)
    return clock.today(str(session.scalar(query.where(School.id == school_id))))
