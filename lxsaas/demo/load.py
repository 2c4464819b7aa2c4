"""Writes the demonstration district through the application's own logins, then computes its history."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from random import Random

from argon2 import PasswordHasher
from flask import current_app
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from lxsaas.accounts.models import ClassTeacher, DistrictStaff, Staff
from lxsaas.care.models import CareRecord
from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.core.changes import note_change
from lxsaas.core.crypto import school_cipher
from lxsaas.core.pinyin import searchable
from lxsaas.core.scope import Login, acting_for_district, acting_for_school, looking_up, operating
from lxsaas.counselling.actions import open_case
from lxsaas.demo import people, years
from lxsaas.demo.around import add_around
from lxsaas.demo.dialogue import add_dialogue
from lxsaas.demo.exports import add_exports
from lxsaas.demo.filing import add_filings
from lxsaas.demo.last_year import add_last_year
from lxsaas.demo.life import add_life
from lxsaas.demo.mail import add_subscriptions
from lxsaas.demo.plan import ClassPlan, PupilPlan, SchoolPlan, care_of, school_plans
from lxsaas.demo.practices import Room, add_practices, add_rows
from lxsaas.demo.summaries import add_summaries
from lxsaas.demo.templates import add_letterhead
from lxsaas.extensions import plain_engine, session_for
from lxsaas.indicators.engine import run_as_of
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.schools.actions import create_district, create_school, set_term
from lxsaas.schools.models import District, School, SchoolClass

SLUG = "qinghe"
PASSWORD = "guan-ai-2026"
"""Of every account of the demonstration, which runs on loopback only."""
HISTORY_DAYS = 30
"""Days before today whose nights are computed singly; before that, the last night of each month."""

HOLIDAYS = 8
"""The month in which no school is open."""

Progress = Callable[[str], object]


def load_once(*, schools: int = 12, seed: int = 1, progress: Progress) -> None:
    """Creates the district and its year of care, unless it is there already."""
    with session_for(looking_up()) as session:
        if session.scalar(select(District.id).where(District.slug == SLUG)) is not None:
            return
    with session_for(operating()) as session:
        today = clock.today("Asia/Shanghai")
        district = create_district(session, slug=SLUG, name="清河县教育局", timezone="Asia/Shanghai")
        began = years.spring_before(today)
        set_term(
            session, district=district, name=began.name, starts_on=began.starts_on, ends_on=began.ends_on
        )
        session.commit()
        district_id = district.id
    password_hash = PasswordHasher().hash(PASSWORD)
    add_officers(district_id, password_hash)
    plans = school_plans(schools, seed, today)
    for number, plan in enumerate(plans, 1):
        progress(f"School {number} of {len(plans)}: {plan.name}")
        add_school(district_id, plan, password_hash, today, Random(f"{seed}:care:{number}"))
    add_subscriptions(district_id)
    add_filings(district_id, PASSWORD, today)
    analyze()
    nights = list(nights_of(today))
    progress(f"Computing {len(nights)} nights …")
    for night in nights:
        run_as_of(district_id, night)
    add_dialogue(district_id, today)
    add_summaries(district_id, today)
    add_letterhead(district_id)
    add_exports(district_id, today)


def analyze() -> None:
    """Tells the planner what was loaded; the server would by itself, a minute later."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    with plain_engine(settings.login_url(Login.OWNER)).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("analyze"))


def nights_of(today: date) -> Iterator[date]:
    """The last nights of the terms' months since it was begun, then all of the last weeks up to yesterday."""
    first_daily = today - timedelta(days=HISTORY_DAYS)
    for back in range(years.months_back(years.first_care(today), today), 0, -1):
        end = clock.month_end(clock.add_months(today, -back))
        if end < first_daily and end.month != HOLIDAYS:
            yield end
    for days in range(HISTORY_DAYS, 0, -1):
        yield today - timedelta(days=days)


