"""What of the organisation the signed-in person may see, and the term in which the day lies."""

from flask import g
from flask_login import current_user
from sqlalchemy import ColumnElement, select, true

from lxsaas.accounts.access import realm
from lxsaas.core.permissions import Permission
from lxsaas.duty_rules.queries import last_term
from lxsaas.extensions import db
from lxsaas.organisation import queries
from lxsaas.organisation.models import ClassActivity, GroupDecision, GroupMeeting, PlanDocument
from lxsaas.pupils import reach
from lxsaas.registers.offers import classes_in_reach
from lxsaas.schools.models import SchoolClass, Term


def term_now() -> Term | None:
    """The term of today, in holidays the one before; None where the district has set none."""
    if "term_now" not in g:
        g.term_now = db.session.scalars(last_term(realm().district_id, reach.today())).one_or_none()
    found: Term | None = g.term_now
    return found


def term_name() -> str | None:
    term = term_now()
    return term.name if term else None


def manages() -> bool:
    """Whether the organisation is the signed-in person's to keep."""
    return Permission.MANAGE_ORGANISATION in current_user.permissions


def seen_meetings() -> ColumnElement[bool]:
    """Every meeting for who keeps them; for others those of the own group, or attended."""
    return true() if manages() else queries.meeting_seen_by(current_user.id, term_name())


def seen_decisions() -> ColumnElement[bool]:
    """The decisions of the meetings that one sees."""
    # Not correlated: queries that join the meeting have it in their own list too.
    return GroupDecision.group_meeting_id.in_(select(GroupMeeting.id).where(seen_meetings()).correlate(None))


def seen_documents() -> ColumnElement[bool]:
    """What was published; drafts too for who writes them."""
    return true() if manages() else PlanDocument.published_on.is_not(None)


def seen_activities() -> ColumnElement[bool]:
    """Those of one's classes, or of the whole school."""
    ids = classes_in_reach().with_only_columns(SchoolClass.id).order_by(None)
    return ClassActivity.class_id.in_(ids)
