"""A district with figures, and subscriptions of its people, for tests of letters and of what is owed."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from lxsaas.care.models import CareKind
from lxsaas.indicators import engine
from lxsaas.reports.models import ReportSubscription
from tests.factories import Factory, Place

NIGHT = date(2026, 5, 31)
"""A Sunday and the last day of a month."""
CHILD = "留守童不可见"
"""A name that stands nowhere but in the archive."""


@dataclass
class Town:
    """Two schools of a township: twelve care targets of whom nine were talked with, and two care targets."""

    district: Place
    township_id: int
    schools: list[Place]


def town(factory: Factory) -> Town:
    district = factory.district()
    township_id = factory.township(district)
    schools = []
    for size, targets, talks in ((24, 12, 9), (8, 2, 0)):
        school = factory.school(district, township_id)
        teacher = factory.staff(school)
        class_id = factory.school_class(school, teacher)
        for number in range(size):
            pupil = factory.pupil(school, class_id, name=CHILD)
            if number < targets:
                factory.left_behind(school, pupil)
            if number < talks:
                factory.care(school, pupil, teacher, CareKind.TALK, NIGHT)
        schools.append(school)
    return Town(district, township_id, schools)


def count(place: Place, *days: date) -> None:
    """Works off the nights of these days; who subscribed is owed nothing by it."""
    for day in days:
        engine.run_as_of(place.id, day)


def subscription(report: str, level: str, unit_id: int, district_id: int, **more: Any) -> ReportSubscription:
    """One that is in no database."""
    given = {"staff_id": 1, "send_at": time(6, 30), "with_workbook": False} | more
    return ReportSubscription(
        id=1, district_id=district_id, report=report, level=level, unit_id=unit_id, **given
    )
