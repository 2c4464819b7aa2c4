"""The registers of this feature, declared."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from lxsaas.core.messages import N_
from lxsaas.networks import checks, forms
from lxsaas.networks.models import NetworkContact, Referral, ReferralStep
from lxsaas.pupils.models import Pupil
from lxsaas.registers.register import Filter, Register

ASK_AGAIN = timedelta(days=14)
"""Offered as the day on which the school asks how it went."""
STALE = timedelta(days=180)
"""After so long a number may have changed: half a year."""


def _new_referral(_session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    return {"referred_on": today, "due_on": today + ASK_AGAIN}


def is_open(_today: date) -> ColumnElement[bool]:
    """Referrals that are not settled."""
    return Referral.settled_on.is_(None)


def is_late(today: date) -> ColumnElement[bool]:
    """Referrals that nobody settled by the day on which the school meant to ask."""
    return and_(Referral.settled_on.is_(None), Referral.due_on < today)


def _unchecked(today: date) -> ColumnElement[bool]:
    return NetworkContact.checked_on.is_(None) | (NetworkContact.checked_on < today - STALE)


CONTACTS = Register(
    "network-contacts", NetworkContact, forms.ContactForm, N_("Contacts of the five networks"),
    N_("Contact"), N_("Add a contact"), "phone", ("name", "network", "organisation", "duty", "checked_on"),
    area="protection", of_child=False, ordered_by="recorded_at",
    filters=(Filter("unchecked", N_("Number not tried in half a year"), _unchecked),),
    searched=("name", "organisation", "duty"), check=checks.check_contact, with_files=False,
    help=N_("Relatives, village, school, social groups, police and law: whom to call for what."),
)  # fmt: skip
REFERRALS = Register(
    "referrals", Referral, forms.ReferralForm, N_("Referrals"), N_("Referral"), N_("Refer the child"),
    "arrow-right", ("need", "network", "network_contact_id", "referred_on", "due_on", "settled_on"),
    ordered_by="referred_on",
    filters=(Filter("open", N_("Not settled"), is_open), Filter("late", N_("Overdue"), is_late)),
    check=checks.check_referral, defaults=_new_referral,
    help=N_("Who is asked to help, and what came of it. Suspected harm is a mandatory report instead."),
    area="protection",
)  # fmt: skip
REFERRAL_STEPS = Register(
    "referral-steps", ReferralStep, forms.ReferralStepForm, N_("Follow-ups"), N_("Follow-up"),
    N_("Add a step"), "check", ("done_on",), ordered_by="done_on", area="", parent=REFERRALS,
    check=checks.check_step, defaults=lambda _session, _pupil, today: {"done_on": today}, with_files=False,
)  # fmt: skip
ALL = (CONTACTS, REFERRALS, REFERRAL_STEPS)
