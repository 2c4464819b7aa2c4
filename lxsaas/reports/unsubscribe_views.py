"""Ends a subscription from its mail: a page with one button, or the mail program's one click; no sign-in."""

from flask import Blueprint, current_app, render_template
from flask_babel import gettext
from sqlalchemy.orm import Session

from lxsaas.accounts.access import public
from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.core.scope import acting_for_district
from lxsaas.extensions import csrf, limiter, session_for
from lxsaas.reports import ending_actions, queries
from lxsaas.reports.labels import REPORTS
from lxsaas.reports.unsubscribe import Ticket, Tokens

blueprint = Blueprint("unsubscribe", __name__)
Page = tuple[str, int] | str


@blueprint.get("/unsubscribe/<token>")
@public
@limiter.limit("300 per minute")
def ask(token: str) -> Page:
    """Says what would end, and ends nothing: mail programs and virus scanners open every link."""
    ticket = _ticket(token)
    if ticket is None:
        return _unknown()
    with session_for(acting_for_district(ticket.district_id)) as session:
        return _page(session, ticket)


@blueprint.post("/unsubscribe/<token>")
# No page of ours need have been opened before: the token is what a mail program has (RFC 8058, 3.2).
@csrf.exempt
@public
@limiter.limit("300 per minute")
def end(token: str) -> Page:
    """Ends it, however often it is said; what the form says besides does not matter."""
    ticket = _ticket(token)
    if ticket is None:
        return _unknown()
    with session_for(acting_for_district(ticket.district_id)) as session:
        ending_actions.unsubscribe(
            session, district_id=ticket.district_id, subscription_id=ticket.subscription_id
        )
        session.commit()
        return _page(session, ticket)


def _ticket(token: str) -> Ticket | None:
    settings: Settings = current_app.extensions["lxsaas.settings"]
    return Tokens(settings).read(token, clock.now().date())


def _page(session: Session, ticket: Ticket) -> Page:
    found = session.execute(queries.ended_or_not(ticket.district_id, ticket.subscription_id)).one_or_none()
    if found is None:
        return _unknown()
    report, is_active, district = found
    return render_template(
        "reports/unsubscribe.html", report=gettext(REPORTS[report][0]), is_active=is_active, district=district
    )


def _unknown() -> Page:
    return render_template("reports/unsubscribe.html", report=None), 404
