"""What must be true of entrustments, temporary guardians, consents and requests beyond their shape."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.archive import law
from lxsaas.core.clock import add_months
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil

AHEAD_DAYS = 120
"""A term's entrustment may be told in the holidays before it."""


def check_temporary(session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date) -> None:
    """The time of a temporary guardian."""
    _born(pupil, values, "starts_on")
    _soon(values, "starts_on", today)
    _ordered(values, "starts_on", "ends_on")


def check_entrustment(
    session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date
) -> None:
    """Minors Protection Law, art. 22: every point holds, the child was heard; a year at most."""
    _past(values, "notice_on", today)
    _born(pupil, values, "notice_on", "starts_on")
    _soon(values, "starts_on", today)
    _ordered(values, "starts_on", "ends_on")
    if values["ends_on"] > add_months(values["starts_on"], 12):
        raise RuleError("entrustment_long", field="ends_on")
    if set(values["cleared"]) != set(law.POINTS):
        raise RuleError("entrustment_points", field="cleared")
    asked = pupil is None or add_months(pupil.born_on, 12 * law.HEARD_FROM_AGE) <= today
    if asked and not values["child_heard"]:
        raise RuleError("entrustment_unheard", field="child_heard", age=law.HEARD_FROM_AGE)


def check_consent(session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date) -> None:
    """Days of a consent and of its end."""
    _past(values, "given_on", today)
    _past(values, "revoked_on", today)
    _born(pupil, values, "given_on")
    if values.get("revoked_on") and values["revoked_on"] < values["given_on"]:
        raise RuleError("ends_before_start", field="revoked_on")


def check_correction(
    session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date
) -> None:
    """Days of a request, and a reason for each refusal (Personal Information Protection Law, art. 50)."""
    _past(values, "asked_on", today)
    _past(values, "decided_on", today)
    _born(pupil, values, "asked_on")
    if bool(values["outcome"]) != bool(values["decided_on"]):
        raise RuleError("decision_day", field="decided_on")
    if values["decided_on"] and values["decided_on"] < values["asked_on"]:
        raise RuleError("ends_before_start", field="decided_on")
    if values["outcome"] == "refused" and not values["answer"]:
        raise RuleError("answer_required", field="answer")


def _past(values: Mapping[str, Any], name: str, today: date) -> None:
    if values.get(name) and values[name] > today:
        raise RuleError("in_future", field=name)


def _soon(values: Mapping[str, Any], name: str, today: date) -> None:
    if values[name] > today + timedelta(days=AHEAD_DAYS):
        raise RuleError("starts_too_late", field=name, days=AHEAD_DAYS)


def _born(pupil: Pupil | None, values: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if pupil is not None and values.get(name) and values[name] < pupil.born_on:
            raise RuleError("before_birth", field=name)


def _ordered(values: Mapping[str, Any], first: str, last: str) -> None:
    if values.get(last) and values[last] <= values[first]:
        raise RuleError("ends_before_start", field=last)
