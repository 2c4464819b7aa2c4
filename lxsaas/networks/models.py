"""Contacts of the five networks, and children referred to them until it is settled (P27)."""

from datetime import date
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from lxsaas.core.db import Base, school_key
from lxsaas.registers.models import Entry, entry_args

_NETWORK = "network in ('relatives', 'village', 'school', 'society', 'law')"


class NetworkContact(Entry, Base):
    """Somebody who can be called for help."""

    __tablename__ = "network_contact"
    SEALED: ClassVar = ("phone",)
    __table_args__ = entry_args(CheckConstraint(_NETWORK, name="network"))

    network: Mapped[str]
    name: Mapped[str]
    """The person, or the office where whoever is on duty answers."""
    organisation: Mapped[str | None]
    duty: Mapped[str | None]
    """What can be asked of them."""
    phone_sealed: Mapped[bytes]
    checked_on: Mapped[date | None]
    """When somebody last answered under this number."""


class Referral(Entry, Base):
    """A child for whom one of the networks is asked to do something."""

    __tablename__ = "referral"
    SEALED: ClassVar = ("words", "outcome_words")
    RULES: ClassVar = {
        "ck_referral_order": ("ends_before_start", "settled_on"),
        "ck_referral_due": ("due_before", "due_on"),
    }
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("network_contact_id", "network_contact"),
        Index(None, "school_id", "pupil_id"),
        Index(None, "school_id", "due_on"),
        CheckConstraint(_NETWORK, name="network"),
        CheckConstraint(
            "need in ('care', 'safety', 'health', 'mind', 'study', 'money', 'law', 'other')", name="need"
        ),
        CheckConstraint("outcome in ('helped', 'partly', 'not_helped', 'not_needed')", name="outcome"),
        CheckConstraint("due_on >= referred_on", name="due"),
        CheckConstraint("settled_on >= referred_on", name="order"),
    )

    pupil_id: Mapped[int]
    network: Mapped[str]
    network_contact_id: Mapped[int | None]
    need: Mapped[str]
    words_sealed: Mapped[bytes]
    """Why, and what is asked."""
    referred_on: Mapped[date]
    due_on: Mapped[date]
    """When the school asks how it went."""
    settled_on: Mapped[date | None]
    outcome: Mapped[str | None]
    outcome_words_sealed: Mapped[bytes | None]


class ReferralStep(Entry, Base):
    """What happened meanwhile."""

    __tablename__ = "referral_step"
    SEALED: ClassVar = ("words",)
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("referral_id", "referral"),
        Index(None, "school_id", "referral_id"),
    )

    pupil_id: Mapped[int]
    referral_id: Mapped[int]
    done_on: Mapped[date]
    words_sealed: Mapped[bytes]
