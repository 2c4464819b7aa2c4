"""What an annual summary tells: its sections, and every figure with its names and its definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lxsaas.core.messages import N_
from lxsaas.indicators.definitions import INDICATORS

Kind = Literal["count", "rate", "parts", "texts", "change"]
"""'parts': several counts with a label each; 'texts': words from the records; 'change': of a rate, against
the year before."""
BODY_LENGTH = 6000

SECTIONS: Mapping[str, tuple[str, str]] = {
    "situation": ("基本情况", N_("Situation")),
    "organisation": ("组织与制度", N_("Organisation and rules")),
    "archive": ("档案建设", N_("Files of the children")),
    "care": ("关爱任务完成情况", N_("Care and its duties")),
    "counselling": ("心理辅导", N_("Counselling in the year")),
    "activities": ("活动开展", N_("Activities of the year")),
    "home": ("留守儿童之家", N_("Children's home in the year")),
    "families": ("家长学校与五大网络", N_("Parents' school and networks")),
    "results": ("工作成效", N_("Results")),
    "cases": ("典型事例", N_("Cases told without names")),
    "difficulties": ("困难与建议", N_("Difficulties and requests")),
    "plan": ("下一学年打算", N_("Plan for the next year")),
}
"""By code, the name as a field of a template, and the heading. 'cases' is left out where it is empty."""
OPTIONAL = frozenset({"cases"})

DUTIES = (
    "teacher_paired", "pupil_paired", "plan_ready", "talk_monthly", "home_visit_monthly",
    "parent_call_monthly", "parent_letter_termly", "three_way_monthly", "family_phone_monthly",
    "must_visit_on_time", "high_risk_followed", "birthday_greeted",
)  # fmt: skip
"""Indicators that are told with their change against the year before."""
_INDICATOR_WORDS = {
    "left_behind_share": "留守儿童占比", "care_targets": "关爱对象人数", "archive_complete": "档案完整率",
    "teacher_paired": "教师结对率", "pupil_paired": "同伴结对率", "plan_ready": "帮扶计划率",
    "talk_monthly": "谈心覆盖率", "home_visit_monthly": "家访覆盖率", "parent_call_monthly": "家长通话率",
    "parent_letter_termly": "致家长信率", "three_way_monthly": "三沟通率",
    "family_phone_monthly": "亲情电话率", "must_visit_on_time": "五必访及时率",
    "high_risk_followed": "高风险跟进率", "weekly_activity": "班队活动率",
    "group_meeting_monthly": "领导小组会议率", "home_open_weekly": "留守之家开放率",
    "parents_school_held": "家长学校举办率", "parents_school_attendance": "家长到课率",
    "safety_lecture": "安全法制讲座率", "activity_reach": "活动参与率", "exam_progress": "学业进步率",
    "drop_outs": "辍学人数", "birthday_greeted": "生日关怀率", "plan_read": "方案签收率",
    "filing_on_time": "按时报送率",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure: its names, what it means, how it is shown."""

    code: str
    word: str
    """The Chinese name by which a text or a template asks for it."""
    name: str
    """Message id."""
    meaning: str
    """Message id."""
    kind: Kind
    version: int = 1


def _count(code: str, word: str, name: str, meaning: str) -> Figure:
    return Figure(code, word, name, meaning, "count")


def _parts(code: str, word: str, name: str, meaning: str) -> Figure:
    return Figure(code, word, name, meaning, "parts")


