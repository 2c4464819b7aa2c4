"""Published figures without schools behind them: what alarms are judged by."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from lxsaas.alarms import evaluation
from lxsaas.alarms.definitions import KINDS
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.scope import aggregating, operating
from lxsaas.indicators.actions import set_target
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun, IndicatorUnit, SchoolActivity
from lxsaas.schools.models import Term
from tests.factories import Factory, Place

Shown = tuple[Any, ...]
"""Numerator and denominator; then the sign under which they are hidden, and the slack."""


@dataclass
class Nights:
    """A district whose nights are written by hand."""

    factory: Factory
    district: Place
    schools: list[Place]

    def school_ids(self) -> list[int]:
        return [school.id for school in self.schools]

    def show(self, code: str, starts_on: date, *shown: Shown, level: str = "school") -> None:
        """Publishes a period of one indicator: of each school, or of the unit of another level."""
        units = self.school_ids() if level == "school" else [self.district.id]
        with self.factory.session(aggregating(self.district.id, ())) as session:
            for unit_id, one in zip(units, shown, strict=False):
                key = {
                    "district_id": self.district.id, "level": level, "unit_id": unit_id, "indicator": code,
                    "starts_on": starts_on,
                }  # fmt: skip
                session.execute(delete(DistrictIndicator).filter_by(**key))
                numerator, denominator, hidden, slack = one + (None, 0)[len(one) - 2 :]
                session.add(
                    DistrictIndicator(
                        **key, written_to=starts_on, numerator=numerator, denominator=denominator,
                        hidden=hidden, slack=slack, schools_reporting=1, schools_expected=1,
                    )
                )  # fmt: skip

    def night(self, day: date, *, dead: int = 0, state: str = "done") -> None:
        """A run of the day, of which some schools were given up."""
        with self.factory.session(aggregating(self.district.id, self.school_ids())) as session:
            number = session.query(IndicatorRun).filter_by(as_of=day).count()
            run = IndicatorRun(
                district_id=self.district.id, as_of=day, state=state, number=number,
                schools_expected=len(self.schools),
            )  # fmt: skip
            session.add(run)
            session.flush()
            for position, school_id in enumerate(self.school_ids()):
                done = "done" if state == "done" else "pending"
                session.add(
                    IndicatorUnit(
                        school_id=school_id, run_id=run.id, state="dead" if position < dead else done
                    )
                )

    def term(self, first: date, last: date) -> None:
        with self.factory.session(operating()) as session:
            session.add(Term(district_id=self.district.id, name=str(first), starts_on=first, ends_on=last))

    def entered(self, school: Place, day: date | None) -> None:
        """The day of the school's last entry."""
        with self.factory.session(aggregating(self.district.id, ())) as session:
            session.merge(SchoolActivity(district_id=self.district.id, unit_id=school.id, last_entry_on=day))

    def target(self, code: str, target: int | None, since: date) -> None:
        with self.factory.session(self.district.scope) as session:
            set_target(session, district_id=self.district.id, code=code, target=target, since=since, by=None)

    def rule(self, kind: str, **values: object) -> int:
        """The only rule of the district that is in force."""
        given = {"level": KINDS[kind].levels[0], "delivery": "digest"} | values
        with self.factory.session(self.district.scope) as session:
            rule = AlarmRule(district_id=self.district.id, kind=kind, **given)
            session.add(rule)
            session.flush()
            return rule.id

    def judge(self, day: date, hour: int = 2, kinds: tuple[str, ...] = tuple(KINDS)) -> list[int]:
        """The morning after a day, Chinese time."""
        now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=hour - 8)
        with self.factory.session(aggregating(self.district.id, self.school_ids())) as session:
            return evaluation.judge_rules(session, self.district.id, now=now, kinds=kinds)

    def alarms(self, *, still_open: bool = True) -> list[Alarm]:
        query = select(Alarm).where(Alarm.district_id == self.district.id).order_by(Alarm.id)
        if still_open:
            query = query.where(Alarm.closed_at.is_(None))
        with self.factory.session(self.district.scope) as session:
            found = list(session.scalars(query))
            session.expunge_all()
        return found

    def alarmed(self) -> list[int]:
        """For which units an alarm is open, by position of the school."""
        return sorted(self.school_ids().index(one.unit_id) for one in self.alarms() if one.level == "school")


@pytest.fixture
def nights(factory: Factory) -> Nights:
    """A district of four schools in which only the rules of the test are in force."""
    district = factory.district()
    made = Nights(factory, district, [factory.school(district) for _ in range(4)])
    made.judge(date(2020, 1, 1))
    with factory.session(district.scope) as session:
        session.execute(text("update alarm_rule set is_active = false"))
    return made
