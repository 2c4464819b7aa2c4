"""Annual summaries of the demonstration schools: of the last year, final at the first, drafts elsewhere."""

from datetime import date

from sqlalchemy import select

from lxsaas.accounts.models import Staff
from lxsaas.core.scope import acting_for_school, looking_up
from lxsaas.document_templates.languages import translator
from lxsaas.evaluation.years import year_of
from lxsaas.extensions import session_for
from lxsaas.schools.models import School
from lxsaas.summaries import actions, queries

CASE = (
    "三年级一名学生父母都在外务工，刚来时不爱说话。班主任每周和他谈心，结对同学陪他读书，"
    "一个学期后他主动报名参加了朗诵。"
)
PLAN = (
    "下一学年开学第一个月完成摸底和建档，每月底由领导小组核对谈心、家访和通话的完成情况，没有做到的当月补上。"
)


def add_summaries(district_id: int, today: date) -> None:
    """A summary of the last school year that is over, of each school."""
    with session_for(looking_up()) as session:
        schools = session.execute(
            select(School.id, School.name).where(School.district_id == district_id).order_by(School.id)
        ).all()
    for number, (school_id, name) in enumerate(schools):
        with session_for(acting_for_school(school_id, district_id=district_id)) as session:
            principal = session.scalars(
                select(Staff.id).where(Staff.school_id == school_id, Staff.username == "principal")
            ).one()
            place = actions.Place(school_id, district_id, name, "Asia/Shanghai", today)
            summary = actions.begin_summary(
                session, place, year=year_of(today) - 1, language="zh", translate=translator("zh"),
                by=principal,
            )  # fmt: skip
            if number == 0:
                for section in session.scalars(queries.sections_of(summary)):
                    words = {"cases": CASE, "plan": PLAN}.get(section.code)
                    if words:
                        actions.write_section(session, summary, section, text=words, by=principal)
                actions.freeze_summary(
                    session, summary, version=summary.version, missing=1, accepts_missing=True, by=principal
                )
            session.commit()
