"""What stands on the page of a meeting, a document or an activity beside its fields."""

from typing import Any

from flask_login import current_user

from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.organisation import queries
from lxsaas.organisation import reach as own
from lxsaas.organisation.models import ClassActivity, GroupMeeting, PlanDocument
from lxsaas.organisation.texts import blocks_of
from lxsaas.pupils import reach


def of_meeting(meeting: GroupMeeting) -> dict[str, Any]:
    """What was still open from earlier meetings."""
    return {
        "earlier": db.session.execute(queries.open_at(meeting)).all(),
        "today": reach.today(),
        "manages": own.manages(),
    }


def of_document(document: PlanDocument) -> dict[str, Any]:
    """The text, the other editions, whether one has read it, and for who keeps it who has not."""
    today, term = reach.today(), own.term_name()
    to_read = queries.to_read(current_user.id, today, term).where(PlanDocument.id == document.id)
    receipt = db.session.scalars(queries.receipt_of(document, current_user.id)).one_or_none()
    editions = db.session.scalars(queries.editions_of(document).where(own.seen_documents())).all()
    manages, is_published = own.manages(), document.published_on is not None
    readers = queries.readers_of(document, today, term) if manages and is_published else None
    return {
        "blocks": blocks_of(document.body),
        "editions": [one for one in editions if one.id != document.id],
        "newest": editions[0] if editions else document,
        "asks": db.session.scalars(to_read).one_or_none() is not None,
        "confirmed_on": receipt.confirmed_on if receipt else None,
        "readers": db.session.execute(readers).all() if readers is not None else [],
        "manages": manages,
    }


def of_activity(activity: ClassActivity) -> dict[str, Any]:
    """Whether it can be marked done with a tap."""
    may = Permission.RECORD_CARE in current_user.permissions
    is_open = activity.held_on is None and activity.withdrawn_at is None
    return {"can_complete": may and is_open and activity.week_on <= reach.today()}
