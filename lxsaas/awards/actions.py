"""Deciding a nomination, once; what is entered is checked here too."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.awards.models import Nominated
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import edit_row
from lxsaas.registers.checks import check_days

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
