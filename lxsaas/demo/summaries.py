"""Annual summaries of the demonstration schools: of the last year, sent by some, drafts elsewhere."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.core.scope import acting_for_district, acting_for_school, looking_up
from lxsaas.demo.filing import DUE_IN
from lxsaas.document_templates.languages import translator
from lxsaas.extensions import session_for
from lxsaas.schools.models import School
from lxsaas.schools.years import year_of
from lxsaas.summaries import actions, queries
from lxsaas.summaries.calling import set_due_day
from lxsaas.summaries.document import Shown
from lxsaas.summaries.models import AnnualSummary
from lxsaas.summaries.sending import send_summary

CASES = (
    "三年级一名学生父母都在外务工，刚来时不爱说话。班主任每周和他谈心，结对同学陪他读书，"
    "一个学期后他主动报名参加了朗诵。",
    "一名住校生周末常常不愿回家。走访后得知爷爷身体不好，学校联系村里安排照看，现在每周按时回家。",
    "五年级一名学生成绩下滑，父亲在外地着急。学校约定每周三视频，由科任教师当面说情况，期末进步明显。",
)
SENT = len(CASES)
"""So many schools have sent theirs."""
PLAN = (
    "下一学年开学第一个月完成摸底和建档，每月底由领导小组核对谈心、家访和通话的完成情况，没有做到的当月补上。"
)


def add_summaries(district_id: int, today: date) -> None:
    """A summary of the last school year that is over, of each school; by when the district wants them."""
    with session_for(looking_up()) as session:
        schools = session.execute(
            select(School.id, School.name).where(School.district_id == district_id).order_by(School.id)
        ).all()
    with session_for(acting_for_district(district_id)) as session:
        by = session.scalars(select(DistrictStaff.id).where(DistrictStaff.username == "officer")).one()
        set_due_day(
            session, district_id=district_id, year=year_of(today) - 1, due_on=today + DUE_IN, today=today,
            by=by,
        )  # fmt: skip
        session.commit()
    for number, (school_id, name) in enumerate(schools):
        with session_for(acting_for_school(school_id, district_id=district_id)) as session:
            principal = session.scalars(
                select(Staff).where(Staff.school_id == school_id, Staff.username == "principal")
            ).one()
            place = actions.Place(school_id, district_id, name, "Asia/Shanghai", today)
            summary = actions.begin_summary(
                session, place, year=year_of(today) - 1, language="zh", translate=translator("zh"),
                by=principal.id,
            )  # fmt: skip
            if number < SENT:
                _send(session, summary, district_id, CASES[number], principal)
            session.commit()


def _send(session: Session, summary: AnnualSummary, district_id: int, case: str, principal: Staff) -> None:
    """The last words, final, sent to the district."""
    for section in session.scalars(queries.sections_of(summary)):
        words = {"cases": case, "plan": PLAN}.get(section.code)
        if words:
            actions.write_section(session, summary, section, text=words, by=principal.id)
    missing = len(_shown(session, summary).missing)
    content = []

    def render(final: AnnualSummary) -> bytes:
        content.append(_shown(session, final).word(None))
        return content[0]

    actions.freeze_summary(
        session, summary, version=summary.version, missing=missing, accepts_missing=True, render=render,
        by=principal.id,
    )  # fmt: skip
    send_summary(
        session, summary, content=content[0], missing=missing, confirmed=True, district_id=district_id,
        by=principal,
    )  # fmt: skip


def _shown(session: Session, summary: AnnualSummary) -> Shown:
    bodies = {one.code: one.body for one in session.scalars(queries.sections_of(summary))}
    return Shown(summary, bodies, translator("zh"), "Asia/Shanghai")
