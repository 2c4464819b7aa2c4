"""Deciding a nomination, once; what is entered is checked here too."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.awards.models import ChildNomination, Nominated
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import edit_row
from lxsaas.registers.checks import check_days
from lxsaas.registers.rows import lock_school

Values = Mapping[str, Any]


def check_nomination(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """A pair names its other child, a parent is named, and what was nominated was so in the past."""
    check_days(values, today, past=("nominated_on",))
    kind = values.get("kind")
    if kind == "pair" and not values["partner_id"]:
        raise RuleError("partner_missing", field="partner_id")
    if kind not in (None, "pair") and values["partner_id"]:
        raise RuleError("no_partner", field="partner_id")
    if kind == "parent" and not values["parent_name"]:
        raise RuleError("parent_missing", field="parent_name")
    if kind == "pair" and pupil is not None:
        _check_pair(session, pupil, values)


def _check_pair(session: Session, pupil: Pupil, values: Values) -> None:
    """Raises RuleError where the two are nominated from the other child's page already."""
    # Two who nominate from either page at once would each find nothing.
    lock_school(session, "award pairs", pupil.school_id)
    one = ChildNomination
    same = one.school_id == pupil.school_id, one.school_year == values["school_year"], one.kind == "pair"
    turned = one.pupil_id == values["partner_id"], one.partner_id == pupil.id, one.withdrawn_at.is_(None)
    if session.scalar(select(one.id).where(*same, *turned)) is not None:
        raise RuleError("nominated_twice", field="partner_id")


def decide_nomination(
    session: Session,
    row: Nominated,
    *,
    decision: str,
    decided_on: date,
    words: str | None,
    version: int,
    today: date,
    by: int,
) -> None:
    """Decides a nomination: 'awarded' or 'declined', for good; a slip is withdrawn and nominated anew.

    Raises RuleError for a day that cannot be, and for a nomination that was decided in the meantime.
    """
    if row.decision is not None:
        raise RuleError("decided_already")
    check_days({"decided_on": decided_on}, today, past=("decided_on",))
    if decided_on < row.nominated_on:
        raise RuleError("decided_before_nominated", field="decided_on")
    values = {"decision": decision, "decided_on": decided_on, "decision_words": words}
    edit_row(session, row, values=values, version=version, by=by)
    table = row.__tablename__
    audit(session, f"decide_{table}", table, row.id, school_id=row.school_id, by=by, decision=decision)
