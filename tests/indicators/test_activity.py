"""When a school last entered anything: kept by the night from the change log, without a child's data."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from lxsaas.care.models import CareKind
from lxsaas.core.changes import ChangeLog
from lxsaas.indicators import engine
from lxsaas.indicators.models import SchoolActivity
from tests.factories import Factory, Place

NIGHT = date(2026, 3, 20)


def entered(factory: Factory, school: Place, at: datetime) -> None:
    """A change that was written down at an instant."""
    with factory.session(school.scope) as session:
        day = date(2026, 3, 1)
        session.add(ChangeLog(school_id=school.id, starts_on=day, ends_on=day, recorded_at=at))


def known(factory: Factory, district: Place) -> dict[int, date | None]:
    with factory.session(district.scope) as session:
        return {
            row[0]: row[1]
            for row in session.execute(select(SchoolActivity.unit_id, SchoolActivity.last_entry_on))
        }


@pytest.mark.usefixtures("in_app")
def test_the_newest_entry_counts_on_the_district_s_day(factory: Factory) -> None:
    district = factory.district()
    schools = [factory.school(district) for _ in range(3)]
    # 17:00 in UTC is the next morning in China.
    entered(factory, schools[0], datetime(2026, 3, 17, 17, tzinfo=UTC))
    entered(factory, schools[0], datetime(2026, 3, 16, 8, tzinfo=UTC))
    entered(factory, schools[1], datetime(2026, 3, 17, 15, 59, tzinfo=UTC))
    engine.run_as_of(district.id, NIGHT)
    days = [date(2026, 3, 18), date(2026, 3, 17), None]
    assert known(factory, district) == {school.id: day for school, day in zip(schools, days, strict=True)}
    # Older entries that arrive late take nothing back.
    entered(factory, schools[0], datetime(2026, 3, 2, tzinfo=UTC))
    engine.run_as_of(district.id, NIGHT)
    assert known(factory, district)[schools[0].id] == days[0]


@pytest.mark.usefixtures("in_app")
def test_a_school_whose_log_was_emptied_before_begins_with_its_newest_record(factory: Factory) -> None:
    district = factory.district()
    school = factory.school(district)
    teacher = factory.staff(school)
    pupil = factory.pupil(school, factory.school_class(school, teacher))
    for day in (9, 12):
        factory.care(school, pupil, teacher, CareKind.TALK, date(2026, 3, day))
    engine.run_as_of(district.id, NIGHT)
    assert known(factory, district) == {school.id: date(2026, 3, 12)}


@pytest.mark.usefixtures("in_app")
def test_no_other_district_and_no_school_reads_it(factory: Factory) -> None:
    district = factory.district()
    school = factory.school(district)
    engine.run_as_of(district.id, NIGHT)
    assert known(factory, factory.district()) == {}
    with pytest.raises(Exception, match="permission denied"), factory.session(school.scope) as session:
        session.execute(text("select * from school_activity"))
