"""What must be true of entered rows beyond the shape of their fields."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.core.errors import RuleError
from lxsaas.duty_rules.queries import amounts_of
from lxsaas.pupils.models import Pupil
from lxsaas.registers.checks import check_days as check_any_days
from lxsaas.registers.rows import lock_school
from lxsaas.schools.models import School
from lxsaas.support.labels import STAFF_KINDS
from lxsaas.support.models import Pairing
from lxsaas.support.queries import paired

Values = Mapping[str, Any]


def check_days(pupil: Pupil, values: Values, today: date, *, past: tuple[str, ...] = ()) -> None:
    """No day before the child's birth or far ahead; the days of `past` have come."""
    for name, value in values.items():
        if isinstance(value, date) and value < pupil.born_on:
            raise RuleError("before_birth", field=name)
    check_any_days(values, today, past=past)


def check_pairing(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """One helper of the kind's sort, in days that make sense, within what one helper may carry (P9)."""
    assert pupil is not None
    check_days(pupil, values, today)
    _check_helper(values)
    if values["ends_on"] and values["ends_on"] < values["starts_on"]:
        raise RuleError("ends_before_start", field="ends_on")
    if values["ends_on"] and values["ends_on"] <= today and not values["end_reason"]:
        raise RuleError("end_reason_missing", field="end_reason")
    if values["staff_id"] and (values["ends_on"] is None or values["ends_on"] > today):
        check_limit(session, pupil.school_id, values["staff_id"], [pupil.id], today)


def _check_helper(values: Values) -> None:
    kind, fields = values["kind"], ("staff_id", "helper_pupil_id", "helper_name")
    if kind in STAFF_KINDS and not values["staff_id"]:
        raise RuleError("pairing_staff", field="staff_id")
    if kind == "pupil" and not values["helper_pupil_id"]:
        raise RuleError("pairing_classmate", field="helper_pupil_id")
    if sum(bool(values[name]) for name in fields) != 1:
        raise RuleError("pairing_helper", field="staff_id")


def check_limit(session: Session, school_id: int, staff_id: int, pupil_ids: list[int], today: date) -> None:
    """Raises RuleError when a helper would carry more children than the school allows."""
    # Two who pair with one helper at once would each still see room.
    lock_school(session, f"helper:{staff_id}", school_id)
    district_id = session.scalar(select(School.district_id).where(School.id == school_id)) or 0
    limit = amounts_of(session, school_id=school_id, district_id=district_id).of("helper_limit")
    others = select(func.count(Pairing.pupil_id.distinct())).where(
        Pairing.school_id == school_id,
        Pairing.staff_id == staff_id,
        Pairing.pupil_id.not_in(pupil_ids),
        paired(today),
    )
    carried = session.scalar(others) or 0
    if limit and carried + len(set(pupil_ids)) > limit:
        raise RuleError("helper_full", field="staff_id", carried=carried, limit=limit)


def check_found(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """What was seen or done lies in the past."""
    assert pupil is not None
    past = ("checked_on", "reviewed_on", "raised_on", "occurred_on", "done_on", "received_on", "since_on")
    check_days(pupil, values, today, past=(*past, "returned_on"))
    if values.get("returned_on") and values["returned_on"] <= values["since_on"]:
        raise RuleError("ends_before_start", field="returned_on")


def check_conduct(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """A case is closed after it was opened, and with an outcome."""
    assert pupil is not None
    check_days(pupil, values, today, past=("opened_on", "closed_on"))
    if values["closed_on"] and values["closed_on"] < values["opened_on"]:
        raise RuleError("ends_before_start", field="closed_on")
    if values["closed_on"] and not values["outcome"]:
        raise RuleError("outcome_missing", field="outcome")
