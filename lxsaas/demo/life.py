"""What a demonstration school arranges in a year: its organisation, openings, activities, sessions."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import ClassTeacher
from lxsaas.activities.family_models import ParentsSession, SessionAttendance
from lxsaas.activities.models import Activity, ActivityParticipant, HomeOpening, HomeOpeningStaff
from lxsaas.core.db import table_of
from lxsaas.demo import words, years
from lxsaas.demo.arranged import add_arranged
from lxsaas.demo.organisation import add_organisation
from lxsaas.demo.practices import add_rows
from lxsaas.pupils.models import LeftBehindSpell


def add_life(
    session: Session, school_id: int, staff: Sequence[int], today: date, diligence: float, random: Random
) -> None:
    """What the school arranged since the last school year began, with the gaps of its diligence."""
    taught = select(ClassTeacher.class_id, ClassTeacher.staff_id).where(ClassTeacher.school_id == school_id)
    classes = {row[0]: row[1] for row in session.execute(taught)}
    weeks = (today - years.first_day(today)).days // 7
    mondays = [today - timedelta(days=today.weekday() + 7 * week) for week in range(1, weeks)]
    add_organisation(session, school_id, staff, classes, mondays, diligence, random)
    add_openings(session, school_id, staff, mondays, diligence, random)
    targets = session.scalars(
        select(LeftBehindSpell.pupil_id)
        .where(LeftBehindSpell.school_id == school_id, LeftBehindSpell.definition == "register")
        .distinct()
    ).all()
    add_gatherings(session, school_id, staff[0], mondays, targets, diligence, random)
    add_arranged(session, school_id, staff, targets, today, diligence, random)


def add_openings(
    session: Session, school_id: int, staff: Sequence[int], mondays: Sequence[date], diligence: float,
    random: Random,
) -> None:  # fmt: skip
    """The children's home open on Tuesdays and Thursdays, mostly with two on duty."""
    days = [
        monday + timedelta(days=day) for monday in mondays for day in (1, 3) if random.random() < diligence
    ]
    openings = add_rows(session, HomeOpening, school_id, [
        {
            "opened_on": day, "opens_at": words.OPENS, "closes_at": words.CLOSES,
            "calls": random.randint(0, 9), "recorded_by": staff[0],
        }
        for day in days
    ])  # fmt: skip
    duty = [
        {"school_id": school_id, "opening_id": opening, "staff_id": person}
        for opening in openings
        for person in random.sample(list(staff), 2 if random.random() < 0.95 else 1)
    ]
    if duty:
        session.execute(insert(table_of(HomeOpeningStaff)), duty)


def add_gatherings(
    session: Session, school_id: int, by: int, mondays: Sequence[date], targets: Sequence[int],
    diligence: float, random: Random,
) -> None:  # fmt: skip
    """Activities every three weeks, a lecture and two sessions of the parents' school each half year."""
    kinds = ("theme_class", "hand_in_hand", "lecture", "contest", "festival", "symposium")
    held = [monday + timedelta(days=2) for monday in mondays[::3]]
    activities = add_rows(session, Activity, school_id, [
        {"kind": kinds[number % len(kinds)], "title": random.choice(words.THEMES), "held_on": day,
         "recorded_by": by}
        for number, day in enumerate(held)
    ])  # fmt: skip
    joined = [
        {"school_id": school_id, "activity_id": activity, "pupil_id": child}
        for activity in activities for child in targets if random.random() < diligence / 3
    ]  # fmt: skip
    sessions = add_rows(session, ParentsSession, school_id, [
        {
            "held_on": monday + timedelta(days=5), "minutes": 60, "notice_on": monday - timedelta(days=3),
            "topic": random.choice(words.THEMES), "teacher": "own_staff", "recorded_by": by,
        }
        for monday in mondays[5::10]
    ])  # fmt: skip
    present = [
        {"school_id": school_id, "session_id": one, "pupil_id": child}
        for one in sessions for child in targets if random.random() < diligence * 0.7
    ]  # fmt: skip
    for model, rows in ((ActivityParticipant, joined), (SessionAttendance, present)):
        if rows:
            session.execute(insert(table_of(model)), rows)
