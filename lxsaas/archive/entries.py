"""The registers of the child's file, declared: temporary guardians, entrustments, consents, requests."""

from datetime import date, timedelta
from typing import Any

from flask import request
from flask_login import current_user
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from lxsaas.archive import checks, forms, law, models, queries
from lxsaas.archive.five_known import renew_five_known
from lxsaas.core.crypto import school_cipher
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.pupils import hooks, reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.secrets import open_secrets
from lxsaas.registers.register import Filter, Register
from lxsaas.registers.rows import values_of

RENEWED = ("given_by", "name", "relation", "phone", "address")
"""What a new entrustment takes over from the last one; that the law's points hold is asked anew."""
TERM_DAYS = 180
"""How long an entrustment holds where the district has no term."""


def follow_contact(session: Session, row: Any, *, by: int) -> None:
    """Keeps the number findable, and what is known of the child up to date."""
    cipher = school_cipher(session, row.school_id)
    table = row.__tablename__
    number = cipher.open(row.phone_sealed, table=table, column="phone_sealed", row_id=row.id)
    row.phone_digest = cipher.digest(number) if number and row.withdrawn_at is None else None
    session.flush()
    renew_five_known(session, row.school_id, [row.pupil_id], reach.today())


def entrustment_defaults(session: Session, pupil: Pupil | None, today: date) -> dict[str, Any]:
    """The last entrustment's person for the coming term: renewing is checking and saving.

    That its number and address are seen is logged; the page commits.
    """
    if pupil is None:
        return {}
    last = session.scalars(queries.entrustments_of(pupil.school_id, [pupil.id]).limit(1)).one_or_none()
    term = session.scalars(queries.term_for(pupil.school_id, today)).one_or_none()
    starts_on = max(today, last.ends_on) if last else today
    ends_on = term.ends_on + timedelta(days=1) if term else starts_on + timedelta(days=TERM_DAYS)
    if ends_on <= starts_on:
        ends_on = starts_on + timedelta(days=TERM_DAYS)
    known = {"starts_on": starts_on, "ends_on": ends_on, "notice_on": today}
    if last is None:
        return known
    cipher = school_cipher(session, pupil.school_id)
    open_secrets(session, cipher, pupil, [], by=current_user.id, why=last.__tablename__)
    opened = values_of(last, cipher)
    return known | {name: opened[name] for name in RENEWED}


def _consent_defaults(_session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    wanted = request.args.get("purpose", "")
    return {"given_on": today, "purpose": wanted if wanted in law.PURPOSES else None}


def _starts_today(_session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    return {"starts_on": today}


def _asked_today(_session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    return {"asked_on": today, "kind": "correct"}


def _holds(today: date) -> ColumnElement[bool]:
    return (models.Entrustment.starts_on <= today) & (models.Entrustment.ends_on > today)


def _ends_soon(today: date) -> ColumnElement[bool]:
    return _holds(today) & (models.Entrustment.ends_on <= today + timedelta(days=30))


def _looks_after(today: date) -> ColumnElement[bool]:
    one = models.TemporaryGuardian
    return (one.starts_on <= today) & or_(one.ends_on.is_(None), one.ends_on > today)


def _open_request(_today: date) -> ColumnElement[bool]:
    return models.CorrectionRequest.outcome.is_(None)


def _late_request(today: date) -> ColumnElement[bool]:
    asked = models.CorrectionRequest.asked_on < today - timedelta(days=law.ANSWER_DAYS)
    return asked & _open_request(today)


TEMPORARY = Register(
    "temporary-guardians", models.TemporaryGuardian, forms.TemporaryForm, N_("Temporary guardians"),
    N_("Temporary guardian"), N_("Add a temporary guardian"), "home-heart",
    ("name", "relation", "starts_on", "ends_on"),
    view=Permission.VIEW_SECRETS, record=Permission.EDIT_FILES, of_file=True, ordered_by="starts_on",
    filters=(Filter("now", N_("Looks after the child now"), _looks_after),),
    check=checks.check_temporary, follow=follow_contact, defaults=_starts_today, with_files=False,
    help=N_("Who looks after the child while its guardian at home cannot."),
)  # fmt: skip
ENTRUSTMENTS = Register(
    "entrustments", models.Entrustment, forms.EntrustmentForm, N_("Entrustments"), N_("Entrustment"),
    N_("Record an entrustment"), "home", ("name", "relation", "starts_on", "ends_on", "given_by"),
    view=Permission.VIEW_SECRETS, record=Permission.EDIT_FILES, of_file=True, ordered_by="starts_on",
    filters=(
        Filter("valid", N_("In force"), _holds),
        Filter("soon", N_("Ends within 30 days"), _ends_soon),
    ),
    check=checks.check_entrustment, follow=follow_contact, defaults=entrustment_defaults,
    help=N_("Parents who leave tell the school in writing whom they entrust with the child; each term anew."),
)  # fmt: skip
CONSENTS = Register(
    "consents", models.Consent, forms.ConsentForm, N_("Consents"), N_("Consent"), N_("Record a consent"),
    "circle-check", ("purpose", "given_by", "given_on", "revoked_on"),
    view=Permission.VIEW_SECRETS, record=Permission.EDIT_FILES, of_file=True, ordered_by="given_on", area="",
    filters=(
        Filter("open", N_("In force"), lambda _today: models.Consent.revoked_on.is_(None)),
        Filter("revoked", N_("Revoked"), lambda _today: models.Consent.revoked_on.is_not(None)),
    ),
    check=checks.check_consent, defaults=_consent_defaults,
    help=N_("Read the purpose’s text with the guardian; keep the signed sheet as a photo."),
)  # fmt: skip
CORRECTIONS = Register(
    "corrections", models.CorrectionRequest, forms.CorrectionForm, N_("Requests of guardians"),
    N_("Request of a guardian"), N_("Record a request"), "pencil",
    ("kind", "asked_by", "asked_on", "outcome", "decided_on"),
    view=Permission.VIEW_SECRETS, record=Permission.EDIT_FILES, of_file=True, ordered_by="asked_on",
    filters=(
        Filter("open", N_("Not answered yet"), _open_request),
        Filter("late", N_("Answer is late"), _late_request),
    ),
    check=checks.check_correction, defaults=_asked_today,
    help=N_("Guardians may have what the school holds corrected or deleted; answer within 15 days."),
)  # fmt: skip
REGISTERS = (TEMPORARY, ENTRUSTMENTS, CONSENTS, CORRECTIONS)


def _numbers_of(model: Any) -> hooks.NumberFinder:
    return lambda digest: select(model.pupil_id).where(
        model.phone_digest == digest, model.withdrawn_at.is_(None)
    )


hooks.number_finders.extend(_numbers_of(one) for one in (models.TemporaryGuardian, models.Entrustment))
hooks.pupils_changed.append(renew_five_known)
hooks.carried_models.extend((models.ChildProfile, models.TemporaryGuardian))
