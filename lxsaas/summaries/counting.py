"""What is counted for a summary beside the indicators: two statements, however many children there are."""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    select,
    text,
    union_all,
)

from lxsaas.activities.family_models import FamilyEvent, ParentsSession, SessionAttendance
from lxsaas.activities.models import Activity, ActivityParticipant, HomeOpening, HomeVisitor
from lxsaas.awards.models import ChildNomination, TeacherNomination
from lxsaas.care.models import CareRecord
from lxsaas.correspondence.models import CorrespondenceThread as Thread
from lxsaas.counselling.models import CounsellingCase, CounsellingSession, LetterboxLetter
from lxsaas.filings.statements import CHILDREN
from lxsaas.networks.models import NetworkContact, Referral
from lxsaas.organisation.models import DocumentReceipt, GroupDecision, GroupMeeting, GroupMember, PlanDocument
from lxsaas.support.models import Aid, AttendanceEvent, DropOut

REGISTER = "register"
"""The definition by which children count as left behind in the summary."""


def counts(school_id: int, *, first: date, last: date, term: str | None, timezone: str) -> Select[Any]:
    """One row with every plain count of the year, by the figures' codes."""

    def held(model: Any, day: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(
            model.school_id == school_id, model.withdrawn_at.is_(None), day.between(first, last), *more
        )

    def local(instant: Any) -> Any:
        return func.date(func.timezone(timezone, instant))

    meetings = select(GroupMeeting.id).where(held(GroupMeeting, GroupMeeting.held_on))
    decided = and_(
        GroupDecision.school_id == school_id, GroupDecision.withdrawn_at.is_(None),
        GroupDecision.group_meeting_id.in_(meetings),
    )  # fmt: skip
    joined = (
        select(ActivityParticipant.pupil_id)
        .join(
            Activity,
            and_(
                Activity.school_id == ActivityParticipant.school_id,
                Activity.id == ActivityParticipant.activity_id,
            ),
        )
        .where(held(Activity, Activity.held_on))
        .subquery()
    )
    receipts = and_(DocumentReceipt.school_id == school_id, DocumentReceipt.handed_on.between(first, last))
    threads = and_(Thread.unit_id == school_id, local(Thread.opened_at).between(first, last))
    wanted: dict[str, Select[Any]] = {
        "group_members": _number(
            GroupMember, GroupMember.school_id == school_id, GroupMember.term == (term or ""),
            GroupMember.withdrawn_at.is_(None),
        ),
        "meetings": _number(GroupMeeting, held(GroupMeeting, GroupMeeting.held_on)),
        "decisions": _number(GroupDecision, decided),
        "decisions_done": _number(GroupDecision, decided, GroupDecision.done_on <= last),
        "plans": _published(school_id, "plan", last),
        "rules": _published(school_id, "rule", last),
        "readings": _number(DocumentReceipt, receipts, DocumentReceipt.confirmed_on <= last),
        "readings_due": _number(DocumentReceipt, receipts),
        "cases_opened": _number(CounsellingCase, held(CounsellingCase, CounsellingCase.opened_on)),
        "cases_closed": _number(CounsellingCase, held(CounsellingCase, CounsellingCase.closed_on)),
        "counselling_sessions": _number(
            CounsellingSession, held(CounsellingSession, CounsellingSession.held_on)
        ),
        "letterbox_letters": _number(
            LetterboxLetter, LetterboxLetter.school_id == school_id,
            local(LetterboxLetter.received_at).between(first, last),
        ),
        "activities_held": _number(Activity, held(Activity, Activity.held_on)),
        "activity_children": select(func.count(func.distinct(joined.c.pupil_id))),
        "activity_joined": select(func.count()).select_from(joined),
        "openings": _number(HomeOpening, held(HomeOpening, HomeOpening.opened_on)),
        "home_visits": select(func.count())
        .select_from(HomeVisitor)
        .join(
            HomeOpening,
            and_(
                HomeOpening.school_id == HomeVisitor.school_id, HomeOpening.id == HomeVisitor.opening_id
            ),
        )
        .where(held(HomeOpening, HomeOpening.opened_on)),
        "home_calls": select(func.coalesce(func.sum(HomeOpening.calls), 0)).where(
            held(HomeOpening, HomeOpening.opened_on)
        ),
        "parents_sessions": _number(ParentsSession, held(ParentsSession, ParentsSession.held_on)),
        "parents_attended": select(
            func.count(func.distinct(func.row(SessionAttendance.session_id, SessionAttendance.pupil_id)))
        )
        .join(
            ParentsSession,
            and_(
                ParentsSession.school_id == SessionAttendance.school_id,
                ParentsSession.id == SessionAttendance.session_id,
            ),
        )
        .where(held(ParentsSession, ParentsSession.held_on)),
        "network_contacts": _number(
            NetworkContact, NetworkContact.school_id == school_id, NetworkContact.withdrawn_at.is_(None),
            local(NetworkContact.recorded_at) <= last,
        ),
        "referrals": _number(Referral, held(Referral, Referral.referred_on)),
        "referrals_settled": _number(
            Referral, held(Referral, Referral.referred_on), Referral.settled_on <= last
        ),
        "returned": _number(DropOut, held(DropOut, DropOut.returned_on)),
        "absences": _number(
            AttendanceEvent, held(AttendanceEvent, AttendanceEvent.occurred_on),
            AttendanceEvent.kind == "absent",
        ),
        "aided": select(func.count(func.distinct(Aid.pupil_id))).where(held(Aid, Aid.received_on)),
        "difficulties_raised": _number(Thread, threads, Thread.kind == "difficulty"),
        "difficulties_answered": _number(
            Thread, threads, Thread.kind == "difficulty", Thread.state != "open"
        ),
        "requests": _number(Thread, threads, Thread.kind != "difficulty"),
        "requests_settled": _number(Thread, threads, Thread.kind != "difficulty", Thread.state != "open"),
    }  # fmt: skip
    return select(*(query.scalar_subquery().label(code) for code, query in wanted.items()))


def _number(model: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(model).where(*conditions)


def _published(school_id: int, kind: str, last: date) -> Select[Any]:
    return select(func.count(func.distinct(PlanDocument.series))).where(
        PlanDocument.school_id == school_id,
        PlanDocument.withdrawn_at.is_(None),
        PlanDocument.kind == kind,
        PlanDocument.published_on <= last,
    )


def parts(school_id: int, *, first: date, last: date, year: int) -> CompoundSelect[Any]:
    """Counts by label: figure, the label's code, number; of children as they were on the last day."""

    def held(code: str, model: Any, day: Any, kind: Any) -> Select[*tuple[Any, ...]]:
        label = cast(kind, String)
        return (
            select(literal(code), label, func.count())
            .where(model.school_id == school_id, model.withdrawn_at.is_(None), day.between(first, last))
            .group_by(label)
        )

    def awarded(model: Any, kind: Any) -> Select[*tuple[Any, ...]]:
        return (
            select(literal("awards"), kind, func.count())
            .where(
                model.school_id == school_id, model.withdrawn_at.is_(None), model.school_year == year,
                model.decision == "awarded",
            )
            .group_by(kind)
        )  # fmt: skip

    return union_all(
        *_of_children(school_id, last),
        held("care_kinds", CareRecord, CareRecord.occurred_on, CareRecord.kind),
        held("activity_kinds", Activity, Activity.held_on, Activity.kind),
        held("family_events", FamilyEvent, FamilyEvent.held_on, FamilyEvent.kind),
        awarded(ChildNomination, ChildNomination.kind),
        select(literal("awards"), literal("teacher"), func.count()).where(
            TeacherNomination.school_id == school_id, TeacherNomination.withdrawn_at.is_(None),
            TeacherNomination.school_year == year, TeacherNomination.decision == "awarded",
        ),
    )  # fmt: skip


def _of_children(school_id: int, day: date) -> list[Select[*tuple[Any, ...]]]:
    """The left-behind children of a day by kind, grade, guardian and boarding: each sums to the same."""
    known = text(CHILDREN).bindparams(school=school_id, definition=REGISTER, on=day)
    names = ("spell", "grade", "home", "is_boarding")
    children = known.columns(*(column(name) for name in names)).cte("children")
    columns = {
        "left_behind_kinds": children.c.spell,
        "left_behind_grades": cast(children.c.grade, String),
        "left_behind_guardians": func.coalesce(children.c.home, "unknown"),
        "left_behind_boarding": case(
            (children.c.is_boarding.is_(True), "boarding"), (children.c.is_boarding.is_(False), "day"),
            else_="unknown",
        ),
    }  # fmt: skip
    return [select(literal(code), one, func.count()).group_by(one) for code, one in columns.items()]