def add_officers(district_id: int, password_hash: str) -> None:
    officers = (
        ("officer", "贺兰芝", ["officer"], "zh_Hans_CN"),
        ("officer-en", "Helen Zhao", ["officer"], "en"),
        ("analyst", "文静", ["analyst"], None),
    )
    with session_for(acting_for_district(district_id)) as session:
        for username, name, roles, language in officers:
            email = f"{username}@qinghe.invalid" if "officer" in roles else None
            officer = DistrictStaff(
                district_id=district_id, username=username, name=name, roles=roles, language=language,
                email=email, password_hash=password_hash,
            )  # fmt: skip
            session.add(officer)
        session.commit()


def add_school(district_id: int, plan: SchoolPlan, password_hash: str, today: date, random: Random) -> None:
    """A school with staff, classes, pupils, families, absences, spells and a year of care."""
    with session_for(operating()) as session:
        district = session.get_one(District, district_id)
        school = create_school(
            session, district=district, slug=plan.slug, name=plan.name,
            register_code=plan.register_code, township=plan.township,
        )  # fmt: skip
        session.commit()
        school_id = school.id
    scope = acting_for_school(school_id, district_id=district_id)
    with session_for(scope) as session:
        fill_school(session, school_id, plan, password_hash, today, random)
        session.commit()


def fill_school(
    session: Session, school_id: int, plan: SchoolPlan, password_hash: str, today: date, random: Random
) -> None:
    others = {
        role: add_staff(session, school_id, role, name, [role], password_hash)
        for role, name in plan.staff.items()
    }
    for number, class_plan in enumerate(plan.classes):
        username = "teacher" if number == 0 else f"teacher{class_plan.code}"
        teacher_id = add_staff(
            session, school_id, username, class_plan.teacher, ["homeroom_teacher"], password_hash
        )
        add_class(session, school_id, class_plan, teacher_id, plan, today, random)
    add_cases(session, school_id, others["counsellor"], today)
    add_life(session, school_id, list(others.values()), today, plan.diligence, random)
    add_around(session, school_id, others, today, random)
    add_last_year(session, school_id, others, today, random)
    note_change(session, school_id=school_id, starts_on=years.first_care(today), ends_on=None)


def add_staff(
    session: Session, school_id: int, username: str, name: str, roles: list[str], password_hash: str
) -> int:
    staff = Staff(school_id=school_id, username=username, name=name, roles=roles, password_hash=password_hash)
    session.add(staff)
    session.flush()
    return staff.id


def add_class(
    session: Session,
    school_id: int,
    plan: ClassPlan,
    teacher_id: int,
    school: SchoolPlan,
    today: date,
    random: Random,
) -> None:
    made = SchoolClass(school_id=school_id, code=plan.code, grade=plan.grade, number=plan.number)
    session.add(made)
    session.flush()
    first_day = date(today.year - 1, 9, 1)
    session.add(ClassTeacher(school_id=school_id, class_id=made.id, staff_id=teacher_id, starts_on=first_day))
    pupil_ids = pupil_id_block(session, len(plan.pupils))
    for pupil_id, pupil in zip(pupil_ids, plan.pupils, strict=True):
        session.add(pupil_row(session, school_id, made.id, pupil_id, pupil))
    session.flush()
    add_families(session, school_id, dict(zip(pupil_ids, plan.pupils, strict=True)), random)
    session.flush()
    renew_spells(session, school_id=school_id, pupil_ids=pupil_ids)
    records = [
        {
            "school_id": school_id,
            "pupil_id": pupil_id,
            "recorded_by": teacher_id,
            "kind": kind,
            "occurred_on": day,
        }
        for pupil_id, pupil in zip(pupil_ids, plan.pupils, strict=True)
        if pupil.absences
        for kind, day in care_of(pupil, school, random, today)
    ]
    if records:
        session.execute(insert(CareRecord), records)
    room = Room(
        school_id=school_id, class_id=made.id, teacher_id=teacher_id,
        pupils=dict(zip(pupil_ids, plan.pupils, strict=True)), terms=years.begun_terms(today), today=today,
        diligence=school.diligence,
    )  # fmt: skip
    add_practices(session, room, random)


