"""Writes districts of plain data into the database through the application's logins, by many rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.accounts.models import ClassTeacher
from lxsaas.activities.family_models import ParentsSession, SessionAttendance
from lxsaas.activities.models import Activity, ActivityParticipant, HomeOpening, HomeOpeningStaff
from lxsaas.core.db import SchoolOwned
from lxsaas.core.scope import operating
from lxsaas.indicators.models import TermFiling
from lxsaas.organisation.models import ClassActivity, DocumentReceipt, GroupMeeting, PlanDocument
from lxsaas.portfolio.models import Exam, ExamResult
from lxsaas.schools.models import CareDefinitionChoice, Term
from tests.factories import Factory, Place
from tests.indicators.random_districts import CLASSES, COLLEAGUES
from tests.indicators.world_children import BuiltSchool, dated, withdrawn, write_children
from tests.indicators.world_data import DistrictData, Event, SchoolData


@dataclass
class BuiltDistrict:
    place: Place
    townships: list[int]
    schools: list[BuiltSchool]


def build_district(factory: Factory, data: DistrictData) -> BuiltDistrict:
    """The district with all its schools."""
    district = factory.district(timezone=data.timezone, first_care_definition=data.definition)
    with factory.session(operating()) as session:
        for term in data.terms:
            session.add(Term(district_id=district.id, **vars(term)))
        for day, definition in data.choices:
            session.add(CareDefinitionChoice(district_id=district.id, starts_on=day, definition=definition))
    townships = [factory.township(district), factory.township(district)]
    built = BuiltDistrict(district, townships, [])
    for school in data.schools:
        township = None if school.township is None else townships[school.township]
        place = factory.school(district, township)
        staff = [factory.staff(place) for _ in range(COLLEAGUES)]
        classes = [factory.school_class(place) for _ in range(CLASSES)]
        one = BuiltSchool(place, staff, classes)
        with factory.session(place.scope) as session:
            write_school(session, one, school)
        built.schools.append(one)
    return built


def write_school(session: Session, built: BuiltSchool, data: SchoolData) -> None:
    """What a school is made of, or what is added to it; the caller commits."""
    write_children(session, built, data.children)
    built.add(
        session, ClassTeacher,
        ({"class_id": built.classes[number], "staff_id": built.staff[who].id} | dated(start, end)
         for number, who, start, end in data.teachers),
    )  # fmt: skip
    write_exams(session, built, data)
    write_events(session, built, data)
    write_organisation(session, built, data)


def write_exams(session: Session, built: BuiltSchool, data: SchoolData) -> None:
    names = (f"第{len(built.kept['exams']) + number}次" for number in range(len(data.exams)))
    exams = built.keep("exams", session, Exam, (
        {"class_id": built.classes[0], "name": name, "taken_on": one.taken_on} | withdrawn(one.is_withdrawn)
        for name, one in zip(names, data.exams, strict=True)
    ))  # fmt: skip
    built.add(session, ExamResult, (
        {"exam_id": exam, "pupil_id": built.pupils[number], "entered_by": built.staff[0].id}
        | result_values(total)
        for exam, one in zip(exams, data.exams, strict=True) for number, total in one.totals
    ))  # fmt: skip


def result_values(total: int | None | str) -> dict[str, Any]:
    """The columns of a child's result."""
    return {"total_tenths": total if isinstance(total, int) else None, "is_empty": total == "empty"}


def write_events(session: Session, built: BuiltSchool, data: SchoolData) -> None:
    """Activities, sessions of the parents' school, who was there, and when the children's home was open."""
    activities = built.keep("activities", session, Activity, (
        {"kind": one.kind, "title": "活动", "held_on": one.held_on} | withdrawn(one.is_withdrawn)
        for one in data.activities
    ))  # fmt: skip
    present(session, built, ActivityParticipant, "activity_id", activities, data.activities)
    sessions = built.keep("sessions", session, ParentsSession, (
        {"held_on": one.held_on, "minutes": one.minutes, "notice_on": one.notice_on, "topic": "家教",
         "teacher": "own_staff"} | withdrawn(one.is_withdrawn) for one in data.sessions
    ))  # fmt: skip
    present(session, built, SessionAttendance, "session_id", sessions, data.sessions)
    openings = built.keep("openings", session, HomeOpening, (
        {"opened_on": one.day, "opens_at": time(16)} | withdrawn(one.is_withdrawn) for one in data.openings
    ))  # fmt: skip
    built.add(session, HomeOpeningStaff, (
        {"opening_id": opening, "staff_id": who.id}
        for opening, one in zip(openings, data.openings, strict=True) for who in built.staff[: one.number]
    ))  # fmt: skip


def present(
    session: Session,
    built: BuiltSchool,
    model: type[SchoolOwned],
    key: str,
    ids: list[int],
    events: Sequence[Event],
) -> None:
    built.add(session, model, (
        {key: event_id, "pupil_id": built.pupils[number]}
        for event_id, one in zip(ids, events, strict=True) for number in one.children
    ))  # fmt: skip


def write_organisation(session: Session, built: BuiltSchool, data: SchoolData) -> None:
    """Meetings, what classes did, documents with receipts, filings."""
    built.keep("meetings", session, GroupMeeting, (
        {"held_on": one.day, "agenda": "议题"} | withdrawn(one.is_withdrawn) for one in data.meetings
    ))  # fmt: skip
    built.keep("class_activities", session, ClassActivity, (
        {"class_id": built.classes[one.number], "week_on": one.day - timedelta(days=one.day.weekday()),
         "planned": "班会", "held_on": one.day if one.is_held else None} | withdrawn(one.is_withdrawn)
        for one in data.class_activities
    ))  # fmt: skip
    documents = built.keep("documents", session, PlanDocument, (
        {"kind": one.kind, "title": "方案", "body": "…", "published_on": one.published_on}
        | withdrawn(one.is_withdrawn) for one in data.documents
    ))  # fmt: skip
    built.add(session, DocumentReceipt, (
        {"document_id": document, "staff_id": built.staff[who].id, "confirmed_on": on,
         "handed_on": on or date(2023, 9, 1)}
        for document, one in zip(documents, data.documents, strict=True) for who, on in one.receipts
    ))  # fmt: skip
    built.add(session, TermFiling, ({"term": term, "sent_on": sent} for term, sent in data.filings))