_OWN: Sequence[Figure] = (
    _count("enrolled", "在校学生数", N_("Pupils enrolled"), N_("Pupils enrolled on the day.")),
    _count(
        "left_behind", "留守儿童数", N_("Left-behind children"),
        N_("Enrolled pupils who are left behind on the day by the register's definition."),
    ),
    _parts(
        "left_behind_kinds", "留守类型", N_("Left-behind children by kind"),
        N_("Left-behind children of the day: both parents away, one parent away."),
    ),
    _parts(
        "left_behind_grades", "年级分布", N_("Left-behind children by grade"),
        N_("Left-behind children of the day, by the grade of their class on that day."),
    ),
    Figure(
        "left_behind_guardians", "在家照护人", N_("Left-behind children by guardian at home"),
        N_(
            "Left-behind children of the day, by a temporary guardian of that day, else by whom their file, "
            "or the family’s page, says to live with them."
        ),
        "parts", version=2,
    ),
    _parts(
        "left_behind_boarding", "寄宿情况", N_("Left-behind children, boarding or day"),
        N_("Left-behind children of the day, boarding or not according to the register."),
    ),
    _count(
        "group_members", "领导小组人数", N_("Members of the leading group"),
        N_("Members of the leading group in the last term of the year."),
    ),
    _count("meetings", "会议次数", N_("Meetings held"), N_("Meetings of the leading group in the year.")),
    _count(
        "decisions", "决定事项数", N_("Decisions made"), N_("Decisions of the year's meetings."),
    ),
    _count(
        "decisions_done", "落实事项数", N_("Decisions carried out"),
        N_("Decisions of the year's meetings that are done."),
    ),
    _count(
        "plans", "方案数", N_("Plans published"),
        N_("Plans that were published by the end of the period; of several editions one."),
    ),
    _count(
        "rules", "制度数", N_("Rules published"),
        N_("Rules that were published by the end of the period; of several editions one."),
    ),
    Figure(
        "readings", "签收确认率", N_("Readings confirmed"),
        N_("Copies of plans and rules handed out in the year and confirmed / handed out in the year."),
        "rate",
    ),
    _parts(
        "care_kinds", "关爱记录", N_("Care records by kind"),
        N_("Care records of the year that were not withdrawn, by kind."),
    ),
    _count(
        "cases_opened", "新建个案数", N_("Counselling cases opened"),
        N_("Counselling cases opened in the year; counts only."),
    ),
    _count(
        "cases_closed", "结案数", N_("Counselling cases closed"),
        N_("Counselling cases closed in the year; counts only."),
    ),
    _count(
        "counselling_sessions", "辅导次数", N_("Counselling talks"),
        N_("Counselling talks held in the year; counts only."),
    ),
    _count(
        "letterbox_letters", "信箱来信数", N_("Letters in the letterbox"),
        N_("Letters that children put into the letterbox in the year; counts only."),
    ),
    _count("activities_held", "活动次数", N_("Activities held"), N_("Activities of the school in the year.")),
    _parts(
        "activity_kinds", "活动类型", N_("Activities by kind"),
        N_("Activities of the school in the year, by kind."),
    ),
    _count(
        "activity_children", "活动参加人数", N_("Children who joined activities"),
        N_("Children who joined at least one activity in the year."),
    ),
    _count(
        "activity_joined", "活动参加人次", N_("Times a child joined an activity"),
        N_("Participations of children in the year's activities."),
    ),
    _count(
        "openings", "开放次数", N_("Openings of the children's home"),
        N_("Openings of the children's home in the year."),
    ),
    _count(
        "home_visits", "到室人次", N_("Visits to the children's home"),
        N_("Children named as present at the year's openings, counted each time."),
    ),
    _count(
        "home_calls", "之家通话次数", N_("Calls from the children's home"),
        N_("Calls to parents that were logged at the year's openings."),
    ),
    _count(
        "parents_sessions", "家长学校次数", N_("Sessions held by the parents' school"),
        N_("Sessions of the parents' school in the year."),
    ),
    _count(
        "parents_attended", "家长到课人次", N_("Families at the parents' school"),
        N_("Children of whose family somebody was present, counted at each session of the year."),
    ),
    _parts(
        "family_events", "家校活动", N_("Home and school events"),
        N_("Parents' meetings, open days and days of visits in the year, by kind."),
    ),
    _count(
        "network_contacts", "网络联系人数", N_("Contacts of the five networks"),
        N_("Contacts of the five networks entered by the end of the period and not withdrawn."),
    ),
    _count(
        "referrals", "转介数", N_("Referrals made"),
        N_("Children referred to a network in the year, by case."),
    ),
    _count(
        "referrals_settled", "转介办结数", N_("Referrals settled"),
        N_("Referrals of the year that are settled."),
    ),
    _parts(
        "awards", "表彰情况", N_("Awards given"),
        N_("Nominations of the school year that were awarded, by kind."),
    ),
    _count(
        "returned", "劝返人数", N_("Drop-outs who came back"),
        N_("Children who came back to school in the year after dropping out."),
    ),
    _count("absences", "缺勤次数", N_("Absences noted"), N_("Absences noted in the year, excused or not.")),
    _count(
        "aided", "受资助人数", N_("Children who received aid"),
        N_("Children who received a subsidy or support at least once in the year."),
    ),
    _count(
        "difficulties_raised", "困难数", N_("Difficulties raised"),
        N_("Difficulties that the school raised with the district in the year."),
    ),
    _count(
        "difficulties_answered", "困难答复数", N_("Difficulties answered"),
        N_("Difficulties of the year that the district answered or closed."),
    ),
    Figure(
        "difficulty_titles", "困难事项", N_("Matters of the difficulties"),
        N_("The matters of the difficulties raised in the year, as they were written."), "texts",
    ),
    _count(
        "requests", "来函数", N_("Requests of the district"),
        N_("Notices and requests that the district sent to the school in the year."),
    ),
    _count(
        "requests_settled", "来函办理数", N_("Requests settled"),
        N_("Notices and requests of the year that were answered or closed."),
    ),
    Figure(
        "short_of_target", "低于目标的任务", N_("Short of the target"),
        N_("Rates of the year below the district's target, those furthest below first, at most five."),
        "texts",
    ),
)  # fmt: skip


def _indicator_figures() -> list[Figure]:
    found = []
    for code, word in _INDICATOR_WORDS.items():
        one = INDICATORS[code]
        kind: Kind = "rate" if one.is_rate else "count"
        found.append(Figure(code, word, one.name, one.meaning, kind, one.version))
        if code in DUTIES:
            meaning = N_("Rate of the year less that of the year before, in percentage points.")
            found.append(Figure(f"{code}_change", f"{word}比上年", one.name, meaning, "change", one.version))
    return found


FIGURES: Mapping[str, Figure] = {one.code: one for one in (*_OWN, *_indicator_figures())}
BY_WORD: Mapping[str, Figure] = {name: one for one in FIGURES.values() for name in (one.code, one.word)}
