"""A demonstration school's leading group, its meetings and decisions, plans and rules, weekly activities."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lxsaas.core.db import table_of
from lxsaas.demo import words
from lxsaas.demo.practices import add_rows
from lxsaas.organisation.models import (
    ClassActivity,
    DocumentReceipt,
    GroupAttendance,
    GroupDecision,
    GroupMeeting,
    GroupMember,
    PlanDocument,
)
from lxsaas.organisation.starting_texts import starting_text
from lxsaas.schools.models import School, Term


def add_organisation(
    session: Session, school_id: int, staff: Sequence[int], classes: Mapping[int, int],
    mondays: Sequence[date], diligence: float, random: Random,
) -> None:  # fmt: skip
    """A year of it; `staff`: the principal first; `classes`: each with its teacher; the newest week first."""
    teachers = sorted(set(classes.values()))
    members = [*staff, *teachers[:3]]
    add_group(session, school_id, members)
    add_meetings(session, school_id, members, mondays, diligence, random)
    add_documents(session, school_id, staff[0], [*teachers, *staff], mondays[-1], diligence, random)
    add_activities(session, school_id, classes, mondays, diligence, random)


def add_group(session: Session, school_id: int, members: Sequence[int]) -> None:
    """The same group in each term: the principal heads it."""
    district = select(School.district_id).where(School.id == school_id).scalar_subquery()
    terms = session.scalars(select(Term.name).where(Term.district_id == district)).all()
    add_rows(session, GroupMember, school_id, [
        {
            "term": term, "staff_id": member, "recorded_by": members[0],
            "position": "head" if place == 0 else "deputy" if place == 1 else "member",
            "duty": words.DUTIES[place % len(words.DUTIES)],
        }
        for term in terms for place, member in enumerate(members)
    ])  # fmt: skip


def add_meetings(
    session: Session, school_id: int, members: Sequence[int], mondays: Sequence[date], diligence: float,
    random: Random,
) -> None:  # fmt: skip
    """One a month where the school is diligent, most decisions done, those of the last one open."""
    days = [monday for monday in mondays[::4] if random.random() < diligence]
    meetings = add_rows(session, GroupMeeting, school_id, [
        {
            "held_on": day, "place": "小会议室", "agenda": words.AGENDA,
            "minutes": random.choice(words.MINUTES), "recorded_by": members[0],
        }
        for day in days
    ])  # fmt: skip
    present = [
        {"school_id": school_id, "meeting_id": meeting, "staff_id": member}
        for meeting in meetings for member in members if random.random() < 0.9
    ]  # fmt: skip
    if present:
        session.execute(insert(table_of(GroupAttendance)), present)
    add_rows(session, GroupDecision, school_id, [
        {
            "group_meeting_id": meeting, "words": text, "staff_id": random.choice(members),
            "due_on": day + timedelta(days=21), "recorded_by": members[0],
            "done_on": day + timedelta(days=random.randint(5, 20)) if number else None,
            "outcome": "已落实" if number else None,
        }
        for number, (meeting, day) in enumerate(zip(meetings, days, strict=True))
        for text in random.sample(words.DECISIONS, 2)
    ])  # fmt: skip


def add_documents(
    session: Session, school_id: int, by: int, readers: Sequence[int], day: date, diligence: float,
    random: Random,
) -> None:  # fmt: skip
    """The plan of the year and two rules, read by most; one rule is still a draft."""
    rows = []
    for code, kind in (("talk", "rule"), ("visit", "rule"), ("plan", "plan"), ("parents_school", "rule")):
        title, body = starting_text(code, "zh")
        published = None if code == "parents_school" else day
        rows.append(
            {"kind": kind, "title": title, "body": body, "published_on": published, "recorded_by": by}
        )
    made = add_rows(session, PlanDocument, school_id, rows)
    receipts = [
        {
            "school_id": school_id, "document_id": document_id, "staff_id": staff_id, "handed_on": day,
            "confirmed_on": day + timedelta(days=2) if random.random() < diligence + 0.1 else None,
        }
        for document_id in made[:3] for staff_id in dict.fromkeys(readers)
    ]  # fmt: skip
    session.execute(insert(table_of(DocumentReceipt)), receipts)


def add_activities(
    session: Session, school_id: int, classes: Mapping[int, int], mondays: Sequence[date], diligence: float,
    random: Random,
) -> None:  # fmt: skip
    """One a week and class, with the gaps of a school of this diligence; this week's is planned."""
    this_week = mondays[0] + timedelta(days=7)
    add_rows(session, ClassActivity, school_id, [
        {
            "class_id": class_id, "week_on": this_week, "planned": random.choice(words.ACTIVITIES)[0],
            "recorded_by": teacher_id,
        }
        for class_id, teacher_id in classes.items() if random.random() < diligence
    ])  # fmt: skip
    add_rows(session, ClassActivity, school_id, [
        {
            "class_id": class_id, "week_on": monday, "planned": theme[0], "done": theme[1],
            "held_on": monday + timedelta(days=4), "recorded_by": teacher_id,
        }
        for monday in mondays for class_id, teacher_id in classes.items()
        if random.random() < diligence and (theme := random.choice(words.ACTIVITIES))
    ])  # fmt: skip
