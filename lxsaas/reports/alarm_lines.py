"""Alarms in letters: one that is told at once, and in digests those that stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.orm import Session

from lxsaas.alarms import letter as alarm_letter
from lxsaas.alarms.labels import alarm_title, alarm_value
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.alarms.queries import Reach, alarms_of, open_alarms, township_of
from lxsaas.reports.letter import Letter

IN_LETTERS = ("night", "week")
"""The reports that tell which alarms stand."""
LISTED = 10
"""Alarms of a letter, those that nobody acknowledged first: who wants all opens the page."""


@dataclass(frozen=True)
class AlarmLine:
    """An alarm that stands; of no session."""

    unit_name: str
    alarm: Alarm
    rule: AlarmRule

    @property
    def title(self) -> str:
        """In the language in force."""
        return alarm_title(self.alarm, self.rule)

    @property
    def value(self) -> str:
        return alarm_value(self.alarm, self.rule)

    @property
    def since(self) -> date:
        """The night on which it was raised."""
        return self.alarm.as_of


def standing_alarms(session: Session, district_id: int, level: str, unit_id: int) -> Sequence[AlarmLine]:
    """What stands open for a district, a township with its schools, or a school."""
    # A letter goes to whoever gets this report: of mandatory reports officers alone are told, at once.
    query = open_alarms(district_id, Reach(sees_harm=False)).where(_is_in(level, unit_id))
    lines = [AlarmLine(row[2], row[0], row[1]) for row in session.execute(query.limit(LISTED))]
    # Letters outlive the transaction in which they were read.
    for one in {id(row): row for line in lines for row in (line.alarm, line.rule)}.values():
        session.expunge(one)
    return lines


def newest_alarm(
    session: Session, district_id: int, level: str, unit_id: int, *, sees_harm: bool
) -> int | None:
    """The id of the alarm that was raised last for a district, a township with its schools, or a school."""
    query = alarms_of(district_id, Reach(sees_harm=sees_harm)).where(_is_in(level, unit_id))
    return session.scalar(query.with_only_columns(Alarm.id).order_by(None).order_by(Alarm.id.desc()).limit(1))


def _is_in(level: str, unit_id: int) -> ColumnElement[bool]:
    """Over what `alarms_of` joins: that an alarm is of a unit."""
    if level == "township":
        return township_of() == unit_id
    return true() if level == "district" else and_(Alarm.level == "school", Alarm.unit_id == unit_id)


def write_alarm(
    session: Session, alarm_id: int, language: str | None, unsubscribe: str, *, sees_harm: bool
) -> Letter | None:
    """The letter about one alarm; None where there is none of this id that its reader may see."""
    found = alarm_letter.write(session, alarm_id, language, unsubscribe, Reach(sees_harm=sees_harm))
    return None if found is None else Letter(found.subject, found.text, found.html)
