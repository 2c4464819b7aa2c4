"""The leading group on one page: members and duties, months with a meeting, open decisions; its minutes."""

from collections.abc import Sequence
from datetime import date

from flask import Response, abort, redirect, render_template, request, url_for
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.document_templates.making import in_its_language
from lxsaas.documents.answers import document_response
from lxsaas.extensions import db
from lxsaas.organisation import actions, queries
from lxsaas.organisation import reach as own
from lxsaas.organisation.minutes_paper import KIND, minutes_of
from lxsaas.organisation.models import GroupDecision, GroupMeeting
from lxsaas.organisation.views import blueprint
from lxsaas.pupils import reach
from lxsaas.registers.attempts import attempt
from lxsaas.schools.models import Term


@blueprint.get("/leading-group")
@requires(Permission.VIEW_ORGANISATION)
def group() -> str:
    """A term's group: who is in it, in which months it met, what it decided and is not done."""
    terms = db.session.scalars(
        select(Term).where(Term.district_id == realm().district_id).order_by(Term.starts_on.desc())
    ).all()
    term = _term(terms)
    meetings = (
        db.session.scalars(queries.meetings_between(term.starts_on, term.ends_on)).all() if term else []
    )
    seen = select(GroupMeeting.id).where(own.seen_meetings())
    open_ones = queries.decisions().where(queries.is_open(), own.seen_decisions())
    return render_template(
        "organisation/group.html", term=term, terms=terms, today=reach.today(), manages=own.manages(),
        members=db.session.execute(queries.members_of(term.name)).all() if term else [],
        months=_months(term, meetings) if term else [], seen=set(db.session.scalars(seen)),
        decisions=db.session.execute(open_ones).all(),
    )  # fmt: skip


def _term(terms: Sequence[Term]) -> Term | None:
    """The term that the address names, or the one of now; 404 for another district's."""
    if "term" not in request.args:
        return own.term_now()
    named = [one for one in terms if one.name == request.args["term"]]
    return named[0] if named else abort(404)


def _months(term: Term, meetings: Sequence[GroupMeeting]) -> list[tuple[date, list[GroupMeeting]]]:
    """The months of the term up to today, each with its meetings, as the indicator counts them."""
    last, month = min(term.ends_on, reach.today()), clock.month_start(term.starts_on)
    months = []
    while month <= last:
        months.append((month, [one for one in meetings if clock.month_start(one.held_on) == month]))
        month = clock.add_months(month, 1)
    return months


@blueprint.post("/leading-group/carry-over")
@requires(Permission.MANAGE_ORGANISATION)
def carry_group_over() -> BaseResponse:
    """Gives the term of now the group of the term before."""

    def act() -> str:
        term = own.term_now()
        if term is None:
            raise RuleError("no_term")
        made = actions.carry_over(
            db.session(), school_id=realm().id, district_id=realm().district_id, term=term,
            by=current_user.id,
        )  # fmt: skip
        return str(gettext("%(count)s members carried over.", count=made))

    attempt(act)
    return redirect(url_for("organisation.group"))


@blueprint.get("/group-meetings/<int:group_meeting_id>/minutes")
@requires(Permission.VIEW_ORGANISATION)
def meeting_minutes(group_meeting_id: int) -> Response:
    """The minutes as a Word document to sign; its making is logged."""
    query = select(GroupMeeting).where(GroupMeeting.id == group_meeting_id, own.seen_meetings())
    meeting = db.session.scalars(query.where(GroupMeeting.withdrawn_at.is_(None))).one_or_none() or abort(404)
    with in_its_language(db.session(), KIND, school_id=realm().id):
        content = minutes_of(db.session(), meeting, realm().name, realm().district_id)
    audit(
        db.session(), "export_minutes", "group_meeting", meeting.id, school_id=realm().id, by=current_user.id
    )
    name = gettext("Minutes %(day)s", day=meeting.held_on.isoformat())
    db.session.commit()
    return document_response(content, name)


@blueprint.post("/group-decisions/<int:group_decision_id>/completion")
@requires(Permission.VIEW_ORGANISATION)
def decision_completion(group_decision_id: int) -> BaseResponse:
    """Marks a decision done: by who sees to it, or who keeps the minutes."""
    query = select(GroupDecision).where(GroupDecision.id == group_decision_id)
    decision = db.session.scalars(query.where(GroupDecision.withdrawn_at.is_(None))).one_or_none()
    if decision is None or not (own.manages() or decision.staff_id == current_user.id):
        abort(404)
    outcome, today = request.form.get("outcome", "").strip() or None, reach.today()

    def act() -> str:
        actions.complete_decision(db.session(), decision, outcome=outcome, today=today, by=current_user.id)
        return str(gettext("Done on %(day)s.", day=format_date(today)))

    attempt(act)
    return redirect(_back())


def _back() -> str:
    """The page on which it was tapped."""
    return url_for("duties.week") if request.form.get("from") == "week" else url_for("organisation.group")
