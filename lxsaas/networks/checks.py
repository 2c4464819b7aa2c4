"""What must be true of referrals and contacts beyond the shape of their fields."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.errors import RuleError
from lxsaas.networks.models import NetworkContact
from lxsaas.pupils.models import Pupil
from lxsaas.registers.checks import check_days

Values = Mapping[str, Any]


def check_contact(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """A number was tried in the past."""
    check_days(values, today, past=("checked_on",))


def check_referral(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """Settled after it began and with an outcome; the contact belongs to the network that was asked."""
    assert pupil is not None
    check_days(values, today, past=("referred_on", "settled_on"))
    if values["due_on"] < values["referred_on"]:
        raise RuleError("due_before", field="due_on")
    if values["settled_on"] and values["settled_on"] < values["referred_on"]:
        raise RuleError("ends_before_start", field="settled_on")
    if bool(values["settled_on"]) != bool(values["outcome"]):
        field = "outcome" if values["settled_on"] else "settled_on"
        raise RuleError("settled_with_outcome", field=field)
    if values["network_contact_id"]:
        query = select(NetworkContact.network).where(
            NetworkContact.school_id == pupil.school_id, NetworkContact.id == values["network_contact_id"]
        )
        if session.scalar(query) != values["network"]:
            raise RuleError("contact_of_other_network", field="network_contact_id")


def check_step(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """A step lies in the past."""
    check_days(values, today, past=("done_on",))
