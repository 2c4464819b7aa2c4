"""What the demonstration's district was told and did about it: alarms, some acknowledged, and threads."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.alarms import queries as alarms
from lxsaas.alarms.actions import acknowledge_alarm
from lxsaas.alarms.evaluation import judge_rules
from lxsaas.core import clock
from lxsaas.core.scope import acting_for_district, acting_for_school
from lxsaas.correspondence.actions import Writer, raise_difficulty, write_message, write_to_schools
from lxsaas.correspondence.models import CorrespondenceThread, DistrictMessage, SchoolMessage
from lxsaas.demo import years
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import SchoolActivity
from lxsaas.schools.models import School

SILENT = timedelta(days=19)
ANSWERED_IN = timedelta(days=9)
DIFFICULTY = (
    "亲情电话话费不足",
    "孩子们周末通话多，话费不够用，希望教育局协调减免。",
    "已与县电信公司商定，从下月起亲情电话免费。",
)
NOTICE = ("寒假安全与家访", "请在放假前对关爱对象逐户家访，提醒取暖和用火安全。")
REMARKS = ("已电话联系校长，本周补齐。", "学校教师培训，下周起恢复。")


def add_dialogue(district_id: int, today: date) -> None:
    """Alarms of the last night, remarks on two, a request with its answer, a notice, a difficulty."""
    schools = engine.schools_of(district_id)
    with engine.ledger(district_id, schools) as session:
        silent = update(SchoolActivity).where(SchoolActivity.unit_id == schools[-1])
        session.execute(silent.values(last_entry_on=today - SILENT))
        judge_rules(session, district_id, now=clock.now())
        session.commit()
    with session_for(acting_for_district(district_id)) as session:
        asked = _district_acts(session, district_id, schools, today)
        session.commit()
    if asked is not None:
        _school_answers(district_id, *asked)
    _school_raises(district_id, schools[0])
    for school_id in schools:
        _last_year(district_id, school_id, years.last_year(today))


def _district_acts(
    session: Session, district_id: int, schools: list[int], today: date
) -> tuple[int, int] | None:
    """School and thread of a request that is answered; None where there was nothing to ask."""
    query = select(DistrictStaff).where(DistrictStaff.username == "officer")
    officer = session.scalars(query).one()
    by = Writer("district", officer.id, officer.name)
    write_to_schools(
        session, district_id=district_id, school_ids=schools, kind="note", title="寒假前家访安排",
        text="请各校在放假前完成对双亲留守儿童的家访，并在系统中及时登记。", due_on=None, today=today, by=by,
    )  # fmt: skip
    rows = session.execute(alarms.open_alarms(district_id)).all()
    of_schools = [alarm for alarm, _, _ in rows if alarm.level == "school"]
    for alarm, remark in zip(of_schools, REMARKS, strict=False):
        acknowledge_alarm(session, alarm, remark=remark, by=officer.id)
    made = [
        write_to_schools(
            session, district_id=district_id, school_ids=[alarm.unit_id], kind="request", title=title,
            text="请说明原因和补救安排。", due_on=today + timedelta(days=days), today=today,
            alarm_id=alarm.id, by=by,
        )
        for alarm, title, days in zip(of_schools, ("谈心记录偏少", "必访逾期情况"), (3, 7), strict=False)
    ]  # fmt: skip
    return (of_schools[0].unit_id, made[0][0]) if made else None


def _principal(session: Session, school_id: int) -> Writer:
    query = select(Staff).where(Staff.school_id == school_id, Staff.username == "principal")
    principal = session.scalars(query).one()
    return Writer("school", principal.id, principal.name)


def _school_answers(district_id: int, school_id: int, thread_id: int) -> None:
    with session_for(acting_for_school(school_id, district_id=district_id)) as session:
        thread = session.get_one(CorrespondenceThread, (district_id, thread_id))
        words = "两名班主任同时休假，记录没有及时录入。本周内补录，并安排代管教师。"
        write_message(session, thread, text=words, by=_principal(session, school_id))
        session.commit()


def _school_raises(district_id: int, school_id: int) -> None:
    with session_for(acting_for_school(school_id, district_id=district_id)) as session:
        name = session.scalar(select(School.name).where(School.id == school_id))
        raise_difficulty(
            session, district_id=district_id, school_id=school_id, title="缺少心理健康教师",
            text=f"{name}没有专职心理教师，高风险学生的辅导难以按时完成，希望教育局派人定期到校。",
            by=_principal(session, school_id),
        )  # fmt: skip
        session.commit()


def _last_year(district_id: int, school_id: int, year: int) -> None:
    """A difficulty that was settled in the last school year, and a notice that was read in it."""
    raised = datetime(year + 1, 3, 16, 2, tzinfo=UTC)
    noted = datetime(year, 12, 22, 2, tzinfo=UTC)
    of_unit = {"district_id": district_id, "unit_id": school_id}
    with session_for(acting_for_school(school_id, district_id=district_id)) as session:
        by = _principal(session, school_id)
        thread = CorrespondenceThread(
            kind="difficulty", title=DIFFICULTY[0], raised_by=by.staff_id, state="closed",
            last_side="district", opened_at=raised, last_at=raised + ANSWERED_IN,
            closed_at=raised + ANSWERED_IN, **of_unit,
        )  # fmt: skip
        session.add(thread)
        session.flush()
        session.add(_message(SchoolMessage, thread, by, DIFFICULTY[1], raised))
        difficulty = thread.id
        session.commit()
    with session_for(acting_for_district(district_id)) as session:
        officer = session.scalars(select(DistrictStaff).where(DistrictStaff.username == "officer")).one()
        by = Writer("district", officer.id, officer.name)
        note = CorrespondenceThread(
            kind="note", title=NOTICE[0], opened_by=by.staff_id, state="closed", last_side="school",
            opened_at=noted, last_at=noted + ANSWERED_IN, closed_at=noted + ANSWERED_IN, **of_unit,
        )  # fmt: skip
        session.add(note)
        session.flush()
        session.add(_message(DistrictMessage, note, by, NOTICE[1], noted))
        thread = session.get_one(CorrespondenceThread, (district_id, difficulty))
        session.add(_message(DistrictMessage, thread, by, DIFFICULTY[2], raised + ANSWERED_IN))
        session.commit()


def _message(
    model: type[DistrictMessage | SchoolMessage], thread: CorrespondenceThread, by: Writer, body: str,
    at: datetime,
) -> DistrictMessage | SchoolMessage:  # fmt: skip
    return model(
        district_id=thread.district_id, unit_id=thread.unit_id, thread_id=thread.id, staff_id=by.staff_id,
        author_name=by.name, body=body, written_at=at,
    )  # fmt: skip
