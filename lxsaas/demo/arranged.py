"""What a demonstration school arranges: children's home, love corner, parents' school, home and school."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lxsaas.activities.family_models import (
    EventAttendance,
    EventInvitation,
    FamilyEvent,
    ParentsSchoolMaterial,
    ParentsSchoolMember,
    ParentsSchoolMoney,
    ParentsSchoolTeacher,
    ParentsSession,
    SessionAttendance,
)
from lxsaas.activities.models import CornerEntry, HomeDuty, HomeItem, HomeOpening, HomeRoom, HomeVisitor
from lxsaas.archive.models import Consent
from lxsaas.core.db import SchoolOwned, table_of
from lxsaas.demo import arranged_words as words
from lxsaas.demo.practices import add_rows
from lxsaas.pupils.models import Guardian


def add_arranged(
    session: Session, school_id: int, staff: Sequence[int], targets: Sequence[int], today: date,
    diligence: float, random: Random,
) -> None:  # fmt: skip
    """Rooms, duty, visitors; works on the wall; the six settled things; meetings with who came."""
    first = date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    add_home(session, school_id, staff, targets, first, diligence, random)
    add_corner(session, school_id, staff[0], targets, first, today, random)
    add_parents_school(session, school_id, staff[0], first, diligence, random)
    who_came(session, school_id, random)
    add_events(session, school_id, staff[0], targets, today, diligence, random)


def add_home(
    session: Session, school_id: int, staff: Sequence[int], targets: Sequence[int], first: date,
    diligence: float, random: Random,
) -> None:  # fmt: skip
    """One room with its things, who opens it on Tuesdays and Thursdays, and who came."""
    [room] = add_rows(session, HomeRoom, school_id, [
        {"name": "留守儿童之家", "place": "教学楼一楼东侧", "seats": 40, "keeper_id": staff[0],
         "recorded_by": staff[0]}
    ])  # fmt: skip
    add_rows(session, HomeItem, school_id, [
        {
            "home_room_id": room, "kind": kind, "name": name, "quantity": quantity, "checked_on": first,
            "condition": "good" if random.random() < diligence + 0.1 else "broken", "recorded_by": staff[0],
        }
        for kind, name, quantity in words.ITEMS
    ])  # fmt: skip
    add_rows(session, HomeDuty, school_id, [
        {
            "weekday": weekday, "opens_at": time(16, 30), "closes_at": time(18, 0), "starts_on": first,
            "first_staff_id": staff[0], "second_staff_id": other, "recorded_by": staff[0],
        }
        for weekday, other in ((2, staff[1 % len(staff)]), (4, staff[2 % len(staff)])) if other != staff[0]
    ])  # fmt: skip
    openings = session.scalars(select(HomeOpening.id).where(HomeOpening.school_id == school_id)).all()
    rows = [
        {"opening_id": opening, "pupil_id": child}
        for opening in openings
        for child in random.sample(list(targets), min(len(targets), random.randint(3, 14)))
    ]
    listed(session, school_id, HomeVisitor, rows)


def add_corner(
    session: Session, school_id: int, by: int, targets: Sequence[int], first: date, today: date,
    random: Random,
) -> None:  # fmt: skip
    """Consents of most families, works that hang on the wall, and some that wait."""
    agreed = [child for child in targets if random.random() < 0.85]
    add_rows(session, Consent, school_id, [
        {
            "pupil_id": child, "purpose": "photos", "text_version": 1, "given_by": "家长（登记）",
            "relation": "51", "given_on": first, "recorded_by": by,
        }
        for child in agreed
    ])  # fmt: skip
    works = random.sample(words.WORKS, len(words.WORKS))
    children = random.sample(list(targets), min(len(targets), len(works)))
    add_rows(session, CornerEntry, school_id, [
        {
            "pupil_id": child, "kind": kind, "author": author, "title": title, "words": text,
            "by_line": signed, "made_on": today - timedelta(days=3 + 5 * place), "recorded_by": by,
            "state": "submitted" if place < 2 else "approved",
        }
        for place, (child, work) in enumerate(zip(children, works, strict=False))
        for kind, author, title, text, signed in (work,)
    ])  # fmt: skip


def add_parents_school(
    session: Session, school_id: int, by: int, first: date, diligence: float, random: Random
) -> None:
    """Committee, teachers, money and material; a careless school has settled less of it."""
    rows = {"recorded_by": by, "starts_on": first}
    add_rows(session, ParentsSchoolMember, school_id, [
        {"side": side, "position": position, "name": name, "duty": duty, "phone": None, **rows}
        for side, position, name, duty in words.MEMBERS
    ])  # fmt: skip
    add_rows(session, ParentsSchoolTeacher, school_id, [
        {"kind": kind, "name": name, "subject": subject, **rows} for kind, name, subject in words.TEACHERS
    ])  # fmt: skip
    if random.random() < diligence:
        add_rows(session, ParentsSchoolMoney, school_id, [
            {"kind": kind, "on_day": first + timedelta(days=days), "amount_cents": cents, "words": text,
             "recorded_by": by}
            for kind, days, cents, text in words.MONEY
        ])  # fmt: skip
    add_rows(session, ParentsSchoolMaterial, school_id, [
        {"title": title, "kind": kind, "copies": copies, "got_on": first, "source": source, "recorded_by": by}
        for title, kind, copies, source in words.MATERIAL
    ])  # fmt: skip


def who_came(session: Session, school_id: int, random: Random) -> None:
    """Says of most families that were at a session who of them came."""
    there = table_of(SessionAttendance)
    at_home = dict(
        session.execute(
            select(Guardian.pupil_id, Guardian.id)
            .where(Guardian.school_id == school_id, Guardian.is_at_home.is_(True))
            .order_by(Guardian.pupil_id, Guardian.position)
        ).all()
    )
    rows = session.execute(
        select(there.c.session_id, there.c.pupil_id).where(there.c.school_id == school_id)
    ).all()
    session.execute(there.delete().where(there.c.school_id == school_id))
    listed(session, school_id, SessionAttendance, [
        {"session_id": one.session_id, "pupil_id": one.pupil_id,
         "guardian_id": at_home.get(one.pupil_id) if random.random() < 0.9 else None}
        for one in rows
    ])  # fmt: skip
    held = table_of(ParentsSession)
    for number, row in enumerate(session.scalars(select(held.c.id).where(held.c.school_id == school_id))):
        kind, name, subject = words.TEACHERS[number % len(words.TEACHERS)]
        session.execute(
            held.update()
            .where(held.c.school_id == school_id, held.c.id == row)
            .values(teacher=kind, teacher_name=name, topic=subject, place="多功能教室", cost_cents=8000)
        )


def add_events(
    session: Session, school_id: int, by: int, targets: Sequence[int], today: date, diligence: float,
    random: Random,
) -> None:  # fmt: skip
    """A parents' meeting, an open day, a day of collective visits, and one to come."""
    events = add_rows(session, FamilyEvent, school_id, [
        {
            "kind": kind, "title": title, "held_on": today - timedelta(days=back), "place": place,
            "plan": plan, "findings": findings if back > 0 else None, "recorded_by": by,
        }
        for kind, title, back, place, plan, findings in words.EVENTS
    ])  # fmt: skip
    invited = [{"event_id": event, "pupil_id": child} for event in events for child in targets]
    listed(session, school_id, EventInvitation, invited)
    came = [one for one in invited if one["event_id"] != events[-1] and random.random() < diligence * 0.8]
    listed(session, school_id, EventAttendance, [{**one, "guardian_id": None} for one in came])


def listed(
    session: Session, school_id: int, model: type[SchoolOwned], rows: Sequence[Mapping[str, int | None]]
) -> None:
    """Who stands on a list, in one statement."""
    if rows:
        session.execute(insert(table_of(model)), [{"school_id": school_id, **row} for row in rows])
