"""The handbook page of the indicators, written from their declarations in both languages."""

from pathlib import Path

from babel.support import NullTranslations, Translations

from lxsaas.indicators.definitions import INDICATORS, PERIODS, Indicator, Period, Unit

_CATALOGUES = Path(__file__).parents[1] / "translations"
_PERIODS: dict[Period, str] = {"day": "Day 日", "month": "Month 月", "term": "Term 学期"}
_UNITS: dict[Unit, str] = {
    "children": "children 儿童",
    "visits": "must-visits 必访",
    "class_weeks": "class-weeks 班级周",
    "weeks": "weeks 周",
    "months": "months 月",
    "sessions": "sessions 课次",
    "lectures": "lectures 讲座",
    "teachers": "homeroom teachers 班主任",
    "filings": "filings 报表",
}
_INTRODUCTION = """\
# Indicators 指标

Written by `lxsaas indicators handbook` from `lxsaas/indicators/definitions.py`; a test compares the two. Each
is a whole number over a whole number; a rate is always the quotient of sums. Care targets are counted on the
as-of day: the last day of the period, in a running one the day of the night. Days are those of the district's
time zone. A week belongs to the month of its Sunday and counts when it is over, if Monday to Friday lie in
one term.

由程序中的定义自动生成。每项指标都是整数比整数，比率一律为合计之比。
关爱对象按截止日统计：周期已结束的取最后一天，进行中的取当晚。日期按区县所在时区。
一周归入其星期日所在的月份，周一至周五均在学期内且该周已过完才计入。
"""


def handbook() -> str:
    """The page as Markdown: every indicator by period, in the order of the definitions."""
    chinese = Translations.load(str(_CATALOGUES), ["zh_Hans_CN"])
    parts = [_INTRODUCTION]
    for period in PERIODS:
        parts.append(f"## {_PERIODS[period]}\n")
        parts += [_entry(one, chinese) for one in INDICATORS.values() if one.period == period]
    return "\n".join(parts)


def _entry(one: Indicator, chinese: NullTranslations) -> str:
    hidden = f"; small cells hidden (≤ {one.few})" if one.of_children else ""
    return (
        f"### `{one.code}` {chinese.gettext(one.name)} · {one.name}\n\n"
        f"{chinese.gettext(one.meaning)}\n{one.meaning}\n\n"
        f"{one.practice}; {_UNITS[one.unit]}; {_target(one)}; version {one.version}{hidden}.\n"
    )


def _target(one: Indicator) -> str:
    if one.target is None:
        return "no target 无目标"
    return f"target 目标 {one.target} %" if one.is_rate else f"target 目标 {one.target}"