def pupil_id_block(session: Session, count: int) -> list[int]:
    """Fresh ids: sealing needs a row's id before the row exists."""
    query = text("select nextval(pg_get_serial_sequence('pupil', 'id')) from generate_series(1, :count)")
    return list(session.scalars(query, {"count": count}))


def pupil_row(session: Session, school_id: int, class_id: int, pupil_id: int, plan: PupilPlan) -> Pupil:
    cipher = school_cipher(session, school_id)
    sealed = cipher.seal(plan.identity_number, table="pupil", column="identity_sealed", row_id=pupil_id)
    home = cipher.seal("清河县（示例地址）", table="pupil", column="address_sealed", row_id=pupil_id)
    away = {absence.parent for absence in plan.absences if absence.ends_on is None}
    return Pupil(
        school_id=school_id, id=pupil_id, class_id=class_id, name=plan.name, pinyin=searchable(plan.name),
        sex=plan.sex, born_on=plan.born_on, enrolled_on=plan.enrolled_on, identity_type="1",
        identity_sealed=sealed, address_sealed=home,
        identity_digest=cipher.digest(plan.identity_number), health=plan.health, is_rural=plan.is_rural,
        is_boarding=plan.is_boarding,
        register_left_behind=len(away),
    )  # fmt: skip


def add_families(session: Session, school_id: int, pupils: Mapping[int, PupilPlan], random: Random) -> None:
    """Parents with their place of work and a telephone, who is at home, and who is away since when."""
    rows = []
    for pupil_id, plan in pupils.items():
        away = {absence.parent: absence.place for absence in plan.absences if absence.ends_on is None}
        for position, (name, relation) in enumerate(plan.family, 1):
            place = away.get({"51": "father", "52": "mother"}.get(relation, ""))
            rows.append(
                {
                    "pupil_id": pupil_id, "position": position, "name": name, "relation": relation,
                    "is_guardian": True, "is_at_home": place is None, "workplace": place,
                    "phone": people.telephone(random), "address": None, "identity": None,
                }
            )  # fmt: skip
    add_rows(session, Guardian, school_id, rows)
    session.add_all(
        ParentAbsence(
            school_id=school_id, pupil_id=pupil_id, parent=absence.parent, starts_on=absence.starts_on,
            start_is_estimated=False, ends_on=absence.ends_on, place=absence.place, source="survey",
        )
        for pupil_id, plan in pupils.items() for absence in plan.absences
    )  # fmt: skip


def add_cases(session: Session, school_id: int, counsellor_id: int, today: date) -> None:
    """A few confidential cases, one of them at high risk."""
    opened_on = today - timedelta(days=20)
    there = Pupil.enrolled_on <= opened_on
    query = select(Pupil).where(Pupil.school_id == school_id, Pupil.register_left_behind == 2, there)
    for pupil, risk in zip(session.scalars(query.order_by(Pupil.id).limit(3)).all(), (3, 2, 1), strict=False):
        open_case(
            session, pupil=pupil, risk=risk, opened_on=opened_on,
            review_on=today + timedelta(days=10 * risk), reason="想念父母，晚上睡不好，不愿意和同学说话。",
            by=counsellor_id,
        )  # fmt: skip


def accounts_text() -> str:
    """Addresses and accounts of the demonstration, for the terminal; empty where it is not loaded."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    with session_for(looking_up()) as session:
        district_id = session.scalar(select(District.id).where(District.slug == SLUG))
        schools = session.execute(
            select(School.slug, School.name).where(School.district_id == district_id).order_by(School.id)
        ).all()
    if not schools:
        return ""
    base = settings.base_url.rstrip("/")
    lines = [
        f"  District   {base}/d/{SLUG}/   officer, officer-en, analyst",
        *(
            f"  School     {base}/s/{slug}/   teacher, principal, archivist, counsellor   {name}"
            for slug, name in schools[:3]
        ),
        *([f"             … and {len(schools) - 3} more schools"] if len(schools) > 3 else []),
        f"  Password   {PASSWORD} (for each of them)",
    ]
    return "\n".join(lines)
