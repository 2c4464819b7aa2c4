"""What the demonstration's district was told and did about it: alarms, some acknowledged, and threads."""

from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.alarms import queries as alarms
from lxsaas.alarms.actions import acknowledge_alarm
from lxsaas.alarms.evaluation import judge_rules
from lxsaas.core import clock
from lxsaas.core.scope import acting_for_district, acting_for_school
from lxsaas.correspondence.actions import Writer, raise_difficulty, write_message, write_to_schools
from lxsaas.correspondence.models import CorrespondenceThread
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import SchoolActivity
from lxsaas.schools.models import School

SILENT = timedelta(days=19)
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
