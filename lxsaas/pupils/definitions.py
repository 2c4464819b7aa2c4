"""Who counts as left behind depends on who asks: definitions as data, evaluated on the same dated facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxsaas.core.messages import N_


@dataclass(frozen=True)
class Definition:
    """Conditions that hold on a day together (domain document, 'definition')."""

    code: str
    name: str
    """Message id."""
    source: str
    months: int
    """An absence counts once it has lasted so long, in calendar months."""
    one_parent: bool
    """Whether one parent away is enough by itself."""
    one_if_other_unable: bool = False
    """Whether one parent away is enough where the other is unable to care."""
    below_age: int | None = None
    rural_only: bool = False
    grades: tuple[int, int] | None = None
    """First and last grade that count."""
    version: int = 1


DEFINITIONS: Mapping[str, Definition] = {
    one.code: one
    for one in (
        Definition(
            "register",
            N_("National student register"),
            "全国中小学生学籍信息管理系统: a parent away three months or more",
            months=3,
            one_parent=True,
        ),
        Definition(
            "state_council_2016",
            N_("State Council 2016"),
            "国发〔2016〕13号: both away, or one away and the other unable to care; under 16; rural",
            months=0,
            one_parent=False,
            one_if_other_unable=True,
            below_age=16,
            rural_only=True,
        ),
        Definition(
            "state_council_2016_3m",
            N_("State Council 2016, three months or more"),
            "国发〔2016〕13号 with three months: what the indicators count unless the district chose another",
            months=3,
            one_parent=False,
            one_if_other_unable=True,
            below_age=16,
            rural_only=True,
        ),
        Definition(
            "education_statistics",
            N_("Education statistics"),
            "教育事业统计: one or both away six months or more; compulsory grades",
            months=6,
            one_parent=True,
            grades=(1, 9),
        ),
        Definition(
            "school_practice",
            N_("School practice"),
            "both away three months or more without a break; rural",
            months=3,
            one_parent=False,
            rural_only=True,
        ),
    )
}
