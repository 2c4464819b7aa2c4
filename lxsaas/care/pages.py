"""The blueprint of care with what all its pages share."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import ColumnElement, or_, select, true

from lxsaas.accounts.access import realm
from lxsaas.care import messages
from lxsaas.care.details import GIFTS, MEANS, PARTIES, TAGGED, TIMED, Detail, tags_in
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.care.reach import pupils_in_reach
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.reach import may_open, today

blueprint = Blueprint("care", __name__, url_prefix="/s/<school_slug>")


@blueprint.context_processor
def words() -> dict[str, object]:
    """What the templates of this feature name care by."""
    day = today()
    return {
        "kinds": messages.KINDS,
        "monthly": messages.MONTHLY,
        "codes": messages.CODES,
        "four_cares": messages.FOUR_CARES,
        "kinds_with": KINDS_WITH,
        "detail_words": detail_words,
        "today": day,
        "yesterday": day - timedelta(days=1),
    }


def _kinds_of(field: Mapping[CareKind, tuple[int, ...]], code: int) -> tuple[int, ...]:
    return tuple(int(kind) for kind, codes in field.items() if code in codes)


KINDS_WITH: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "party": {code: _kinds_of(PARTIES, code) for code in messages.PARTIES},
    "means": {code: _kinds_of(MEANS, code) for code in messages.MEANS},
    "item": {code: tuple(map(int, GIFTS)) for code in messages.ITEMS},
    "giver": {code: tuple(map(int, GIFTS)) for code in messages.GIVERS},
    "minutes": {0: tuple(map(int, TIMED))},
    "tags": {code: tuple(map(int, TAGGED)) for code in messages.FOUR_CARES},
}
"""Field -> code -> the kinds at which it is asked for: the form shows only those of the chosen kind."""


def detail_words(detail: Detail | None) -> str:
    """A record's details in one line; '' for none."""
    if detail is None:
        return ""
    said = [
        gettext(known[code])
        for name, known in messages.CODES.items()
        if (code := getattr(detail, name)) in known
    ]
    said += [gettext(messages.FOUR_CARES[tag]) for tag in tags_in(detail.tags)]
    if detail.minutes:
        said.append(gettext("%(minutes)s min", minutes=detail.minutes))
    return str(gettext(", ").join(said))


def seen() -> ColumnElement[bool]:
    """Which records exist for the signed-in person: that a child was counselled is told to few (P8, P16).

    The counsellor who did it, and the principal, who sees who is at risk.
    """
    if Permission.VIEW_RISK in current_user.permissions:
        return true()
    return or_(CareRecord.kind != CareKind.COUNSELLING, CareRecord.recorded_by == current_user.id)


def record_in_reach(record_id: int) -> tuple[CareRecord, Pupil] | None:
    """A record with its child, where the signed-in person may see that child."""
    query = select(CareRecord).where(CareRecord.school_id == realm().id, CareRecord.id == record_id, seen())
    record = db.session.scalars(query).one_or_none()
    if record is None:
        return None
    pupil = db.session.scalars(pupils_in_reach().where(Pupil.id == record.pupil_id)).one_or_none()
    return (record, pupil) if pupil else None


def may_read(record: CareRecord) -> bool:
    """Whether the signed-in person reads a record's note.

    One reads one's own notes, and those of colleagues on children whose whole file one keeps, except from
    counselling: its notes are the counsellor's alone (domain: P8, P16).
    """
    if record.recorded_by == current_user.id:
        return True
    return record.kind != CareKind.COUNSELLING and may_open(record.pupil_id)


def is_in_charge(record: CareRecord) -> bool:
    """Whether a record is one's own; every record is the principal's too."""
    held = current_user.permissions
    own = record.recorded_by == current_user.id or Permission.VIEW_WHOLE_SCHOOL in held
    return own and Permission.RECORD_CARE in held


def may_withdraw(record: CareRecord) -> bool:
    return is_in_charge(record) and record.withdrawn_at is None


def may_edit(record: CareRecord) -> bool:
    """Whoever may withdraw a record and read what it says."""
    return may_withdraw(record) and may_read(record)


def day_of(text: str | None) -> date | None:
    """The day of an address, 'YYYY-MM-DD'; None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
